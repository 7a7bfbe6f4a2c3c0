"""The world in which everything is recorded: always the same moment, an empty environment, nobody's home.

What a report may not depend on is fixed here, where it comes from, and not mended in the reports afterwards:

    the day and the time       stopped, in this process and in the one that serves the simulated account
    ids of simulated objects   drawn by the simulated account from one seed, anew for each subject
    the user's environment     emptied: no TF_*, AWS_*, SSM_HARDEN_*, no home, no configuration, no proxy
    terraform, checkov         not found, so their versions say nothing; the re-audit is our own and does run
    the terminal               none, 100 columns
    the working directory      one of the subject's own, itself a repository; all paths are given relative to it
    how long a reading took    told on stderr only, so live accounts are read with --quiet

What is left are the versions of Python and of the libraries, whose words some messages quote.
"""

import contextlib
import io
import os
import runpy
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import time_machine

from tests.recorder import product

NOW = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: bytes
    err: bytes


@contextlib.contextmanager
def stopped(scratch: Path) -> Iterator[None]:
    """Give this process the recorder's world; `scratch` is a folder for all that it leaves."""
    for name in ("home", "bin", "tmp"):
        (scratch / name).mkdir(parents=True, exist_ok=True)
    with (
        environment(_environment(scratch)),
        _temporary(scratch / "tmp"),
        warnings.catch_warnings(),
        time_machine.travel(NOW, tick=False),
    ):
        warnings.simplefilter("ignore")
        yield


def _environment(scratch: Path) -> dict[str, str]:
    return {
        "HOME": str(scratch / "home"),
        "PATH": str(scratch / "bin"),
        "TMPDIR": str(scratch / "tmp"),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


@contextlib.contextmanager
def environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Exchange the whole environment for another one."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    time.tzset()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        time.tzset()


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[None]:
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def run(arguments: Sequence[str], folder: Path) -> Ran:
    """Run one command in a folder, in this process."""
    out, err = io.BytesIO(), io.BytesIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.TextIOWrapper(out, encoding="utf-8", write_through=True)) as told,
        contextlib.redirect_stderr(io.TextIOWrapper(err, encoding="utf-8", write_through=True)) as noted,
    ):
        code = product.run(arguments)
        # Without this, closing what wrapped the bytes would close them as well.
        told.detach()
        noted.detach()
    if code == _INTERRUPTED:
        # The command makes an exit code of Ctrl-C; here it is meant for the recorder.
        raise KeyboardInterrupt
    return Ran(code, out.getvalue(), err.getvalue())


def main() -> None:
    """Run a module with its arguments while the clock stands: `python -m tests.recorder.world MODULE ARGUMENT…`."""
    del sys.argv[0]
    with time_machine.travel(NOW, tick=False):
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
