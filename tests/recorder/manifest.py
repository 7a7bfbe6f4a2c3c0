"""The manifest: one line a subject, one short hash an artifact, with its command's exit code before it.

examples/careless  access.json=0/1f0a9c3e  audit.json=1/77d0c2b1  generated=c01b6a55 …
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

EXITS = "exits.json"
_DIGITS = 8

Manifest: TypeAlias = dict[str, dict[str, str]]
"""By subject and artifact: the exit code where there is one, and the hash."""


class RecorderError(Exception):
    """It could not be recorded, or not be told apart."""


def line_of(folder: Path, artifacts: Sequence[str]) -> dict[str, str]:
    """Return a subject's line, from what was recorded in its folder."""
    exits: Mapping[str, int] = json.loads((folder / EXITS).read_text(encoding="utf-8"))
    line = {}
    for name in sorted(set(artifacts) - {EXITS}):
        found = _hash(folder / name)
        line[name] = f"{exits[name]}/{found}" if name in exits else found
    return line


def _hash(path: Path) -> str:
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    whole = hashlib.sha256()
    for each in files:
        name = each.relative_to(path).as_posix()
        whole.update(f"{name} {hashlib.sha256(each.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:_DIGITS]


def write(path: Path, manifest: Manifest) -> None:
    """Write a manifest."""
    lines = (" ".join([name, *(f"{key}={text}" for key, text in line.items())]) for name, line in manifest.items())
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read(path: Path) -> Manifest:
    """Read a manifest. Raises RecorderError where there is none."""
    if not path.is_file():
        raise RecorderError(f"{path}: there is no such manifest")
    manifest = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, *artifacts = line.split()
        manifest[name] = dict(each.split("=", maxsplit=1) for each in artifacts)
    return manifest


def changes(before: Manifest, after: Manifest) -> Iterator[str]:
    """Say what is not as it was, a line a subject."""
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"{name}: is gone"
        elif name not in before:
            yield f"{name}: is new"
        elif before[name] != after[name]:
            yield f"{name}: {', '.join(_artifacts(before[name], after[name]))}"


def changed(before: Manifest, after: Manifest) -> tuple[str, ...]:
    """Return the names of the subjects that are not as they were."""
    return tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))


def _artifacts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for artifact in sorted({*before, *after}):
        if artifact not in after:
            yield f"{artifact} is gone"
        elif artifact not in before:
            yield f"{artifact} is new"
        elif before[artifact] != after[artifact]:
            yield artifact + _exit_codes(before[artifact], after[artifact])


def _exit_codes(before: str, after: str) -> str:
    one, other = (text.partition("/")[0] if "/" in text else "" for text in (before, after))
    return "" if one == other else f" (exit {one} → {other})"
