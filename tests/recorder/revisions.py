"""Records another revision: its code and its fixtures, by today's recorder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.recorder.manifest import RecorderError

HERE = Path(__file__).resolve().parent


@contextmanager
def checked_out(root: Path, revision: str, scratch: Path) -> Iterator[Path]:
    """Check a revision out beside the working tree, which stays as it is, and remove it again."""
    there = scratch / "tree"
    _git(root, "worktree", "add", "--quiet", "--detach", str(there), revision)
    try:
        yield there
    finally:
        _git(root, "worktree", "remove", "--force", str(there))


def record_there(tree: Path, scratch: Path, out: Path, arguments: Sequence[str]) -> None:
    """Record a working tree as it stands, by this recorder. Its own, if it has one, is not asked."""
    ours = scratch / "recorder"
    shutil.copytree(HERE, ours / "tests" / HERE.name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    # Ours comes first. `tests` is no package, so what else is imported of it comes from the tree.
    path = os.pathsep.join(str(each) for each in (ours, tree, tree / "src"))
    command = [sys.executable, "-m", f"tests.{HERE.name}", "record", "--root", str(tree), "--out", str(out), *arguments]
    done = subprocess.run(command, cwd=ours, env={**os.environ, "PYTHONPATH": path}, check=False)
    if done.returncode:
        raise RecorderError(f"{tree} could not be recorded (exit {done.returncode})")


def last_recorded(root: Path, manifest: Path) -> str:
    """Return the revision that the committed manifest is of, or an empty text where git does not know."""
    try:
        return _git(root, "log", "-1", "--format=%h", "--", str(manifest)).strip()
    except (RecorderError, FileNotFoundError):
        return ""


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RecorderError(done.stderr.strip() or f"git {arguments[0]} failed")
    return done.stdout
