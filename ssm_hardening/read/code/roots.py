"""One root module read: what it yields, and whether that can be remembered by what the files hold.

Roots are read one by one, without any state between them, so that processes can share them (`Crew`).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import TypeAlias

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.redaction import sensitive_in
from ssm_hardening.hcl import ast
from ssm_hardening.model import LINK, Account
from ssm_hardening.read.code.folders import Landscape
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.leads import digest_of
from ssm_hardening.read.code.manner import Manner, deep_recursion
from ssm_hardening.read.code.modules import NOT_INSTALLED
from ssm_hardening.read.code.signs import is_handed_power
from ssm_hardening.read.code.tree import Tree
from ssm_hardening.read.facts.accounts import accounts_of
from ssm_hardening.read.graph import RootReading, ToldByPlan
from ssm_hardening.read.paths import ALONE, bytes_within

WAIVER_WORD = "ssm-harden"
"""What a comment must contain, in any case, for its file to be kept for waivers."""


@dataclass(frozen=True, slots=True)
class WantedRoot:
    """A root to read; `is_sure`: it is about sessions, whatever its facts are."""

    folder: Path
    is_sure: bool


@dataclass(frozen=True, slots=True)
class RootRead:
    """What a root yields (None where it does not concern sessions), and whether it may be remembered.

    `recallable`: it follows from what `ingredients` tells apart, and holds nothing that is sensitive.
    """

    reading: RootReading | None
    recallable: bool


Crew: TypeAlias = Callable[[Sequence[WantedRoot], Landscape, Manner], Iterable[RootReading | None]]
"""Reads roots, in any order and anywhere; returns what they yield in the order in which they were asked for."""


def in_turn(wanted: Sequence[WantedRoot], landscape: Landscape, manner: Manner) -> Iterator[RootReading | None]:
    """Read roots one after another: the simplest crew."""
    for root in wanted:
        yield read_root(root, landscape, manner).reading


def read_root(wanted: WantedRoot, landscape: Landscape, manner: Manner) -> RootRead:
    """Read a root with the modules that it calls."""
    with deep_recursion():
        tree = manner.tree(wanted.folder, landscape, lambda path: matters(path, landscape))
        around = manner.tree(wanted.folder, landscape) if manner.everything else None
        trees = (tree,) if around is None else (tree, around)
        found = accounts_of(tree, whole=around)
        is_ours = around is None or wanted.is_sure or _concerns(around, found)
        reading = _reading(trees, found, manner.told.get(wanted.folder)) if is_ours else None
        return RootRead(reading, recallable=_is_told_by_files(trees, landscape, reading))


def _reading(trees: Sequence[Tree], found: Sequence[Account], told: ToldByPlan | None) -> RootReading:
    files = {file.path: file for tree in trees for file in tree.files()}
    return RootReading(
        accounts=tuple(found),
        files=tuple(_only_comments(file) for file in files.values() if _has_waiver(file)),
        texts=frozenset(text for tree in trees for text in tree.evaluator.marks.texts)
        | (frozenset() if told is None else told.sensitive),
        parsed=tuple(files),
        objections=tuple(dict.fromkeys(each for tree in trees for each in tree.beside.objections)),
    )


def _concerns(around: Tree, found: Sequence[Account]) -> bool:
    """Say whether a root that only may concern sessions does, by what it hands to unread modules or by its facts."""
    from ssm_hardening.read.facts.relevance import concern_sessions  # noqa: PLC0415 - the check never asks for it

    return _hands_on(around) or concern_sessions(around, found)


def _hands_on(tree: Tree) -> bool:
    """Say whether a module that was not read is handed what may make a node, or grant a power over sessions."""
    texts = {file.path: file.text.splitlines() for file in tree.files()}
    places = (gap.at for gap in tree.gaps if gap.kind == "module" and isinstance(gap.at, CodeOrigin))
    return any(is_handed_power("\n".join(texts.get(at.file, [])[at.line - 1 : at.end_line])) for at in places)


def matters(path: Path, landscape: Landscape) -> bool:
    """Say whether a called module can hold facts; one that was not surveyed (vendored) can."""
    return path not in landscape.folders or landscape.reaches(path, stores=True)


def _has_waiver(file: ast.SourceFile) -> bool:
    return any(WAIVER_WORD in comment.text.casefold() for comment in file.comments)


def _only_comments(file: ast.SourceFile) -> ast.SourceFile:
    return replace(file, body=ast.Body((), (), file.body.span))


# What a root follows from


def ingredients(wanted: WantedRoot, landscape: Landscape, manner: Manner) -> bytes:
    """Return a digest of all that decides what a root yields; empty where more than its code does.

    That is the code of the root and of the modules that it calls, as it was surveyed, and where they lie. Whatever else
    can have a say leaves a root out: values for its variables, a workspace, its plan, functions that read files, and
    links.
    """
    if (
        wanted.folder in manner.told
        or not _is_decided_by_code(manner)
        or landscape.calls_openly(wanted.folder)
        or landscape.terragrunt
    ):
        return b""
    folders = {folder.path: folder for folder in landscape.called(wanted.folder)}
    targets = {target for folder in folders.values() for target in folder.calls}
    if not targets <= folders.keys() or any(not folder.digest for folder in folders.values()):
        return b""
    if any(os.path.realpath(path) != str(path) for path in folders):
        return b""
    told = (str(Path.cwd()), str(wanted.folder), manner.everything, wanted.is_sure, _initialised(wanted.folder))
    made = blake2b(repr(told).encode(), digest_size=32)
    for path in sorted(folders):
        made.update(repr((str(path), folders[path].digest)).encode())
    return made.digest()


_SAID_BY_INIT = ("environment", "modules/modules.json")


def _initialised(root: Path) -> tuple[bytes | None, ...]:
    """Return what `terraform init` and `terraform workspace` said of a root; None for each that did not."""
    said: list[bytes | None] = []
    for name in _SAID_BY_INIT:
        try:
            said.append(bytes_within(root / ".terraform" / name, ALONE))
        except (OSError, UnreadableError):
            said.append(None)
    return tuple(said)


def _is_decided_by_code(manner: Manner) -> bool:
    """Say whether the user gave no values: none of what they lead to is ever kept."""
    return manner.inputs == Inputs() and not any(name.startswith(_TELLING) for name in os.environ)


_TELLING = ("TF_VAR_", "TF_WORKSPACE", "TF_DATA_DIR", "TF_CLI_ARGS")
"""How the environment variables begin by which Terraform is told something of roots."""


def _is_told_by_files(trees: Sequence[Tree], landscape: Landscape, reading: RootReading | None) -> bool:
    """Say whether exactly the files that were surveyed were read, and what they yield holds nothing sensitive."""
    if any(tree.has_values for tree in trees):
        return False
    modules = {id(each.module): each.module for tree in trees for each in tree.instances()}
    for module in modules.values():
        surveyed = landscape.folders.get(module.folder)
        read = ((Path(file.path).name, file.text.encode()) for file in module.files)
        if surveyed is None or not surveyed.digest or surveyed.digest != digest_of(read):
            return False
    for gap in (gap for tree in trees for gap in tree.gaps):
        if gap.kind in {"file", LINK} or (gap.kind == "module" and not gap.detail.endswith(NOT_INSTALLED)):
            return False
    return reading is None or not sensitive_in(reading.accounts, reading.texts).texts
