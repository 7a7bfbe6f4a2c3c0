"""Progress of a live reading on stderr: one line that counts calls, on a terminal; one line at the end elsewhere."""

import sys
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from ssm_hardening.sources.aws.calls import Call

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

    def watch(self, call: "Call") -> None:
        """Hear of a call that ended."""
        with self._lock:
            self._calls += 1
            now = time.monotonic()
            if self._quiet or not self._terminal or now - self._told < _SECONDS:
                return
            self._told = now
            sys.stderr.write(f"\r\x1b[K  {self._calls} calls: {call}")
            sys.stderr.flush()
