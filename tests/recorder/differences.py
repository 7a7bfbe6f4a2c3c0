"""Unified differences of two recorded folders, by subject and artifact."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from tests.recorder import manifest

_GONE = "/dev/null"


def differences(before: Path, after: Path) -> Iterator[str]:
    """Yield the lines of a difference between all that two folders hold, as `diff -u` prints them."""
    subjects = manifest.changed(*(manifest.read(folder / "recorded.txt") for folder in (before, after)))
    for subject in subjects:
        names = {name for folder in (before, after) for name in _files(folder / subject)}
        for name in sorted(names):
            yield from _difference(before / subject / name, after / subject / name, f"{subject}/{name}")


def _files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _difference(before: Path, after: Path, name: str) -> Iterator[str]:
    one, other = (_lines(path) for path in (before, after))
    if one == other:
        return
    was, is_ = (name if path.is_file() else _GONE for path in (before, after))
    yield from (line.rstrip("\n") for line in difflib.unified_diff(one, other, was, is_))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="backslashreplace").splitlines() if path.is_file() else []
