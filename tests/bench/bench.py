"""What `make bench` prints: our figures beside checkov's, measured in one run on the same machine.

Machines differ and are noisy, so compare the ratios. Every run is a whole command, timed from outside: its CPU time is
what the operating system accounted for it and its processes, its peak the memory of all of them at one time (where
/proc tells it; elsewhere, of the largest). Medians of several runs, after one that is not counted.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench.repository import bombs, documents, write_repository

TOP = Path(__file__).resolve().parents[2]
TOOL = Path(sys.executable).with_name("ssm-harden")
RUNS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """One command: seconds of wall clock and CPU, peak memory in megabytes, of all its processes."""

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
    with _watched(process.pid) as most:
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{command}: ended with {process.returncode}")
    peak = max(most[0], usage.ru_maxrss / 1024)
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, peak if most[0] == 0 else most[0])


@contextmanager
def _watched(process: int) -> Iterator[list[float]]:
    """Watch a process and its descendants; gives the most megabytes that they held together."""
    most, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            most[0] = max(most[0], sum(map(_held, _tree(process))))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield most
    finally:
        ended.set()
        watching.join()


_EVERY = 0.05


def _tree(process: int) -> Iterator[int]:
    yield process
    with suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            yield from _tree(int(child))


def _held(process: int) -> float:
    """Return the megabytes of a process; what it shares with others counts in part."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return int(next(each for each in lines if each.startswith("Pss:")).split()[1]) / 1024
    return 0.0


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
        _documents(folder, env)
        _bombs(folder, env)


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
    theirs = _checkov(three, env, "the same 3 files", runs=3)
    if theirs is not None:
        _compare(theirs, ours)


def _checkov(folder: Path, env: dict[str, str], what: str, *, runs: int) -> Run | None:
    found = subprocess.run([TOOL, "tools", "path", "checkov"], capture_output=True, text=True, check=False)
    checkov = found.stdout.strip()
    if not checkov:
        print("  checkov is not installed: ssm-harden tools install")
        return None
    command = [checkov, "-d", ".", "--framework", "terraform", "--skip-download", "--quiet", "--compact"]
    theirs = measure(command, cwd=folder, env=env, runs=runs, warm_up=0)
    line(f"checkov, {what}", theirs)
    return theirs


def _compare(theirs: Run, ours: Run) -> None:
    ratios = [theirs.wall / ours.wall, theirs.cpu / ours.cpu, theirs.peak / ours.peak]
    print(f"  {'checkov : ssm-harden':<58} {ratios[0]:7.1f} x {ratios[1]:7.1f} x {ratios[2]:7.1f} x")


def _repository(folder: Path, env: dict[str, str]) -> None:
    """Measure a large repository, its quarter, and its tenth beside checkov."""
    runs: dict[int, Run] = {}
    for roots, files in ((120, 4_000), (30, 1_000), (12, 400)):
        repository = folder / f"roots-{roots}"
        size = write_repository(repository, files=files, roots=roots)
        what = f"plan, {roots} roots among {files:,} files ({size / 1e6:.1f} MB)"
        command: list[str | Path] = [TOOL, "plan", "--format", "json"]
        runs[roots] = measure(command, cwd=repository, env=env, runs=1, warm_up=0)
        is_whole = roots == max(runs)
        line(f"{what}, empty cache", runs[roots], "20 s, 300 MB" if is_whole else "")
        line("the same again", measure(command, cwd=repository, env=env, runs=3), "4 s, 300 MB" if is_whole else "")
    start = measure([TOOL, "plan", "--no-remediation"], cwd=_nothing(folder), env=env, runs=3).cpu
    growth = (runs[120].cpu - start) / (runs[30].cpu - start)
    print(f"  {'CPU, 120 roots : 30 roots, without the start':<58} {growth:19.2f} x  4 x")
    alone = measure([TOOL, "plan", "--jobs", "1", "--no-cache"], cwd=folder / "roots-12", env=env, runs=1, warm_up=0)
    line("plan, 12 roots among 400 files, one process, no cache", alone)
    theirs = _checkov(folder / "roots-12", env, "the same 400 files", runs=1)
    if theirs is not None:
        _compare(theirs, runs[12])
    once = folder / "roots-120"
    line("check, the same 4,000 files", measure([TOOL, "check", "."], cwd=once, env=env, runs=1, warm_up=0), "5 s")
    line("the same again", measure([TOOL, "check", "."], cwd=once, env=env, runs=3), "1 s")


def _nothing(folder: Path) -> Path:
    empty = folder / "nothing"
    empty.mkdir(exist_ok=True)
    (empty / "main.tf").write_text("")
    return empty


def _documents(folder: Path, env: dict[str, str]) -> None:
    many = folder / "documents"
    many.mkdir()
    for name, text in documents(4_000).items():
        (many / name).write_text(text)
    line("plan, 4,000 session documents", _single(many, env), "8 s")


def _bombs(folder: Path, env: dict[str, str]) -> None:
    for name, text in bombs().items():
        bomb = folder / name
        bomb.mkdir()
        (bomb / "main.tf").write_text(text)
        line(f"plan, {name}", _single(bomb, env), "1 s")


def _single(folder: Path, env: dict[str, str]) -> Run:
    return measure([TOOL, "plan", "--no-cache"], cwd=folder, env=env, runs=1, warm_up=0)


if __name__ == "__main__":
    main()
