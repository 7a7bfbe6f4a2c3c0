"""Files that this run has written and not verified yet: what it says where it ends before it has."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from shlex import quote

_written: dict[Path, tuple[str, ...]] = {}
"""Of the whole process: whatever ends it early must know, wherever the files were written."""

_SHOWN = 20


def wrote(folder: Path, names: Iterable[str]) -> None:
    """Note files that were written into a folder."""
    _written[folder.absolute()] = tuple(names)


def verified() -> None:
    """Note that all were verified."""
    _written.clear()


def left() -> Iterator[str]:
    """Say which files are there without having been verified, one line for each folder."""
    for folder, names in _written.items():
        found = [name for name in names if (folder / name).is_file()]
        more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        if found:
            shown = f"{', '.join(found[:_SHOWN])}{more}"
            yield f"written but not verified in {folder}: {shown}; run `ssm-harden verify {quote(str(folder))}`"
