"""Writes generated files: all of them or none, never over anything that is not ours.

`.ssm-harden.json` in the folder lists what was written, with hashes.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ssm_hardening.core import limits
from ssm_hardening.core.errors import RefusedWriteError, SsmHardenError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.hcl.writing import describe
from ssm_hardening.remediation.rendering import GeneratedFolder

_MAKES = ("purposes", "log_group_name", "further_log_group_names")
"""Inputs whose members each stand for something: a key, or a log group that may use one."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A module call: where its code is, and the members of the inputs that matter."""

    source: str
    members: frozenset[str]


def left_out(before: str, after: str) -> tuple[str, ...]:
    """Return what the root files call before and not after: `module.session_keys`, a member it loses, an import."""
    old, new = _calls(before), _calls(after)
    return (*_lost(old, new), *_not_imported(_imports(before), _imports(after), new))


def _lost(old: Mapping[str, _Call], new: Mapping[str, _Call]) -> Iterator[str]:
    for label, call in old.items():
        now = new.get(label)
        if now is None or now.source != call.source:
            yield f"module.{label}"
        else:
            yield from (f"module.{label} for {member}" for member in sorted(call.members - now.members))


def _not_imported(old: frozenset[str], new: frozenset[str], calls: Mapping[str, _Call]) -> Iterator[str]:
    """Yield imports that are gone while their module is still called: Terraform would make what exists once more."""
    for target in sorted(old - new):
        if target.split(".")[1:2] and target.split(".")[1] in calls:
            yield f"the import of {target}"


def _imports(text: str) -> frozenset[str]:
    targets = ({each.name: each.value for each in block.body.attributes}.get("to") for block in _blocks(text, "import"))
    return frozenset(describe(target, length=1000) for target in targets if target is not None)


def _calls(text: str) -> dict[str, _Call]:
    return {block.labels[0]: _call(block) for block in _blocks(text, "module") if block.labels}


def _blocks(text: str, kind: str) -> list[ast.Block]:
    try:
        return [block for block in parse("main.tf", text.encode()).body.blocks if block.type == kind]
    except SsmHardenError:
        return []


def _call(block: ast.Block) -> _Call:
    given = {attribute.name: attribute.value for attribute in block.body.attributes}
    members = (member for name in _MAKES if name in given for member in _members(given[name]))
    return _Call(describe(given["source"]) if "source" in given else "", frozenset(members))


def _members(value: ast.Expr) -> Iterator[str]:
    for each in value.items if isinstance(value, ast.TupleExpr) else (value,):
        yield describe(each, length=1000)


MANIFEST = ".ssm-harden.json"
_SCHEMA = "ssm-harden/manifest/1"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Written:
    """What a write changed: relative paths."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


def write(folder: Path, generated: GeneratedFolder, *, into: bool) -> Written:
    """Write the files into `folder`; with `into` the folder is the user's own root and must exist.

    Files of an earlier run that are no longer wanted are removed; where nothing is to be made any more, they stay, for
    what they made stays too. Raises RefusedWriteError, and then nothing has changed.
    """
    listed = _check_folder(folder, into=into)
    foreign = [*_foreign(folder, generated.files, listed), *_changed(folder, listed, generated.files)]
    if foreign:
        shown = ", ".join(sorted(set(foreign))[:_SHOWN])
        raise RefusedWriteError(
            f"{folder}: contains files that ssm-harden did not write, or that were changed since: {shown}",
            hint="move these files away, or use another folder",
        )
    wanted = {name: text for name, text in generated.files.items() if listed.get(name) != _hash(text)}
    missing = {name: text for name, text in generated.files.items() if not (folder / name).exists()}
    others = {name: digest for name, digest in listed.items() if name not in generated.files}
    kept = {} if any(map(_is_code, generated.files)) else others
    _demand_all_called(folder, listed, generated.files)
    stale = [name for name in others if name not in kept and (folder / name).exists()]
    changes = wanted | missing
    entries = kept | {name: _hash(text) for name, text in generated.files.items()}
    if changes or stale or listed != entries:
        _write_all(folder, changes | {MANIFEST: _manifest(entries)}, stale)
    unchanged = tuple(sorted(set(generated.files) - set(changes)))
    return Written(tuple(sorted(changes)), tuple(sorted(stale)), unchanged)


def _is_code(name: str) -> bool:
    return name.endswith(".tf")


def _demand_all_called(folder: Path, listed: Mapping[str, str], files: Mapping[str, str]) -> None:
    """Raise RefusedWriteError where what an earlier run called would not be called any more."""
    if not any(map(_is_code, files)):
        return
    roots = [name for name in listed if _is_code(name) and "/" not in name and (folder / name).is_file()]
    before = "\n".join((folder / name).read_text(encoding="utf-8") for name in roots)
    lost = left_out(before, "\n".join(text for name, text in files.items() if _is_code(name) and "/" not in name))
    if lost:
        raise RefusedWriteError(
            (
                f"{folder}: an earlier run wrote {', '.join(lost)}, and this run would remove it; if that run was "
                "applied, Terraform would destroy the resources"
            ),
            hint="use another folder; if the earlier run was never applied, remove its files and run again",
        )


def _check_folder(folder: Path, *, into: bool) -> dict[str, str]:
    """Return what the manifest lists; nothing for a new or empty folder."""
    if folder.is_symlink():
        raise RefusedWriteError(
            f"{folder}: symbolic links are not followed", hint="use the folder that the link points to"
        )
    if not folder.exists():
        if into:
            raise RefusedWriteError(
                f"{folder}: the folder does not exist", hint="--into must name your own root module"
            )
        return {}
    if not folder.is_dir():
        raise RefusedWriteError(f"{folder}: not a folder", hint="use another path")
    try:
        names = sorted(path.name for path in folder.iterdir())
        listed = _read_manifest(folder / MANIFEST)
    except OSError as error:
        raise _no_access(folder, error) from error
    if names and listed is None and not into:
        shown = ", ".join(names[:_SHOWN])
        raise RefusedWriteError(
            f"{folder}: not empty, and not written by ssm-harden: {shown}", hint="use a new or empty folder"
        )
    return listed or {}


def _read_manifest(path: Path) -> dict[str, str] | None:
    if path.is_symlink():
        raise RefusedWriteError(f"{path}: symbolic links are not followed", hint="remove it")
    if not path.exists():
        return None
    try:
        data = json.loads(limits.read_named(path, limits.MANIFEST, hint="remove it"))
    except (ValueError, RecursionError) as error:
        raise _broken(path) from error
    match data:
        case {"schema": "ssm-harden/manifest/1", "files": dict(files)} if all(map(_is_entry, files.items())):
            return dict(files)
        case _:
            raise _broken(path)


def _broken(path: Path) -> RefusedWriteError:
    return RefusedWriteError(f"{path}: not a manifest written by ssm-harden", hint="remove it, or use another folder")


def _is_entry(entry: tuple[object, object]) -> bool:
    name, digest = entry
    if not isinstance(name, str) or not isinstance(digest, str):
        return False
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _foreign(folder: Path, files: Mapping[str, str], listed: Mapping[str, str]) -> list[str]:
    """Return what stands where a file is to be written and is not ours: unlisted files, links, folders."""
    found = []
    for name in files:
        path = folder / name
        parents = [folder / each for each in PurePosixPath(name).parents][:-1]
        followed = any(each.is_symlink() for each in (path, *parents))
        in_the_way = path.is_dir() or any(each.exists() and not each.is_dir() for each in parents)
        if followed or in_the_way or (path.exists() and name not in listed):
            found.append(name)
    return found


def _changed(folder: Path, listed: Mapping[str, str], files: Mapping[str, str]) -> list[str]:
    """Return files of ours that somebody has changed since; one that was removed may be written again."""
    found = []
    for name, digest in listed.items():
        path = folder / name
        if path.is_symlink() or (path.exists() and not path.is_file()):
            found.append(name)
        elif path.exists():
            try:
                now = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                raise _no_access(path, error) from error
            if now != digest and not (name in files and now == _hash(files[name])):
                found.append(name)
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _manifest(entries: Mapping[str, str]) -> str:
    return json.dumps({"schema": _SCHEMA, "files": dict(sorted(entries.items()))}, indent=2) + "\n"


def _write_all(folder: Path, files: Mapping[str, str], stale: list[str]) -> None:
    """Write everything aside first, then move it into place; whatever fails is taken back."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ssm-harden-", dir=folder) as name:
            _move_all(folder, Path(name), files, stale)
    except OSError as error:
        for each in made:
            _remove_empty(each)
        raise _no_access(folder, error) from error


def _move_all(folder: Path, aside: Path, files: Mapping[str, str], stale: list[str]) -> None:
    staged = {}
    for number, (name, text) in enumerate(files.items()):
        staged[name] = aside / f"new-{number}"
        staged[name].write_text(text, encoding="utf-8", newline="")
        staged[name].chmod(0o644)
    with ExitStack() as undo:
        for number, name in enumerate([*stale, *staged]):
            _make_parents(folder, folder / name, undo)
            path, kept = folder / name, aside / f"old-{number}"
            if path.exists():
                _move(path, kept)
                undo.callback(_move, kept, path)
            if name in staged:
                _move(staged[name], path)
                undo.callback(path.unlink, missing_ok=True)
        undo.pop_all()
    for name in stale:
        _remove_empty((folder / name).parent)


def _move(path: Path, to: Path) -> None:
    os.replace(path, to)  # noqa: PTH105 - tests let just this call fail


def _make_parents(folder: Path, path: Path, undo: ExitStack) -> None:
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        if not (folder / parent).exists():
            (folder / parent).mkdir()
            undo.callback(_remove_empty, folder / parent)


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _no_access(path: Path, error: OSError) -> RefusedWriteError:
    place = error.filename if isinstance(error.filename, str) else str(path)
    return RefusedWriteError(
        f"{place}: {error.strerror or error}; nothing was written", hint="check the permissions and the free space"
    )
