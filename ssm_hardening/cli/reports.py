"""Reports in files: what `-o FORMAT=FILE` names, refused before anything is read where a file would be destroyed."""

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ssm_hardening.core.errors import RefusedWriteError, UsageError, did_you_mean, listed
from ssm_hardening.report.formats import ACCESS, AUDIT, FACTS, HEADED, HEADING, RULES, SUFFIXES

if TYPE_CHECKING:
    from ssm_hardening.report.formats import Formats

R = TypeVar("R")

_LOOKED_AT = 4096
"""Bytes of a file that say whether it is a report."""

_STDOUT = "-"


class Destination(NamedTuple):
    """A file that gets a report, and the word of its format."""

    path: Path
    word: str


def destinations(formats: "Formats[R]", given: Sequence[str], otherwise: str) -> tuple[Destination, ...]:
    """Return the files that were named. `otherwise` is the format of a file that neither a word nor its suffix names.

    Raises UsageError, or RefusedWriteError for what must not be overwritten.
    """
    found = tuple(_destination(formats, text, otherwise) for text in given)
    real = [os.path.realpath(each.path) for each in found]
    for number, each in enumerate(found):
        if real[number] in real[:number]:
            raise UsageError(f"-o {each.path}: the file is given twice", hint="use a different file for each format")
        _demand_writable(formats, each)
    return found


def _destination(formats: "Formats[R]", text: str, otherwise: str) -> Destination:
    before, equals, after = text.partition("=")
    if equals and re.fullmatch(r"[A-Za-z0-9]*", before):
        word, name = before.lower(), after
    else:
        word, name = SUFFIXES.get(Path(text).suffix.lower(), otherwise), text
    if word not in formats.by_word:
        raise _no_format(formats, word, text)
    if not name or name == _STDOUT or "\0" in name:
        raise UsageError(f"-o {text}: names no file", hint="--format chooses the format on stdout")
    return Destination(Path(name), word)


def _no_format(formats: "Formats[R]", word: str, text: str) -> UsageError:
    elsewhere = any(word in each for each in (AUDIT.words, ACCESS.words, FACTS.words, RULES.words, SUFFIXES.values()))
    choose = f"choose {listed(formats.words)}"
    if elsewhere:
        return UsageError(f"-o {text}: this report has no format {word!r}", hint=f"{choose}: -o FORMAT=FILE")
    meant = did_you_mean(word, formats.words, otherwise=choose)
    between = "" if meant.endswith("?") else ";"
    return UsageError(
        f"-o {text}: there is no format {word!r}", hint=f"{meant}{between} a file of that name is ./{text}"
    )


def _demand_writable(formats: "Formats[R]", to: Destination) -> None:
    """Raise UsageError where the file cannot be written, RefusedWriteError where something else would be destroyed."""
    folder = to.path.parent
    try:
        status = os.lstat(to.path)
    except FileNotFoundError:
        if not folder.is_dir():
            raise UsageError(f"-o {to.path}: there is no folder {folder}", hint="create the folder first") from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(f"-o {to.path}: the folder {folder} is not writable", hint="use another folder") from None
        return
    except OSError as error:
        raise UsageError(f"-o {to.path}: cannot be written: {error.strerror}", hint="use another file") from error
    if stat.S_ISLNK(status.st_mode):
        raise RefusedWriteError(f"-o {to.path}: is a symbolic link", hint="use the file that the link points to")
    if stat.S_ISDIR(status.st_mode):
        raise UsageError(f"-o {to.path}: is a folder", hint="use a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise RefusedWriteError(
            f"-o {to.path}: is a pipe or a device", hint="use a regular file; --format chooses the format on stdout"
        )
    if not os.access(to.path, os.W_OK) or not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"-o {to.path}: is not writable", hint="use another file")
    if status.st_size and not _is_report(formats, to):
        raise RefusedWriteError(
            f"-o {to.path}: already exists, and is not a report that may be overwritten",
            hint="use another file, or remove this one first",
        )


def _is_report(formats: "Formats[R]", to: Destination) -> bool:
    """Say whether a file holds a report of this kind, in any format."""
    try:
        with to.path.open("rb") as file:
            start = file.read(_LOOKED_AT).decode(errors="replace")
    except OSError as error:
        raise UsageError(f"-o {to.path}: cannot be read: {error.strerror}", hint="use another file") from error
    return any(each.mark and re.match(each.mark, start) for each in formats.by_word.values())


def write(formats: "Formats[R]", to: Sequence[Destination], told: R) -> None:
    """Write a report into each file: plain, whole or not at all. Raises UsageError, RefusedWriteError."""
    from ssm_hardening.report.style import PLAIN

    texts = [formats.renderer(each.word)(told, PLAIN) for each in to]
    for each, text in zip(to, texts, strict=True):
        _demand_writable(formats, each)
        heading = f"{HEADING}{each.word}\n" if each.word in HEADED else ""
        try:
            write_whole(each.path, f"{heading}{text}" if text.endswith("\n") else f"{heading}{text}\n")
        except OSError as error:
            told_why = f"-o {each.path}: cannot be written: {error.strerror}"
            raise UsageError(told_why, hint="use another file") from error


def write_whole(path: Path, text: str, *, rights: int = 0o666, new: bool = False) -> None:
    """Write a file, whole or not at all, with what the user's mask leaves of the rights. Raises OSError.

    It takes the place of one that is there, except where it must be `new`.
    """
    begun = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    # Never through somebody else's link.
    handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, rights)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        if new:
            os.link(begun, path)  # unlike a renaming, a link never takes another file's place
        else:
            begun.replace(path)
    finally:
        begun.unlink(missing_ok=True)
