"""Unified diffs of texts of any length: comparing all lines with all takes the square of their number."""

from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise

_LONG = 2_000
"""Lines of a text beyond which it is compared part by part."""

_PART = 100
"""Lines that a part has at least."""


class _InParts(SequenceMatcher[str]):
    """Compares long texts part by part: what stands between lines that occur once in each."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        self._before, self._after = before, after
        super().__init__(None, (), ())
        self.a, self.b = before, after

    def get_matching_blocks(self) -> list[Match]:
        """Return what both texts have in common, in order; an empty match ends the list."""
        found: list[Match] = []
        for (one, other), (one_end, other_end) in pairwise(_seams(self._before, self._after)):
            part = SequenceMatcher(None, self._before[one:one_end], self._after[other:other_end])
            for at in part.get_matching_blocks()[:-1]:
                here = Match(at.a + one, at.b + other, at.size)
                if found and (found[-1].a + found[-1].size, found[-1].b + found[-1].size) == (here.a, here.b):
                    here = Match(found[-1].a, found[-1].b, found.pop().size + here.size)
                found.append(here)
        return [*found, Match(len(self._before), len(self._after), 0)]


def unified(before: Sequence[str], after: Sequence[str], old: str, new: str, context: int) -> Iterator[str]:
    """Yield the lines of a unified diff; `old` and `new` are the names in its heading."""
    long = max(len(before), len(after)) > _LONG
    matcher = _InParts(before, after) if long else SequenceMatcher(None, before, after)
    for number, group in enumerate(matcher.get_grouped_opcodes(context)):
        if number == 0:
            yield from (f"--- {old}\n", f"+++ {new}\n")
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, one, one_end, other, other_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[one:one_end])
            else:
                yield from (f"-{line}" for line in before[one:one_end])
                yield from (f"+{line}" for line in after[other:other_end])


def _range(start: int, end: int) -> str:
    """Return lines as the heading of a hunk has them: the first one counts from 1, or none stand after it."""
    count = end - start
    return str(start + 1) if count == 1 else f"{start + bool(count)},{count}"


def _seams(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where the parts of both texts begin, and last where the texts end."""
    yield (last := (0, 0))
    there = _once(after)
    for line, one in _once(before).items():
        other = there.get(line, -1)
        if one - last[0] >= _PART and other > last[1]:
            yield (last := (one, other))
    yield len(before), len(after)


def _once(lines: Sequence[str]) -> dict[str, int]:
    """Return the lines that occur once, in order, with their numbers."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines):
        found[line] = -1 if line in found else number
    return {line: number for line, number in found.items() if number >= 0}
