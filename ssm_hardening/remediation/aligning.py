"""Lines set out as `terraform fmt` does: `=` and comments of neighbouring lines under one another.

Only lines next to a changed one are touched, and only where they were set out so before.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_ASSIGNMENT = re.compile(r'(?P<lead>[ \t]*(?:[\w.-]+|"(?:[^"\\]|\\.)*"|\([^()=]*\)))(?P<gap>[ \t]*)=(?![=>])[ \t]*')
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPEN = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


@dataclass(frozen=True, slots=True)
class _Line:
    lead: str
    value: str
    comment: str

    def text(self, *, lead: int, value: int) -> str:
        body = f"{self.lead.ljust(lead)} = {self.value}"
        return f"{body.ljust(lead + 3 + value)} {self.comment}" if self.comment else body


def align(text: str, touched: Iterable[int]) -> str:
    """Return the text with the lines around the touched ones (numbers from 0) set out anew."""
    lines = text.split("\n")
    changed = set(touched)
    for start, end in _runs(lines, changed):
        _align_run(lines, start, end, changed)
    return "\n".join(lines)


def _runs(lines: Sequence[str], touched: set[int]) -> list[tuple[int, int]]:
    runs: set[tuple[int, int]] = set()
    for number in touched | {each - 1 for each in touched if each and _opens(lines, each)}:
        if number < len(lines) and _parse(lines[number]) is not None:
            start = end = number
            while start > 0 and _parse(lines[start - 1]) is not None:
                start -= 1
            while end + 1 < len(lines) and _parse(lines[end + 1]) is not None:
                end += 1
            runs.add((start, end + 1))
    return sorted(runs)


def _opens(lines: Sequence[str], number: int) -> bool:
    """Say whether an assignment goes on in the next lines, and so is not set out with the lines above it any more."""
    return number < len(lines) and _parse(lines[number]) is None and _ASSIGNMENT.match(lines[number]) is not None


def _align_run(lines: list[str], start: int, end: int, changed: set[int]) -> None:
    parsed = [line for line in map(_parse, lines[start:end]) if line is not None]
    others = [number for number in range(start, end) if number not in changed]
    if len({_column(lines[number]) for number in others}) > 1 or len(parsed) != end - start:
        return
    lead = max(len(line.lead) for line in parsed)
    for run_start, run_end in _comment_runs(parsed):
        value = max(len(line.value) for line in parsed[run_start:run_end])
        for offset in range(run_start, run_end):
            lines[start + offset] = parsed[offset].text(lead=lead, value=value)


def _comment_runs(parsed: Sequence[_Line]) -> list[tuple[int, int]]:
    """Return the stretches of lines that all have a comment, and all others one by one."""
    runs: list[tuple[int, int]] = []
    for number, line in enumerate(parsed):
        if line.comment and runs and runs[-1][1] == number and parsed[number - 1].comment:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs


def _column(line: str) -> int:
    found = _ASSIGNMENT.match(line)
    return found.end("gap") if found else -1


def _parse(line: str) -> _Line | None:
    """Return the line as an assignment that is whole on its line, or None."""
    found = _ASSIGNMENT.match(line)
    if found is None or line.endswith("\r"):
        return None
    rest = line[found.end() :]
    comment = _comment_start(rest)
    value = rest[:comment].rstrip()
    bare = _STRINGS.sub('""', value)
    if not value or "<<" in bare or "/*" in bare or sum(_OPEN.get(character, 0) for character in bare) != 0:
        return None
    return _Line(found["lead"], value, rest[comment:].rstrip())


def _comment_start(rest: str) -> int:
    masked = _STRINGS.sub(lambda found: "_" * len(found[0]), rest)
    starts = [at for at in (masked.find("#"), masked.find("//")) if at >= 0]
    return min(starts, default=len(rest))
