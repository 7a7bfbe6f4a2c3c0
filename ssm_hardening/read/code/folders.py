"""The prefilter: which folders hold code, which of them are roots, and which can matter for Session Manager.

Works by folder on bytes, without parsing: a resource type must be spelled out, so a module tree in which none of the
words of `signs` occurs holds no finding. Modules called by literal local paths are edges; those whose source is an
expression are added for each root (`early`).
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.read.code.beside import TERRAGRUNT, names_of_templates
from ssm_hardening.read.code.leads import (
    called_folders,
    calls_from_elsewhere,
    digest_of,
    files_read,
    has_open_source,
    is_told_by_code,
    names_any,
)
from ssm_hardening.read.code.signs import Marks, marks_of, may_concern
from ssm_hardening.read.paths import ALONE, Bounds, bytes_within

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_LEFT_OUT = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class CodeFolder:
    """A folder that holds code: the names of its files, and the folders of the local modules it calls, resolved.

    `calls_openly`: the source of a module that it calls is an expression. `is_initialised`: `terraform init` ran here,
    so that remote modules may be at hand. `digest` is of the code; empty where more than the code decides what it
    means: links, values of variables, files that functions read, and JSON, whose escapes may hide any of these.
    `size` is how many bytes of code there are.
    """

    path: Path
    names: tuple[str, ...]
    marks: Marks
    calls: tuple[Path, ...]
    calls_openly: bool = False
    is_initialised: bool = False
    digest: bytes = b""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Landscape:
    """All folders with code at and below some paths, and the folders that could not be listed.

    `early` are the folders that a root calls by sources that are expressions, and whether there may be others; without
    an entry, they were not evaluated. `terragrunt` are the configuration files of Terragrunt, `templates` those of
    CloudFormation.
    """

    folders: Mapping[Path, CodeFolder]
    unreadable: tuple[tuple[Path, str], ...]
    early: Mapping[Path, "EarlyCalls"] = field(default_factory=dict)
    terragrunt: tuple[Path, ...] = ()
    templates: tuple[Path, ...] = ()

    def roots(self, named: Iterable[Path]) -> list[Path]:
        """Return the root modules: the named folders that hold code, and every folder that no other one calls.

        Modules that only call each other, in a circle, have one root too: the first of them.
        """
        called = {target for folder in self.folders.values() for target in folder.calls if target != folder.path}
        early = {target for root in self.early.keys() - called for target in self.early[root].folders}
        called |= early
        first = [path for path in named if path in self.folders]
        found = dict.fromkeys([*first, *(path for path in sorted(self.folders) if path not in called)])
        reached = {folder.path for root in found for folder in self.called(root)}
        for path in sorted(self.folders.keys() - reached):
            if path not in reached:
                found[path] = None
                reached.update(folder.path for folder in self.called(path))
        return list(found)

    def marks(self, root: Path) -> Marks:
        """Return what the bytes of the folder, and of the modules it calls, say."""
        found = Marks.NONE
        for folder in self.called(root):
            found |= folder.marks
            if folder.calls_openly and (root not in self.early or self.early[root].may_be_more):
                found |= Marks.SIGN
        return found

    def reaches(self, root: Path, *, stores: bool = False) -> bool:
        """Say whether the folder, or a module it calls, holds a sign (or, with `stores`, a resource of interest)."""
        return bool(self.marks(root) & (Marks.SIGN | Marks.STORE if stores else Marks.SIGN))

    def size(self, root: Path) -> int:
        """Return how many bytes of code the folder and the modules that it calls have."""
        return sum(folder.size for folder in self.called(root))

    def calls_openly(self, root: Path) -> bool:
        """Say whether the source of a module that the folder calls, directly or not, is an expression."""
        return any(folder.calls_openly for folder in self.called(root))

    def holds_code(self, path: Path) -> bool:
        """Say whether there is code in this folder, or below it."""
        return any(folder.is_relative_to(path) for folder in self.folders)

    def calls_any(self, root: Path, wanted: AbstractSet[Path]) -> bool:
        """Say whether the folder is, or calls, one of those wanted."""
        return any(folder.path in wanted for folder in self.called(root))

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
                or (texts and names_any(_texts_of(folder), texts))
            ):
                found.add(path)
        return frozenset(found)

    def called(self, root: Path) -> Iterator[CodeFolder]:
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
                todo.extend(self.early[root].folders if root in self.early and path == root else ())


@dataclass(frozen=True, slots=True)
class EarlyCalls:
    """The folders that a root, or a module it calls, calls by sources that are expressions."""

    folders: tuple[Path, ...]
    may_be_more: bool


class Survey:
    """One look at folders; `everything`: also at what may concern sessions without being a document, store, or key."""

    def __init__(self, bounds: Bounds, *, everything: bool) -> None:
        self.bounds = bounds
        self.everything = everything
        self.folders: dict[Path, CodeFolder] = {}
        self.unreadable: list[tuple[Path, str]] = []
        self.terragrunt: list[Path] = []
        self.templates: list[Path] = []

    def walk(self, top: Path) -> None:
        """Look at a folder and at all folders below it."""
        todo = [top]
        while todo:
            path = todo.pop()
            entries = _entries(path, self.unreadable)
            folder = _look(path, entries, self.bounds, everything=self.everything)
            if folder is not None:
                self.folders[path] = folder
            self.terragrunt += (path / entry.name for entry in entries if entry.name in TERRAGRUNT)
            if self.everything:
                self.templates += (path / name for name in names_of_templates(entries))
            todo.extend(Path(entry.path) for entry in entries if _is_searched(entry))

    def follow(self, todo: list[Path]) -> None:
        """Add the called folders that lie outside the paths, transitively."""
        while todo:
            path = todo.pop()
            if path in self.folders:
                continue
            before = len(self.unreadable)
            folder = _look(path, _entries(path, self.unreadable), self.bounds, everything=self.everything)
            if len(self.unreadable) > before and path.exists():
                # A module that we may not look into may hold anything.
                folder = CodeFolder(path, (), Marks.ANY, calls=())
            if folder is not None:
                self.folders[path] = folder
                todo.extend(folder.calls)


def survey(paths: Iterable[Path], bounds: Bounds = ALONE, *, everything: bool = True) -> Landscape:
    """Look at all folders at and below the paths (resolved folders), and at the local modules they call."""
    found = Survey(bounds, everything=everything)
    for path in paths:
        found.walk(path)
    found.follow([target for folder in found.folders.values() for target in folder.calls])
    return Landscape(
        found.folders,
        tuple(found.unreadable),
        terragrunt=tuple(sorted(set(found.terragrunt))),
        templates=tuple(sorted(set(found.templates))),
    )


def look_at(path: Path, bounds: Bounds = ALONE) -> CodeFolder | None:
    """Look at one folder alone; None where it holds no code."""
    return _look(path, _entries(path, []), bounds, everything=False)


def _is_searched(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in _LEFT_OUT


def _entries(path: Path, unreadable: list[tuple[Path, str]]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        unreadable.append((path, error.strerror or "cannot be listed"))
        return []


def _look(path: Path, entries: list[os.DirEntry[str]], bounds: Bounds, *, everything: bool) -> CodeFolder | None:
    names = [entry.name for entry in entries if entry.name.endswith(SUFFIXES) and not _is_folder(entry)]
    names = [name for name in names if not name.startswith((".", "#")) and not name.endswith("~")]
    chosen = tuple(name for name in names if not _is_replaced(name, names))
    if not chosen:
        return None
    marks, calls_openly = Marks.NONE, False
    calls: dict[Path, None] = {}
    reads: set[Path | None] = {path / entry.name for entry in entries if entry.name.endswith(_VALUES)}
    held, has_links = dict[str, bytes](), any(entry.is_symlink() for entry in entries)
    for name in chosen:
        data = _bytes(path / name, bounds)
        if data is None or b"\x00" in data[:4096]:
            # What cannot be read may hold anything.
            marks |= Marks.SIGN
            continue
        held[name] = data
        marks |= marks_of(data, hints=everything and not marks & _TELLING)
        reads.update(files_read(path, data) if everything else ())
        if b"module" in data:
            calls_openly = calls_openly or has_open_source(data)
            if calls_from_elsewhere(data):
                marks |= Marks.STORE
            for written, target in called_folders(path, data, bounds):
                has_links = has_links or target != written
                if target is None:
                    marks |= Marks.SIGN
                else:
                    calls[target] = None
    if everything and not marks & _TELLING and any(_hints(file, bounds) for file in reads):
        marks |= Marks.HINT
    is_initialised = any(entry.name == ".terraform" for entry in entries)
    has_values = any(entry.name.endswith(_VALUES) for entry in entries)
    is_told = len(held) == len(chosen) and not has_links and not has_values and is_told_by_code(held)
    digest, size = digest_of(held.items()) if is_told else b"", sum(map(len, held.values()))
    return CodeFolder(path, chosen, marks, tuple(calls), calls_openly, is_initialised, digest, size)


_TELLING = Marks.SIGN | Marks.HINT
_VALUES = (".auto.tfvars", ".auto.tfvars.json", "terraform.tfvars", "terraform.tfvars.json")


def _hints(file: Path | None, bounds: Bounds) -> bool:
    """Say whether a file that code reads, or which sets its variables, may concern sessions; one unknown may."""
    if file is None:
        return True
    data = _bytes(file, bounds)
    # A file that is missing makes code fail; one that may not be read, or is none of text, may hold anything.
    return os.path.lexists(file) if data is None else may_concern(data)


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


def _texts_of(folder: CodeFolder) -> Iterator[bytes]:
    return (_bytes(folder.path / name, ALONE) or b"" for name in folder.names)


def is_below(path: Path, folders: Iterable[Path]) -> bool:
    """Say whether a path is one of these folders, or lies below one."""
    return any(path.is_relative_to(folder) for folder in folders)


def _links(folder: Path) -> Iterator[Path]:
    """Yield what the links of a folder lead to."""
    for entry in _entries(folder, []):
        if entry.is_symlink():
            yield Path(os.path.realpath(entry.path))
