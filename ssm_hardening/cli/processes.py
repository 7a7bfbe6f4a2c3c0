"""Processes that read and evaluate roots beside this one, and how they end.

Each is a new Python with the same modules, which gets its work through a pipe: nothing of it, values of variables least
of all, stands in arguments or environment variables. A thread for each hands it roots and takes what it sends back;
this process works, too. One that dies is missed by nobody: what it had is done here, and a note says so.
"""

import os
import pickle
import signal
import struct
import subprocess  # noqa: TID251 - it is our own program, which needs what this process has
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from ssm_hardening.core.packing import SpoiledError

if TYPE_CHECKING:
    from ssm_hardening.cli.crew import Outcome, RootWork

_AHEAD = 2
"""Roots that a process has been handed: it must not wait while this one computes."""

_LENGTH = struct.Struct("<Q")
_FAILED = b""
"""What is sent back where a root could not be read: this process tries it, and hears why."""


def done_together(work: "RootWork", numbers: Sequence[int], others: int) -> "dict[int, Outcome]":
    """Read and evaluate roots with so many other processes, in this order.

    Raises what went wrong with the first root, in the order of the work, with which something did.
    """
    todo, found, failed = deque(numbers), dict[int, "Outcome"](), dict[int, Exception]()
    helpers = [_Helper(work, todo, found) for _ in range(others)]
    try:
        for helper in helpers:
            helper.start()
        do(work, todo, found, failed)
        for helper in helpers:
            helper.join()
        left = [number for number in numbers if number not in found and number not in failed]
        _tell(helpers)
        do(work, deque(left), found, failed)
    finally:
        for helper in helpers:
            helper.end()
    if failed:
        raise failed[min(failed)]
    return found


def do(work: "RootWork", todo: deque[int], found: "dict[int, Outcome]", failed: dict[int, Exception]) -> None:
    """Do what is left, as long as something is."""
    while True:
        try:
            number = todo.popleft()
        except IndexError:
            return
        try:
            found[number] = work.done(number)
        except Exception as error:  # noqa: BLE001 - raised in the order in which one process alone would meet it
            failed[number] = error


def _tell(helpers: "Sequence[_Helper]") -> None:
    from ssm_hardening.cli import output

    died = sum(helper.has_died for helper in helpers)
    if died:
        output.note(f"{died} of {len(helpers)} worker processes ended unexpectedly; this process did their work")


class _Helper(threading.Thread):
    """One other process, and the thread that talks to it."""

    def __init__(self, work: "RootWork", todo: deque[int], found: "dict[int, Outcome]") -> None:
        super().__init__(daemon=True)
        self.has_died = False
        self._work = work
        self._todo = todo
        self._found = found
        self._process = _started()

    def run(self) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return
        try:
            _send(process.stdin, pickle.dumps(self._work.handed_over()))
            self._serve(process.stdin, process.stdout)
            process.stdin.close()
        except (OSError, EOFError, SpoiledError):
            self.has_died = True

    def _serve(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        asked: deque[int] = deque()
        while True:
            while len(asked) < _AHEAD and self._todo:
                with suppress(IndexError):  # somebody else was faster
                    asked.append(self._todo.popleft())
                    _send(stdin, _LENGTH.pack(asked[-1]))
            if not asked:
                return
            data = _received(stdout)
            number = asked.popleft()
            if data != _FAILED:
                self._found[number] = self._work.questions.unpacked(data)

    def end(self) -> None:
        """End the process, whatever it does."""
        process = self._process
        if process is None:
            return
        process.kill()
        process.wait()
        if self.is_alive():
            self.join()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):  # what was to be sent has nobody to read it
                if stream is not None:
                    stream.close()


def _started() -> "subprocess.Popen[bytes] | None":
    """Start a process; None where that is not possible."""
    if not sys.executable:
        return None
    # -P: the folder that is audited must not be one that modules are imported from.
    code = f"import sys; sys.path[:] = {sys.path!r}; from ssm_hardening.cli.processes import serve; serve()"
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _received(stream: IO[bytes]) -> bytes:
    """Return what was sent. Raises EOFError where the other end is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def serve() -> None:
    """Do what the process that started this one asks for, until it closes the pipe or is gone."""
    import gc

    # Ctrl-C is for the whole group; the process that started this one hears it, and ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(50_000, 20, 20)
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with suppress(EOFError, OSError):
        work: RootWork = pickle.loads(_received(stdin))  # noqa: S301 - from the process that started this one, by its pipe
        while True:
            (number,) = _LENGTH.unpack(_received(stdin))
            try:
                data = work.done_as_data(number)
            except Exception:  # noqa: BLE001 - it is done again where it can be told
                data = _FAILED
            _send(stdout, data)
    # What was parsed need not be taken apart.
    os._exit(0)
