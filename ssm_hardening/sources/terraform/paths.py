"""Paths as the user would type them, and the files behind them."""

import os
import stat
from pathlib import Path

from ssm_hardening.errors import UnreadableError

_MOST = 16_000_000
"""Larger files are not even searched; the parser's own limit is lower."""


def display(path: Path) -> str:
    """Return the path relative to the working directory where it lies below it, as it is elsewhere."""
    absolute = path if path.is_absolute() else Path.cwd() / path
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def regular_bytes(path: Path | str) -> bytes:
    """Return the content of a regular file.

    Raises UnreadableError for a pipe or a device, which may never end, and for a file far too large; else OSError.
    """
    # Without O_NONBLOCK, opening a pipe would wait for somebody to write.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(display(Path(path)), 0, "a pipe or a device, not a file")
        if status.st_size > _MOST:
            raise UnreadableError(display(Path(path)), 0, f"{status.st_size:,} bytes, more than can be code")
        return file.read()


def is_file(path: Path) -> bool:
    """Say whether there is a file that we may look at."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Say whether there is a folder that we may look at."""
    try:
        return path.is_dir()
    except OSError:
        return False
