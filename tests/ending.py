"""Waiting for what another process does, or for its end."""

import subprocess
import time
from collections.abc import Callable


def comes_true(holds: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Wait for something, and say whether it came true."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def is_gone(pid: int) -> bool:
    """Say whether a process has ended; one that nobody has waited for yet has."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return not state.stdout.strip() or state.stdout.startswith("Z")
