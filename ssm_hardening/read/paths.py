"""Paths as the user would type them, and the files behind them."""

import fcntl
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UnreadableError


@dataclass(frozen=True, slots=True)
class Bounds:
    """The folders that the user named, resolved: without a repository, what lies below one belongs together."""

    named: tuple[Path, ...] = ()

    def allow(self, path: Path, *folders: Path) -> bool:
        """Say whether a resolved path may be read for code in one of these resolved folders."""
        limits = (self._limit(folder) for folder in folders)
        return any(path.is_relative_to(limit) and ".git" not in path.relative_to(limit).parts for limit in limits)

    def followed(self, path: Path, *folders: Path) -> Path | None:
        """Return a path with its links followed; None where one of them leads out of what the folders may read."""
        link = next((each for each in reversed((path, *path.parents)) if each.is_symlink()), None)
        if link is None:
            return path
        real = Path(os.path.realpath(path))
        return real if self.allow(real, link.parent, *folders) else None

    def _limit(self, folder: Path) -> Path:
        around = repository(folder)
        named = [each for each in self.named if folder.is_relative_to(each)]
        return around or min(named, key=lambda each: len(each.parts), default=folder)


ALONE = Bounds()
"""No folder was named: the limit is the repository or, without one, the folder of the code itself."""


def repository(folder: Path) -> Path | None:
    """Return the repository a folder lies in; a home kept in git is not one."""
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return None if Path.home().is_relative_to(parent) else parent
    return None


def display(path: Path) -> str:
    """Return the path relative to the working directory where it lies below it, as it is elsewhere."""
    absolute = path if path.is_absolute() else Path.cwd() / path
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


_STREAMS = ("-", "stdin", "/dev/stdin")
_DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")


def again(path: str) -> str:
    """Return a path as it can be typed in another command: what comes through a pipe has to be in a file then."""
    try:
        is_pipe = path in _STREAMS or path.startswith(_DESCRIPTORS) or Path(path).is_fifo()
    except (OSError, ValueError):
        is_pipe = False
    return "FILE" if is_pipe else path


class LeadsOutError(UnreadableError):
    """A link leads out of the repository: what it names is not read."""


LEADS_OUT = "a symbolic link that points outside of the repository, so it was not read"


def bytes_within(path: Path, bounds: Bounds, *folders: Path, most: int = limits.SEARCHED) -> bytes:
    """Return the content of a regular file, if what was opened lies where code of its folder, or of `folders`, reads.

    Raises LeadsOutError for a link that leads out, UnreadableError for a pipe or a device, which may never end, and for
    a file far too large; else OSError.
    """
    with os.fdopen(_opened(path, bounds, folders), "rb", buffering=0) as file:
        real = _real_path(file.fileno(), path)
        if real != path and not bounds.allow(real, path.parent, *folders):
            raise LeadsOutError(display(path), 0, LEADS_OUT)
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(display(path), 0, "this is a pipe or a device, not a file")
        # A file of /proc has no size, and one that is being written may grow.
        data = b"" if status.st_size > most else file.read(most + 1)
        if len(data or b"") > most or status.st_size > most:
            raise UnreadableError(
                display(path), 0, f"the file has {status.st_size:,} bytes, which is too large for code"
            )
        return data or b""


def _opened(path: Path, bounds: Bounds, folders: tuple[Path, ...]) -> int:
    # Without O_NONBLOCK, opening a pipe would wait for somebody to write.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
    try:
        return os.open(path, flags | os.O_NOFOLLOW)
    except OSError:
        if not path.is_symlink():
            raise
    real = Path(os.path.realpath(path, strict=True))
    if not bounds.allow(real, path.parent, *folders):
        # Nor is it opened: a device may act on that.
        raise LeadsOutError(display(path), 0, LEADS_OUT)
    return os.open(real, flags | os.O_NOFOLLOW)


def _real_path(descriptor: int, path: Path) -> Path:
    """Return where an open file lies: between looking at a path and opening it, a folder may become a link."""
    try:
        if sys.platform == "darwin":
            return Path(os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0")))
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    except OSError:
        real = Path(os.path.realpath(path))
        if not os.path.samestat(real.stat(), os.fstat(descriptor)):
            raise LeadsOutError(display(path), 0, "the path changed while it was being read") from None
        return real


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
