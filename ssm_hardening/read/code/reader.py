"""Reads Terraform and OpenTofu code: paths in, accounts out."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from ssm_hardening.core.errors import UsageError, counted
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.redaction import sensitive_in
from ssm_hardening.core.values import Why
from ssm_hardening.model import LINK, Account, Gap
from ssm_hardening.read.code.beside import notes_on, without_code
from ssm_hardening.read.code.folders import SUFFIXES, Landscape, is_below
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.manner import Manner, Modules, deep_recursion
from ssm_hardening.read.code.modules import parsed_file
from ssm_hardening.read.code.roots import Crew, WantedRoot, in_turn, matters
from ssm_hardening.read.code.tree import Tree
from ssm_hardening.read.graph import Reading, ToldByPlan
from ssm_hardening.read.paths import Bounds, display, is_folder

CODE_FILES = (*SUFFIXES, ".tfvars", ".tfvars.json")
"""How the names of the files end that hold code, or values for it."""
_KINDS = frozenset({"file", "block"})


@dataclass(frozen=True, slots=True)
class Given:
    """Folders and files, resolved; `refused` says of each other path why it cannot be read."""

    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    refused: tuple[str, ...]


def sort_out(paths: Sequence[Path]) -> Given:
    """Tell folders, files and what is neither apart. Raises UsageError where nothing can be read."""
    found: list[Path] = []
    problems: list[tuple[Path, UsageError]] = []
    for path in paths:
        try:
            found.append(_resolved(path))
        except UsageError as error:
            problems.append((path, error))
    if problems and not found:
        raise UsageError("; ".join(error.message for _, error in problems), hint=problems[0][1].hint)
    refused = (error.message.replace(f"{path}: ", f"{path}: cannot be read: ", 1) for path, error in problems)
    folders = tuple(path for path in found if is_folder(path))
    return Given(folders, tuple(path for path in found if path not in folders), tuple(refused))


def folder_of(path: Path) -> Path:
    """Return the folder that a path names, or that holds the file it names. Raises UsageError."""
    resolved = _resolved(path)
    return resolved if is_folder(resolved) else resolved.parent


def _resolved(path: Path) -> Path:
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path}: {_reason(error)}", hint="check the PATH arguments") from error
    if is_folder(resolved):
        return resolved
    if path.name.endswith(CODE_FILES):
        # Where a file is a link, the module is the one that holds the link.
        return path.parent.resolve() / path.name
    hint = "pass a folder, or .tf, .tofu, or .tf.json files"
    if resolved.name.endswith((".json", ".tfstate")):
        hint += "; to read a plan or a state in JSON format, use `ssm-harden plan --plan-json FILE`"
    raise UsageError(f"{path}: not a Terraform file", hint=hint)


def _reason(error: OSError | RuntimeError) -> str:
    match error:
        case FileNotFoundError() | RuntimeError() | NotADirectoryError():
            # A circle of links, too, leads to nothing.
            return "no such file or folder"
        case OSError():
            return error.strerror or "cannot be read"


def unreadable(given: Given, accounts: Iterable[Account], read: AbstractSet[str], bounds: Bounds) -> Iterator[str]:
    """Say of each given file that cannot be read why. `read` are the files that were parsed, as they are displayed."""
    yield from given.refused
    known = {file: gap for account in accounts for file, gap in _broken(account.gaps)}
    for path in given.files:
        shown = display(path)
        found = [known[shown]] if shown in known else []
        if not found and shown not in read:
            # Whether it matters to a root or not: the caller relies on it having been read.
            parsed_file(path, bounds, found)
        yield from (gap.text() for gap in found)


def _broken(gaps: Iterable[Gap]) -> Iterator[tuple[str, Gap]]:
    for gap in gaps:
        match gap:
            case Gap(kind=kind, why=Why.UNPARSEABLE | Why.DENIED, at=CodeOrigin(file=file)) if kind in _KINDS:
                yield file, gap
            case Gap(kind=kind, at=CodeOrigin(file=file)) if kind == LINK:
                yield file, gap
            case _:
                continue


_FEW_FILES = 100
"""A named folder of up to this many files is parsed even where no word of ours occurs, so that broken code shows."""


def read_terraform(  # noqa: PLR0913 - what is read, and how
    paths: Sequence[Path],
    *,
    inputs: Inputs | None = None,
    everything: bool = True,
    within: Path | None = None,
    changed: Sequence[Path] | None = None,
    plans: Sequence[ToldByPlan] = (),
    crew: Crew = in_turn,
) -> Reading:
    """Read every root module at and below the paths.

    A path may be a folder, or a file (then its folder is meant). `everything`: nodes, roles, network, settings and
    trails too, for which every called module is looked at. `within`: a folder around the paths, below which links may
    lead. `changed`: only roots that hold one of these files, themselves or in a module that they call. `plans`: each of
    them is read as one picture with the root module that it was made of, if there is exactly one, changed or not.
    `crew` reads the roots.

    Raises UsageError for a path that does not exist. Files that cannot be read are gaps of accounts, never errors.
    """
    named = [folder_of(path) for path in paths]
    modules = Modules(Bounds((*named, *([] if within is None else [within]))))
    manner = Manner(inputs=inputs or Inputs(), modules=modules, everything=everything)
    landscape = manner.survey(named, named, named)
    everywhere = roots = landscape.roots(named)
    if changed is not None:
        wanted = landscape.affected(changed, manner.inputs.files)
        roots = [root for root in roots if landscape.calls_any(root, wanted)]
        if not roots and not plans:
            return Reading(accounts=())
    asked = _Asked(landscape, roots, named, crew)
    reading = _beside(plans, asked, manner, everywhere) if plans else _read(asked, manner)
    return replace(reading, missing=tuple(_without_code(landscape, named)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which roots to read, the folders that the user named, and who reads."""

    landscape: Landscape
    roots: Sequence[Path]
    named: Sequence[Path]
    crew: Crew


def _beside(plans: Sequence[ToldByPlan], asked: _Asked, manner: Manner, everywhere: Sequence[Path]) -> Reading:
    """Read roots, and those of the roots `everywhere` that plans were made of."""
    from ssm_hardening.read.code.own_plans import read_beside  # noqa: PLC0415 - only where plans are read, too

    landscape = asked.landscape

    def tree(root: Path, told: ToldByPlan | None) -> Tree:
        one = replace(manner, told={} if told is None else {root: told})
        return one.tree(root, landscape, lambda path: matters(path, landscape))

    def read(told: Mapping[Path, ToldByPlan], objections: dict[Path, tuple[str, ...]]) -> Reading:
        roots = [root for root in everywhere if root in asked.roots or root in told]
        if everywhere and not roots:
            return Reading(accounts=())
        return _read(replace(asked, roots=roots), replace(manner, told=told), objections)

    with deep_recursion():
        modules = {root: manner.modules.load(root) for root in everywhere}
        return read_beside(plans, modules, tree, read, manner.inputs)


def read_changed(
    files: Sequence[Path], *, inputs: Inputs | None = None, since: Sequence[Path] = (), crew: Crew = in_turn
) -> Reading:
    """Read the root modules that changed files belong to.

    A file below the working directory is judged through every root module there that calls its folder, a folder as by
    `read_terraform`. Only documents, stores and keys are read: the check is to be fast. What cannot be read is
    `refused`. Raises UsageError where no path names anything. `since` is all that changed; `files` say where to look.
    """
    given = _changed_below(sort_out(files), since) if since else sort_out(files)
    named, changed = list(given.folders), {path.parent for path in given.files}
    around = Path.cwd().resolve()
    inside = {path for path in changed if path.is_relative_to(around)}
    surveyed = [*named, *([around] if inside else []), *sorted(changed - inside)]
    modules = Modules(Bounds(tuple(surveyed)))
    manner = Manner(inputs=inputs or Inputs(), modules=modules, everything=False)
    landscape = manner.survey(surveyed, [*named, *changed], named)
    if since:
        wanted = landscape.affected(since, manner.inputs.files)
        roots = [root for root in landscape.roots([]) if landscape.concerns(root, wanted, named)]
    elif named:
        roots = landscape.roots(named)
    else:
        roots = [root for root in landscape.roots(sorted(changed - inside)) if landscape.calls_any(root, changed)]
    reading = _read(_Asked(landscape, roots, [*named, *changed], crew), manner)
    refused = dict.fromkeys(unreadable(given, reading.accounts, modules.read, modules.bounds))
    missing = () if since else tuple(_without_code(landscape, named))
    return replace(reading, refused=tuple(refused), missing=missing)


def _changed_below(given: Given, since: Iterable[Path]) -> Given:
    """Return the folders that were given, and the files of code that changed in them."""
    folders = tuple(dict.fromkeys((*given.folders, *(file.parent for file in given.files))))
    code = (each for each in since if each.name.endswith(CODE_FILES) and is_below(each, folders))
    return Given(folders, tuple(each for each in code if os.path.lexists(each)), given.refused)


def _read(asked: _Asked, manner: Manner, objections: dict[Path, tuple[str, ...]] | None = None) -> Reading:
    """Read roots; `objections` takes down where the plan of a root says something else than its code."""
    landscape, wanted = asked.landscape, list[WantedRoot]()
    with deep_recursion():
        for root in asked.roots:
            told = manner.told.get(root)
            is_told = told is not None and bool(told.literals())
            is_sure = is_told or _is_of_interest(root, landscape, manner.modules, asked.named)
            if is_sure or told is not None or manner.may_concern(root, landscape):
                wanted.append(WantedRoot(root, is_sure))
        read = [*zip(wanted, asked.crew(wanted, landscape, manner), strict=True)]
    found = [each for _, each in read if each is not None]
    if objections is not None:
        objections |= {root.folder: each.objections for root, each in read if each is not None and each.objections}
    accounts = tuple(account for each in found for account in each.accounts)
    texts = frozenset(text for each in found for text in each.texts)
    parsed = {path for each in found for path in each.parsed}
    manner.modules.read.update(parsed)
    unsearched = (f"{path}: not searched: {reason}" for path, reason in landscape.unreadable)
    beside = notes_on(landscape.terragrunt, landscape.templates)
    return Reading(
        accounts=accounts,
        files=tuple({file.path: file for each in found for file in each.files}.values()),
        notes=(*unsearched, *_refused(accounts), *beside, *_silence(landscape, accounts, manner)),
        parsed=len(parsed),
        sensitive=sensitive_in(accounts, texts),
    )


def _refused(accounts: Sequence[Account]) -> Iterator[str]:
    """Name each link that leads out of the repository: the user may want to name what it leads to."""
    gaps = (gap for account in accounts for gap in account.gaps if gap.kind == LINK)
    yield from dict.fromkeys(f"{gap.at}: {gap.detail}" for gap in gaps)


def _silence(landscape: Landscape, accounts: Sequence[Account], manner: Manner) -> Iterator[str]:
    """Say why a report is empty: nothing wrong was found because nothing was there to be judged."""
    if landscape.folders and not accounts:
        searched = f"{counted(len(landscape.folders), 'folder')} of code"
        if manner.everything:
            yield f"nothing about Session Manager was found in {searched}"
        else:
            told = f"nothing about Session Manager that `check` covers was found in {searched}"
            yield f"{told}; `ssm-harden plan` also reads nodes, policies, and networks"


def _without_code(landscape: Landscape, named: Iterable[Path]) -> Iterator[str]:
    """Say of each named folder that holds no code that nothing was read there."""
    for path in dict.fromkeys(named):
        if not landscape.holds_code(path):
            yield without_code(path, landscape.terragrunt, landscape.templates)


def _is_of_interest(root: Path, landscape: Landscape, modules: Modules, named: Sequence[Path]) -> bool:
    folder = landscape.folders[root]
    if landscape.reaches(root) or (folder.is_initialised and is_folder(root / ".terraform" / "modules")):
        return True
    return root in named and len(folder.names) <= _FEW_FILES and bool(modules.load(root).gaps)
