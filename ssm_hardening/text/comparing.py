"""Unified diffs of texts of any length: comparing all lines with all takes the square of their number."""

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import islice

_LONG = 2_000
"""Lines of a text beyond which it is compared part by part."""

_PART = 500
"""Lines that a part has at least."""

_HUNK = re.compile(r"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


def unified(before: Sequence[str], after: Sequence[str], old: str, new: str, context: int) -> Iterator[str]:
    """Yield the lines of a unified diff; `old` and `new` are the names in its heading."""
    start = (0, 0)
    headed = False
    for end in (*_seams(before, after, context), (len(before), len(after))):
        (one, other), (one_end, other_end) = start, end
        lines = unified_diff(before[one:one_end], after[other:other_end], old, new, n=context)
        heading = list(islice(lines, 2))
        yield from () if headed else heading
        headed = headed or bool(heading)
        yield from (_placed(line, one, other) if line.startswith("@@") else line for line in lines)
        start = end


def _placed(hunk: str, one: int, other: int) -> str:
    """Return the heading of a hunk of a part, by its place in the whole."""
    return _HUNK.sub(lambda at: f"@@ -{int(at[1]) + one}{at[2]} +{int(at[3]) + other}{at[4]} @@", hunk)


def _seams(before: Sequence[str], after: Sequence[str], context: int) -> Iterator[tuple[int, int]]:
    """Yield where two long texts are the same on either side of a line that occurs once in each, so that no hunk ends.

    A seam stands further from any change than a hunk reaches.
    """
    if max(len(before), len(after)) <= _LONG:
        return
    there = _once(after)
    last, other_last, reach = 0, 0, context + 1
    for line, one in _once(before).items():
        other = there.get(line, -1)
        if one - last < _PART or other - other_last < reach or one < reach:
            continue
        if before[one - reach : one + reach] == after[other - reach : other + reach]:
            yield one, other
            last, other_last = one, other


def _once(lines: Sequence[str]) -> dict[str, int]:
    """Return the lines that occur once, in order, with their numbers."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines):
        found[line] = -1 if line in found else number
    return {line: number for line, number in found.items() if number >= 0}
