"""Runs a test command against mutants, each in its own copy of the tree."""

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ssm_hardening.verification.processes import Finished, run
from tests.mutants.making import Mutant

_LEFT_OUT = (".git", ".venv", ".tools", ".hypothesis", ".terraform", ".*_cache", "dist", "build")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome for one mutant; `by` is the first failing test, or how else the command ended."""

    id: str
    file: str
    line: int
    where: str
    what: str
    outcome: str
    by: str
    seconds: float

    def __str__(self) -> str:
        ending = "SURVIVED" if self.outcome == "survived" else f"{self.outcome} by {self.by}"
        return f"{self.id}  {self.file}:{self.line}  {self.what}  {ending}"


def results(path: Path) -> dict[str, Result]:
    """Read the results file of an earlier run, by mutant id."""
    found = (Result(**json.loads(line)) for line in path.read_text().splitlines())
    return {result.id: result for result in found}


@dataclass(frozen=True, slots=True)
class Runner:
    """A test command and the tree it passed on: a copy, with the bytecode that the command left there."""

    command: tuple[str, ...]
    tree: Path
    limit: float

    def test(self, mutant: Mutant) -> Result:
        """Run the command in a fresh copy of the tree that contains the mutant."""
        with _copied(self.tree) as folder:
            path = folder / mutant.file
            for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                stale.unlink()
            path.write_bytes(mutant.applied(path.read_bytes()))
            start = time.monotonic()
            outcome, by = _outcome(_run(self.command, folder, self.limit))
            seconds = round(time.monotonic() - start, 1)
        return Result(mutant.id, mutant.file, mutant.line, mutant.where, mutant.what, outcome, by, seconds)

    def test_all(self, mutants: Sequence[Mutant], jobs: int, out: Path | None) -> Iterator[Result]:
        """Yield the results in the order of the mutants, and write them to `out`, which must be new."""
        with ThreadPoolExecutor(jobs) as pool, (out or Path(os.devnull)).open("x" if out else "w") as lines:
            one_by_one = map(self.test, mutants)  # in the main thread, where Ctrl-C ends the command at once
            for result in one_by_one if jobs == 1 else pool.map(self.test, mutants):
                lines.write(json.dumps(asdict(result)) + "\n")
                lines.flush()
                yield result


@contextmanager
def runner(tree: Path, command: Sequence[str], limit: float | None) -> Iterator[Runner]:
    """Check that the command passes on the unchanged tree; otherwise every mutant would count as killed.

    Without a limit, each mutant gets five times the duration of this first run plus 30 seconds.
    """
    with _copied(tree) as folder:
        start = time.monotonic()
        first = _run(command, folder, limit or 3600)
        if first.timed_out or first.code:
            raise SystemExit("\n".join(("the command does not pass on the unchanged tree:", *first.tail())))
        yield Runner(tuple(command), folder, limit or 5 * (time.monotonic() - start) + 30)


@contextmanager
def _copied(tree: Path) -> Iterator[Path]:
    """Copy the sources of a tree; the virtual environment is linked, so that `make` does not create a new one."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        folder = Path(scratch) / "tree"
        shutil.copytree(tree, folder, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        if (tree / ".venv").exists():
            (folder / ".venv").symlink_to((tree / ".venv").resolve())
        yield folder


def _run(command: Sequence[str], folder: Path, limit: float) -> Finished:
    """Run the command in the copy; PYTHONPATH puts the copy before an editable installation of the tree."""
    return run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, timeout=limit)


def _outcome(finished: Finished) -> tuple[str, str]:
    if finished.timed_out:
        return "killed", "timeout"
    if not finished.code:
        return "survived", ""
    if test := _FAILED.search(finished.stdout):
        return "killed", test[1]
    return "killed", f"exit code {finished.code}: {' '.join(finished.tail(1))}"
