"""Progress on stderr: one line that counts calls, or moves, on a terminal; nothing of it elsewhere."""

import shutil
import sys
import threading
import time
from typing import TYPE_CHECKING, Self

from ssm_hardening.cli.entry import printable

if TYPE_CHECKING:
    from ssm_hardening.read.live.calls import ApiCall

_SECONDS = 0.1


class CallCounter:
    """Counts calls as they end, in any thread. Used as a context: leaving it ends the line."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._calls = 0
        self._told = 0.0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._quiet:
            return
        start = "\r\x1b[K" if self._terminal else ""
        took = time.monotonic() - self._began
        sys.stderr.write(f"{start}  {self._calls} calls in {took:.1f} s\n")
        sys.stderr.flush()

    def watch(self, call: "ApiCall") -> None:
        """Hear of a call that ended."""
        with self._lock:
            self._calls += 1
            now = time.monotonic()
            if self._quiet or not self._terminal or now - self._told < _SECONDS:
                return
            self._told = now
            sys.stderr.write(f"\r\x1b[K  {self._calls} calls: {call}")
            sys.stderr.flush()


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
