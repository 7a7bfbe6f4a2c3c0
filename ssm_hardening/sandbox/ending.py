"""Ends the simulated account's process with its parent, however that ends."""

import os
import select
import shutil
import sys
import threading

_SECONDS = 1.0


def end_with_parent(parent: int, *, temporary: str | None) -> threading.Thread:
    """Watch the parent from now on, and return the watch; the process ends where the parent does.

    Two signs are looked at: stdin, whose other end the parent holds, and the parent's id. The first is seen at once,
    but stays open where another child of the parent's has inherited that end; the second needs no pipe. `temporary` is
    the folder for temporary files, which a parent that was killed cannot remove.
    """
    watch = threading.Thread(target=_watch, args=(parent, temporary), daemon=True)
    watch.start()
    return watch


def _watch(parent: int, temporary: str | None) -> None:
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], _SECONDS)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            break
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)
    # Requests under way, a hang included, have nobody left who waits for them.
    os._exit(0)
