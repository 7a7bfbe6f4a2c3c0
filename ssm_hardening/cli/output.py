"""Printing: reports to stdout, progress and notes to stderr."""

import sys
from collections.abc import Callable, Sequence

from ssm_hardening.cli.entry import printable


def report(text: str) -> None:
    """Print a report; characters the terminal's encoding lacks are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    if not text.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()


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
