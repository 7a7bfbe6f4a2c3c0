"""Files of evidence: found where the user says, written once and never over another."""

import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ssm_hardening.core.errors import RefusedWriteError, UsageError


def files_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files that are named, and those called *.json of folders that are. Raises UsageError."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(each for each in path.iterdir() if each.suffix == ".json")
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}", hint="check the rights on it") from error
        if not inside:
            raise UsageError(f"{path}: no evidence here", hint="`ssm-harden host run` writes files called *.json")
        found += (_within(path, each) for each in inside)
    return tuple(dict.fromkeys(found))


def _within(folder: Path, path: Path) -> Path:
    """Return a file of a folder that was named, unless it is a link that leads out: nobody named what that leads to."""
    from ssm_hardening.read.paths import Bounds

    real = folder.resolve()
    if Bounds((real,)).followed(real / path.name, real) is None:
        raise UsageError(f"{path}: a link that leads out of the folder", hint="name the file that it leads to")
    return path


def refuse_existing(folder: Path, nodes: Iterable[str]) -> None:
    """Raise RefusedWriteError where there is evidence of a node already, UsageError where it cannot be written."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder}: not a folder", hint="name a folder")
    there = [path.name for path in (_path(folder, node) for node in nodes) if os.path.lexists(path)]
    if there:
        raise _refusal(folder, ", ".join(there))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror}", hint="name a folder that can be made") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--out {folder}: Permission denied", hint="name a folder that you may write to")


def write(folder: Path, node: str, document: Mapping[str, Any]) -> Path:
    """Write a new file that only its owner may read, whole or not at all, and return it.

    Raises RefusedWriteError where it is there, UsageError where it cannot be written.
    """
    path = _path(folder, node)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(json.dumps(document, indent=1) + "\n")
            os.link(name, path)  # unlike a renaming, a link never takes another file's place
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
    except FileExistsError as error:
        raise _refusal(folder, path.name) from error
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}", hint="name another folder: --out DIR"
        ) from error
    return path


def _path(folder: Path, node: str) -> Path:
    return folder / f"{node}.json"


def _refusal(folder: Path, names: str) -> RefusedWriteError:
    return RefusedWriteError(
        f"there is evidence in {folder} already: {names}", hint="name another folder: --out DIR; none is overwritten"
    )
