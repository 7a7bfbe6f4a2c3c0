"""Progress as one moving line of a terminal, and nothing elsewhere: for commands whose report tells of every step."""

import shutil
import sys
from typing import Self

from ssm_hardening.cli.entry import printable


class Moving:
    """Receives what is being done now. Used as a context: leaving it erases the line."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.erase()

    def __call__(self, text: str) -> None:
        """Show this in place of what stands there."""
        if not self._terminal:
            return
        width = shutil.get_terminal_size().columns
        sys.stderr.write(f"\r\x1b[K  {printable(text)}"[: width + 3])
        sys.stderr.flush()
        self._shown = True

    def erase(self) -> None:
        """Make room for a report."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False
