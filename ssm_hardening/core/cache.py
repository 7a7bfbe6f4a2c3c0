"""What is kept from one run to the next, in the user's own cache folder: data, never code.

An entry is made from something, such as what files hold, and is found by a digest of that. It is also sealed with it:
neither its name nor its bytes tell anything to whoever does not have the same files, and an entry that was changed, cut
off, or moved is not opened. So the cache holds nothing that its reader does not have already, and secrets in code are
gone from it when the code is.
"""

import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import blake2b, shake_256
from pathlib import Path

from ssm_hardening import __version__

MOST = 256 * 1024 * 1024
"""Bytes that are kept; beyond them, the entries that were used least recently are removed."""

_LARGEST = 64 * 1024 * 1024
"""Bytes of an entry when it is opened."""

_FOLDER = "ssm-harden"
_KEPT = "roots"
_FORMAT = b"ssm-harden/kept/1\n"
_NONCE, _MARK = 16, 32
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_FRESH = 24 * 60 * 60
"""Seconds for which the time of the last use is precise enough."""


def cache_folder() -> Path | None:
    """Return the folder for what is kept; None where there is none that only this user can write to."""
    folder = _wanted()
    return None if folder is None or _refusal(folder, create=True) else folder


def refusal() -> str:
    """Say why the folder that there is cannot be used; empty where it can, or where there is none."""
    wanted = _wanted()
    for folder in () if wanted is None else (wanted, wanted / _KEPT):
        why = _refusal(folder, create=False) if os.path.lexists(folder) else ""
        if why:
            return f"{folder} is not used as a cache: {why}"
    return ""


def _wanted() -> Path | None:
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"), _FOLDER)
    except (RuntimeError, ValueError):
        return None


def _refusal(folder: Path, *, create: bool) -> str:
    """Say why a folder cannot be used; empty where it is a folder that belongs to this user alone."""
    try:
        if create:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "cannot be created"
    if not stat.S_ISDIR(state.st_mode):
        return "it is a symbolic link" if stat.S_ISLNK(state.st_mode) else "it is not a folder"
    if state.st_uid != os.getuid():
        return "it belongs to another user"
    return "other users can write to it" if state.st_mode & _OTHERS_MAY_WRITE else ""


def write_at_once(file: Path, data: bytes) -> bool:
    """Write a file in one step, so that runs at the same time never see half of it; False where it cannot be."""
    begun = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            begun.replace(file)
        except BaseException:
            begun.unlink(missing_ok=True)
            raise
    except OSError:
        return False
    return True


class Cache:
    """Entries by what they were made from; without a folder, none."""

    def __init__(self, folder: Path | None, *, most: int = MOST) -> None:
        """Keep entries below this folder, as `cache_folder` returns it."""
        own = None if folder is None else folder / _KEPT
        self.folder = None if own is None or _refusal(own, create=True) else own
        self._most = most
        self._has_written = False

    def get(self, made_from: bytes) -> bytes | None:
        """Return what was made from this; None where it is not known, or what was kept is spoiled."""
        if self.folder is None:
            return None
        file = self.folder / _name(made_from)
        try:
            with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
                state = os.fstat(stream.fileno())
                is_ours = stat.S_ISREG(state.st_mode) and state.st_uid == os.getuid()
                data = stream.read(_LARGEST) if is_ours and not state.st_mode & _OTHERS_MAY_WRITE else b""
                found = _opened(data, made_from)
            if found is not None and abs(_now() - state.st_mtime) > _FRESH:
                os.utime(file, follow_symlinks=False)
        except OSError:
            return None
        return found

    def put(self, made_from: bytes, data: bytes) -> None:
        """Keep what was made from this; where that is not possible, nothing is kept."""
        if self.folder is not None and len(data) <= _LARGEST:
            self._has_written |= write_at_once(self.folder / _name(made_from), _sealed(data, made_from))

    def close(self) -> None:
        """Remove what is too much, if anything was added."""
        if self.folder is not None and self._has_written:
            self._has_written = False
            _trim(self.folder, self._most)


def _now() -> float:
    import time  # noqa: PLC0415 - for this alone

    return time.time()


def _trim(folder: Path, most: int) -> None:
    """Remove the oldest entries until a quarter of what may be kept is free again."""
    entries = sorted(_entries(folder))
    total = sum(size for _, size, _ in entries)
    if total <= most:
        return
    for _, size, path in entries:
        if total <= most * 3 // 4:
            return
        try:
            os.unlink(path)  # noqa: PTH108 - one of many
        except OSError:
            continue  # another run was faster
        total -= size


def _entries(folder: Path) -> Iterator[tuple[float, int, str]]:
    """Yield when each file was used, its size, and its path; files begun and left by runs that ended are among them."""
    try:
        with os.scandir(folder) as found:
            for entry in found:
                try:
                    state = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # another run removed it
                yield state.st_mtime, state.st_size, entry.path
    except OSError:
        return


# Names and seals


def _key(made_from: bytes, purpose: bytes) -> bytes:
    return blake2b(purpose, key=blake2b(made_from + _stamp(), digest_size=32).digest(), digest_size=32).digest()


def _name(made_from: bytes) -> str:
    return _key(made_from, b"name").hex()


def _sealed(data: bytes, made_from: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    hidden = _mixed(zlib.compress(data, 1), _key(made_from, b"seal"), nonce)
    return _FORMAT + nonce + _mark(nonce + hidden, made_from) + hidden


def _opened(data: bytes, made_from: bytes) -> bytes | None:
    """Return what was sealed; None where it was not sealed so."""
    start = len(_FORMAT)
    nonce, mark, hidden = (
        data[start : start + _NONCE],
        data[start + _NONCE : start + _NONCE + _MARK],
        data[start + _NONCE + _MARK :],
    )
    if not data.startswith(_FORMAT) or mark != _mark(nonce + hidden, made_from):
        return None
    unzip = zlib.decompressobj()
    try:
        found = unzip.decompress(_mixed(hidden, _key(made_from, b"seal"), nonce), _LARGEST)
    except zlib.error:
        return None
    return found if unzip.eof else None


def _mark(data: bytes, made_from: bytes) -> bytes:
    return blake2b(data, key=_key(made_from, b"mark"), digest_size=_MARK).digest()


def _mixed(data: bytes, key: bytes, nonce: bytes) -> bytes:
    """Return the data under the stream of this key, or what it was: mixing twice gives it back."""
    stream = shake_256(key + nonce).digest(len(data))
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")
    return mixed.to_bytes(len(data), "big")


@cache
def _stamp() -> bytes:
    """Return what tells this program from any other that keeps entries: its version and what its very files hold.

    A checkout changes without its version. Where and when the program was installed does not count: a pipeline that
    installs it in each job can keep its cache.
    """
    package = Path(__file__).resolve().parents[1]
    made = blake2b(
        "\n".join((__version__, sys.version, *_installed())).encode(errors="surrogateescape"), digest_size=32
    )
    for folder, folders, names in os.walk(package):
        folders.sort()
        for name in sorted(name for name in names if name.endswith(_OURS)):
            path = os.path.join(folder, name)  # noqa: PTH118 - hundreds of them
            with open(path, "rb") as file:  # noqa: PTH123 - as above
                data = file.read()
            made.update(f"{os.path.relpath(path, package)} {len(data)}\n".encode(errors="surrogateescape"))
            made.update(data)
    return made.digest()


_OURS = (".py", ".json", ".toml")


def _installed() -> list[str]:
    """Return the names and versions of the packages that this program may import."""
    found: set[str] = set()
    for folder in sys.path:
        if folder.endswith("-packages"):
            with suppress(OSError, ValueError):
                found.update(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))  # noqa: PTH208 - an entry of sys.path may be any text
    return sorted(found)
