"""Runs other people's programs: bounded in time and output, without a shell, without our secrets.

A child sees only the environment variables it needs, so that no cloud credential, token or `TF_CLI_ARGS` of
the user's shell reaches it or changes what it does.
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from ssm_hardening.core.folders import VARIABLES, private_folder

LIMIT = 32 * 1024 * 1024
"""Bytes kept of each output stream; the rest is read and dropped."""

NOT_RUNNABLE = 127
"""The exit code of a command that could not be started, as in a shell."""

_NEEDED = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
    "GOGC", "GOMEMLIMIT",  # how much memory terraform and its providers may take
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended. `timed_out`: it was ended by us, and `code` means nothing."""

    code: int
    stdout: str
    stderr: str
    timed_out: bool = False
    truncated: bool = False

    def tail(self, count: int = 12) -> tuple[str, ...]:
        """Return the last lines it wrote: of stderr, or of stdout where stderr is empty."""
        lines = [line.rstrip() for line in (self.stderr.strip() or self.stdout.strip()).splitlines()]
        return tuple(line for line in lines if line)[-count:]


def environment(*, also: Sequence[str] = (), prefixes: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the variables every child needs, those named in `also`, and those that start with a prefix."""
    wanted = {*_NEEDED, *also}
    return {name: text for name, text in os.environ.items() if name in wanted or name.startswith(prefixes)}


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    on_line: Callable[[str], None] | None = None,
) -> Finished:
    """Run `command` for at most `timeout` seconds and return how it ended; `on_line` gets stdout as it comes.

    The child leads a process group of its own, which is ended with it, and has a private folder for temporary files,
    which is removed. A command that cannot be started is an answer too (code 127), never an exception.
    """
    words = [str(word) for word in command]
    with ExitStack() as stack:
        try:
            own = stack.enter_context(private_folder())
        except OSError as error:
            return Finished(NOT_RUNNABLE, "", f"cannot create a temporary folder: {error.strerror}")
        return _run(words, cwd, {**env, **dict.fromkeys(VARIABLES, own)}, timeout, on_line)


def _run(
    words: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    on_line: Callable[[str], None] | None,
) -> Finished:
    with ExitStack() as stack:
        try:
            with _signals_wait():
                process = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
                stack.enter_context(process)
                stack.callback(_end, process)
        except OSError as error:
            return Finished(NOT_RUNNABLE, "", f"cannot run {words[0]}: {error.strerror}")
        return _collect(process, deadline=time.monotonic() + timeout, on_line=on_line)


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Hold back the signals that end a command: a child that has started must be known before it can be ended."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    heard: list[tuple[int, FrameType | None]] = []
    before = {number: signal.getsignal(number) for number in _ENDING}
    # Other handlers than functions (ignored, the system's own) do nothing here, or end the process at once.
    handlers = {number: handler for number, handler in before.items() if callable(handler)}
    try:
        for number in handlers:
            signal.signal(number, lambda *came: heard.append(came))
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for came, frame in heard[:1]:
            handlers[signal.Signals(came)](came, frame)


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class _Stream:
    """One output stream: what was kept, and the line that is not finished yet."""

    on_line: Callable[[str], None] | None
    kept: bytearray = field(default_factory=bytearray)
    pending: bytes = b""
    truncated: bool = False

    def feed(self, chunk: bytes) -> None:
        room = LIMIT - len(self.kept)
        self.kept += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room
        if self.on_line is None:
            return
        *lines, rest = (self.pending + chunk).split(b"\n")
        self.pending = rest[-LIMIT:]
        for line in lines:
            self.on_line(line.decode(errors="replace").rstrip())

    def text(self) -> str:
        return self.kept.decode(errors="replace")


def _collect(process: subprocess.Popen[bytes], *, deadline: float, on_line: Callable[[str], None] | None) -> Finished:
    out, err = _Stream(on_line), _Stream(None)
    in_time = _drain({_pipe(process.stdout): out, _pipe(process.stderr): err}, deadline)
    if in_time:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            in_time = False
    code = process.returncode if process.returncode is not None else -signal.SIGKILL
    truncated = out.truncated or err.truncated
    return Finished(code, out.text(), err.text(), timed_out=not in_time, truncated=truncated)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the child was started without a pipe")
    return stream


def _drain(streams: Mapping[IO[bytes], _Stream], deadline: float) -> bool:
    """Read until every stream ends; False where the deadline comes first."""
    with selectors.DefaultSelector() as selector:
        for pipe in streams:
            selector.register(pipe, selectors.EVENT_READ, streams[pipe])
        while selector.get_map():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            for key, _ in selector.select(remaining):
                chunk = os.read(key.fd, 65536)
                key.data.feed(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group where its leader was not waited for: after a timeout or an interruption."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
