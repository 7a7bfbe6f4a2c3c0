"""What `make bench` prints: our figures beside checkov's, measured in one run on the same machine.

Machines differ and are noisy, so compare the ratios. Every run is a whole process, timed from outside; its CPU time and
peak memory are what the operating system accounted for it. Medians of several runs, after one that is not counted.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.repository import write_repository

TOP = Path(__file__).resolve().parents[2]
TOOL = Path(sys.executable).with_name("ssm-harden")
RUNS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds of wall clock and CPU, peak memory in megabytes."""

    wall: float
    cpu: float
    peak: float


def measure(
    command: Sequence[str | Path], *, cwd: Path, env: dict[str, str], runs: int = RUNS, warm_up: int = 1
) -> Run:
    """Run a command several times; the median of each figure."""
    found = [_once(command, cwd, env) for _ in range(runs + warm_up)][warm_up:]
    return Run(*(statistics.median(getattr(run, name) for run in found) for name in ("wall", "cpu", "peak")))


def _once(command: Sequence[str | Path], cwd: Path, env: dict[str, str]) -> Run:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{command}: ended with {process.returncode}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def line(what: str, run: Run, target: str = "") -> None:
    """Print one row."""
    print(f"  {what:<58} {run.wall:7.2f} s {run.cpu:7.2f} s {run.peak:7.0f} MB  {target}")


@contextmanager
def workplace() -> Iterator[tuple[Path, dict[str, str]]]:
    """Give a folder of its own, and an environment whose caches start empty."""
    with tempfile.TemporaryDirectory(prefix="ssm-harden-bench-") as name:
        folder = Path(name)
        env = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "NO_COLOR": "1"}
        yield folder, env


def main() -> None:
    """Print all figures."""
    print(f"  {'':<58} {'wall':>9} {'CPU':>9} {'peak':>10}  target")
    with workplace() as (folder, env):
        three = _three_files(folder)
        first = measure([TOOL, "check", "."], cwd=three, env=env, runs=1, warm_up=0)
        line("first check ever (no grammar cache)", first, "2.5 s")
        _starts(folder, env)
        _against_checkov(three, env)
        _repository(folder, env)


def _three_files(folder: Path) -> Path:
    target = folder / "three"
    target.mkdir()
    source = TOP / "examples" / "careless"
    for path in sorted(source.glob("*.tf"))[:3]:
        shutil.copy(path, target)
    return target


def _starts(folder: Path, env: dict[str, str]) -> None:
    for arguments in (["--help"], ["rules"], ["explain", "PREF-03"]):
        line(f"ssm-harden {' '.join(arguments)}", measure([TOOL, *arguments], cwd=folder, env=env), "0.35 s")


def _against_checkov(three: Path, env: dict[str, str]) -> None:
    ours = measure([TOOL, "check", "."], cwd=three, env=env)
    line("ssm-harden check, 3 files", ours, "0.5 s, 80 MB")
    found = subprocess.run([TOOL, "tools", "path", "checkov"], capture_output=True, text=True, check=False)
    checkov = found.stdout.strip()
    if not checkov:
        print("  checkov is not installed: ssm-harden tools install")
        return
    command = [checkov, "-d", ".", "--framework", "terraform", "--skip-download", "--quiet", "--compact"]
    theirs = measure(command, cwd=three, env=env, runs=3)
    line("checkov, the same 3 files", theirs)
    ratios = [theirs.wall / ours.wall, theirs.cpu / ours.cpu, theirs.peak / ours.peak]
    print(f"  {'checkov : ssm-harden':<58} {ratios[0]:7.1f} x {ratios[1]:7.1f} x {ratios[2]:7.1f} x")


def _repository(folder: Path, env: dict[str, str]) -> None:
    repository = folder / "repository"
    size = write_repository(repository, files=4_000, relevant=0.01)
    first = measure([TOOL, "check", "."], cwd=repository, env=env, runs=1, warm_up=0)
    line(f"check, generated repository of 4,000 files ({size / 1e6:.1f} MB), first", first, "5 s")
    line("the same again", measure([TOOL, "check", "."], cwd=repository, env=env, runs=3), "1 s")


if __name__ == "__main__":
    main()
