"""Printing: reports to stdout, progress and notes to stderr."""

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO, TypeVar

from ssm_hardening.cli.entry import printable
from ssm_hardening.core.errors import SsmHardenError

if TYPE_CHECKING:
    from ssm_hardening.cli.reports import Destination
    from ssm_hardening.report.formats import Formats
    from ssm_hardening.report.style import Style

R = TypeVar("R")


_AT_ONCE = 1 << 20
"""Characters of a report that are encoded at once: the report of a large repository has millions."""


def report(text: str) -> None:
    """Print a report; characters the terminal's encoding lacks are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    for start in range(0, len(text), _AT_ONCE):
        sys.stdout.write(text[start : start + _AT_ONCE].encode(encoding, "replace").decode(encoding))
    if not text.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()


def destinations(formats: "Formats[R]", given: Sequence[str] | None, word: str) -> "tuple[Destination, ...]":
    """Return the files that `-o` names, seen to be writable. `word` is the one of `--format`. Raises UsageError."""
    if not given:
        return ()
    from ssm_hardening.cli import reports

    return reports.destinations(formats, given, word)


def show(formats: "Formats[R]", word: str, told: R, also: "Sequence[Destination]" = ()) -> None:
    """Print a report in the format of this word, unless one of the files gets just that; and write the files."""
    if also:
        from ssm_hardening.cli import reports

        reports.write(formats, also, told)
    if all(each.word != word for each in also):
        report(formats.renderer(word)(told, style()))


def style() -> "Style":
    """Return what stdout can show."""
    from ssm_hardening.report.style import style_for

    return style_for(sys.stdout)


def note(text: str) -> None:
    """Tell the user something beside the report."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def notes(texts: Sequence[str], *, quiet: bool) -> None:
    """Tell all of them, unless the user asked for quiet."""
    for text in () if quiet else texts:
        note(f"note: {text}")


def progress(*, quiet: bool) -> Callable[[str], None]:
    """Return where progress goes: stderr, one line each, or nowhere."""
    if quiet:
        return lambda _: None
    return lambda text: note(f"  {text}")


_IN, _OUT, _ERR = 0, 1, 2


class OutputError(SsmHardenError):
    """What a command had to say could not be written to stdout."""


class ReaderGoneError(Exception):
    """Whoever read stdout has closed it (`| head`), and wants no more."""


def guard() -> None:
    """Make stdout and stderr such that what cannot be written is noticed on stdout, and dropped on stderr."""
    # A number that is free would be given to the next file that is opened, and reports would be written into that file.
    if _is_closed(_IN):
        _open_at(_IN, os.O_RDONLY)
    if _is_closed(_OUT):
        _open_at(_OUT, os.O_RDONLY)  # so that writing fails
    if _is_closed(_ERR):
        _open_at(_ERR, os.O_WRONLY)
    if sys.stdin is None:
        sys.stdin = open(_IN, encoding="utf-8", closefd=False)  # noqa: SIM115 - it stays open as long as the process
    sys.stdout = _Output(_bytes(_OUT), *_coding(sys.stdout), line_buffering=os.isatty(_OUT))
    sys.stderr = _Messages(_bytes(_ERR), *_coding(sys.stderr), line_buffering=True)


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def _open_at(number: int, flags: int) -> None:
    opened = os.open(os.devnull, flags)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def _bytes(number: int) -> io.BufferedWriter:
    return open(number, "wb", closefd=False)


def _coding(stream: TextIO | None) -> tuple[str, str]:
    """Return the encoding that the interpreter chose, and what it does with characters that this one lacks."""
    if stream is None:
        return "utf-8", "backslashreplace"
    return stream.encoding, stream.errors or "strict"


class _Output(io.TextIOWrapper):
    """Stdout: what cannot be written ends the command."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            _unwritten(error)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            _unwritten(error)


def _unwritten(error: OSError) -> NoReturn:
    # What is still buffered would be tried again when the interpreter ends.
    _open_at(_OUT, os.O_WRONLY)
    if isinstance(error, BrokenPipeError):
        raise ReaderGoneError from error
    reason = "it is closed" if error.errno == errno.EBADF else error.strerror
    raise OutputError(f"cannot write to stdout: {reason}", hint="the output is incomplete") from error


class _Messages(io.TextIOWrapper):
    """Stderr: what cannot be written is dropped, since nothing else could say so."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            _open_at(_ERR, os.O_WRONLY)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            _open_at(_ERR, os.O_WRONLY)
