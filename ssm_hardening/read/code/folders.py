"""The prefilter: which folders hold code, which of them are roots, and which can matter for Session Manager.

Works by folder on bytes, without parsing: a resource type must be spelled out, so a module tree in which none of the
words below occurs holds no finding. Modules called by literal local paths are edges.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.read.graph import SIGNS
from ssm_hardening.read.paths import ALONE, Bounds, bytes_within

STORES = (b"aws_ssm_document", b"aws_s3_bucket", b"aws_cloudwatch_log_group", b"aws_kms_")
"""Words without which a module holds none of the resources that become facts."""

_HINTS = (b"ssm", b"SSM", b"session")
"""Parts of words: a file without any of them holds no sign, and most files are told so three times as fast."""

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_LOCAL_SOURCE = re.compile(rb'"?source"?\s*[=:]\s*"(\.\.?/[^"]*|\.\.?)"')
_OPEN_SOURCE = re.compile(rb'"?source"?\s*[=:]\s*(?:"[^"\n]*\$\{|var\.|local\.)')
_REMOTE_SOURCE = re.compile(
    rb'"?source"?\s*[=:]\s*"(?!\.)'
    rb'(?!(?!(?:github\.com|gitlab\.com|bitbucket\.org)/)(?:[\w-]+\.[\w.-]+/)?[\w-]+/[\w-]+")[^"]+"'
)
"""The source of a module from elsewhere, and not that of a provider (`NAMESPACE/TYPE`)."""
_OUTSIDE = re.compile(rb'\.\./(?!\.\./)([^"$%\s\\]*)')
"""A path that leads out of a folder, up to where its text is no longer fixed."""

_LEFT_OUT = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class CodeFolder:
    """A folder that holds code: the names of its files, and the folders of the local modules it calls, resolved.

    `has_store`: a store may be declared here, or in a module from elsewhere. `is_initialised`: `terraform init` ran
    here, so that remote modules may be at hand.
    """

    path: Path
    names: tuple[str, ...]
    has_sign: bool
    has_store: bool
    calls: tuple[Path, ...]
    is_initialised: bool = False


@dataclass(frozen=True, slots=True)
class Landscape:
    """All folders with code at and below some paths, and the folders that could not be listed."""

    folders: Mapping[Path, CodeFolder]
    unreadable: tuple[tuple[Path, str], ...]

    def roots(self, named: Iterable[Path]) -> list[Path]:
        """Return the root modules: the named folders that hold code, and every folder that no other one calls.

        Modules that only call each other, in a circle, have one root too: the first of them.
        """
        called = {target for folder in self.folders.values() for target in folder.calls if target != folder.path}
        first = [path for path in named if path in self.folders]
        found = dict.fromkeys([*first, *(path for path in sorted(self.folders) if path not in called)])
        reached = {folder.path for root in found for folder in self._called(root)}
        for path in sorted(self.folders.keys() - reached):
            if path not in reached:
                found[path] = None
                reached.update(folder.path for folder in self._called(path))
        return list(found)

    def reaches(self, root: Path, *, stores: bool = False) -> bool:
        """Say whether the folder, or a module it calls, holds a sign (or, with `stores`, a resource of interest)."""
        return any(folder.has_sign or (stores and folder.has_store) for folder in self._called(root))

    def calls_any(self, root: Path, wanted: AbstractSet[Path]) -> bool:
        """Say whether the folder is, or calls, one of those wanted."""
        return any(folder.path in wanted for folder in self._called(root))

    def concerns(self, root: Path, affected: AbstractSet[Path], named: Collection[Path]) -> bool:
        """Say whether a root is affected: any root at or below the named folders; others by what lies there."""
        here = affected if is_below(root, named) else {path for path in affected if is_below(path, named)}
        return self.calls_any(root, here)

    def affected(self, changed: Iterable[Path], values: Iterable[Path] = ()) -> frozenset[Path]:
        """Return the folders of code that these files matter to, or all that lies in these folders.

        A file matters where it lies, in the folder of code above it, where a link leads to it, and where code names it
        by a path that leads out of its own folder; one of the `values` of variables, everywhere. Whatever cannot be
        told apart counts: rather is a folder too many read.
        """
        files = frozenset(changed)
        if not files.isdisjoint(path.resolve() for path in values):
            return frozenset(self.folders)
        around = files | {parent for file in files for parent in file.parents}
        texts = [each.as_posix() for each in files if not each.name.endswith(SUFFIXES)]
        above = (next((each for each in file.parents if each in self.folders), None) for file in files)
        found = {each for each in above if each is not None}
        for path, folder in self.folders.items():
            if (
                not files.isdisjoint((path, *path.parents))
                or any(each in around and each not in self.folders for each in folder.calls)
                or any(each in around for each in _links(path))
                or (texts and _names_any(folder, texts))
            ):
                found.add(path)
        return frozenset(found)

    def _called(self, root: Path) -> Iterator[CodeFolder]:
        """Yield the folder and every folder it calls, directly or not, once each."""
        seen: set[Path] = set()
        todo = [root]
        while todo:
            path = todo.pop()
            folder = self.folders.get(path)
            if folder is not None and path not in seen:
                seen.add(path)
                yield folder
                todo.extend(folder.calls)


def survey(paths: Iterable[Path], bounds: Bounds = ALONE) -> Landscape:
    """Look at all folders at and below the paths (resolved folders), and at the local modules they call."""
    folders: dict[Path, CodeFolder] = {}
    unreadable: list[tuple[Path, str]] = []
    for path in paths:
        for folder in _walk(path, bounds, unreadable):
            folders[folder.path] = folder
    _follow(folders, bounds, unreadable)
    return Landscape(folders, tuple(unreadable))


def _follow(folders: dict[Path, CodeFolder], bounds: Bounds, unreadable: list[tuple[Path, str]]) -> None:
    """Add the called folders that lie outside the paths, transitively."""
    todo = [target for folder in folders.values() for target in folder.calls]
    while todo:
        path = todo.pop()
        if path in folders:
            continue
        before = len(unreadable)
        folder = _look(path, _entries(path, unreadable), bounds)
        if len(unreadable) > before and path.exists():
            # A module that we may not look into may hold anything.
            folder = CodeFolder(path, (), has_sign=True, has_store=True, calls=())
        if folder is not None:
            folders[path] = folder
            todo.extend(folder.calls)


def look_at(path: Path, bounds: Bounds = ALONE) -> CodeFolder | None:
    """Look at one folder alone; None where it holds no code."""
    return _look(path, _entries(path, []), bounds)


def _walk(top: Path, bounds: Bounds, unreadable: list[tuple[Path, str]]) -> Iterator[CodeFolder]:
    todo = [top]
    while todo:
        path = todo.pop()
        entries = _entries(path, unreadable)
        folder = _look(path, entries, bounds)
        if folder is not None:
            yield folder
        todo.extend(Path(entry.path) for entry in entries if _is_searched(entry))


def _is_searched(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in _LEFT_OUT


def _entries(path: Path, unreadable: list[tuple[Path, str]]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        unreadable.append((path, error.strerror or "cannot be listed"))
        return []


def _look(path: Path, entries: list[os.DirEntry[str]], bounds: Bounds) -> CodeFolder | None:
    names = [entry.name for entry in entries if entry.name.endswith(SUFFIXES) and not _is_folder(entry)]
    names = [name for name in names if not name.startswith((".", "#")) and not name.endswith("~")]
    chosen = tuple(name for name in names if not _is_replaced(name, names))
    if not chosen:
        return None
    has_sign = has_store = False
    calls: dict[Path, None] = {}
    for name in chosen:
        data = _bytes(path / name, bounds)
        if data is None or b"\x00" in data[:4096]:
            # What cannot be read may hold anything.
            has_sign = True
            continue
        has_sign = has_sign or _has_sign(data)
        has_store = has_store or any(word in data for word in STORES)
        if b"module" in data:
            has_sign = has_sign or _OPEN_SOURCE.search(data) is not None
            has_store = has_store or _REMOTE_SOURCE.search(data) is not None
            found = list(_targets(path, data, bounds))
            has_sign = has_sign or None in found
            calls.update(dict.fromkeys(each for each in found if each is not None))
    is_initialised = any(entry.name == ".terraform" for entry in entries)
    return CodeFolder(path, chosen, has_sign, has_store, tuple(calls), is_initialised)


def _has_sign(data: bytes) -> bool:
    return any(hint in data for hint in _HINTS) and any(word in data for word in SIGNS)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_replaced(name: str, names: list[str]) -> bool:
    """Say whether OpenTofu reads another file in place of this one."""
    if name.endswith(".tf.json"):
        return name.removesuffix(".tf.json") + ".tofu.json" in names
    return name.endswith(".tf") and name.removesuffix(".tf") + ".tofu" in names


def _bytes(file: Path, bounds: Bounds) -> bytes | None:
    try:
        return bytes_within(file, bounds)
    except (OSError, UnreadableError):
        return None


def _targets(folder: Path, data: bytes, bounds: Bounds) -> Iterator[Path | None]:
    """Yield the folders called, links followed; None for a link that leads out, behind which anything may be."""
    for match in _LOCAL_SOURCE.finditer(data):
        try:
            yield bounds.followed(Path(os.path.normpath(folder / match.group(1).decode())), folder)
        except ValueError:
            continue


def is_below(path: Path, folders: Iterable[Path]) -> bool:
    """Say whether a path is one of these folders, or lies below one."""
    return any(path.is_relative_to(folder) for folder in folders)


def _links(folder: Path) -> Iterator[Path]:
    """Yield what the links of a folder lead to."""
    for entry in _entries(folder, []):
        if entry.is_symlink():
            yield Path(os.path.realpath(entry.path))


def _names_any(folder: CodeFolder, files: Iterable[str]) -> bool:
    """Say whether code of a folder may read one of these files by a path that leads out of the folder."""
    for name in folder.names:
        data = _LOCAL_SOURCE.sub(b"", _bytes(folder.path / name, ALONE) or b"")
        tails = {match[1].decode(errors="replace") for match in _OUTSIDE.finditer(data)}
        if any(f"/{tail}" in file for tail in tails for file in files):
            return True
    return False
