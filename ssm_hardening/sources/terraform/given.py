"""The paths that a command was given: what they name, and which of the files among them cannot be read."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.errors import UsageError
from ssm_hardening.model import LINK, Account, Gap
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.bounds import Bounds
from ssm_hardening.sources.terraform.folders import SUFFIXES, Landscape
from ssm_hardening.sources.terraform.modules import parsed_file
from ssm_hardening.sources.terraform.paths import display, is_folder
from ssm_hardening.values import Why

_FILES = (*SUFFIXES, ".tfvars", ".tfvars.json")
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
    if path.name.endswith(_FILES):
        # Where a file is a link, the module is the one that holds the link.
        return path.parent.resolve() / path.name
    hint = "name a folder, or .tf, .tofu or .tf.json files"
    if resolved.name.endswith((".json", ".tfstate")):
        hint += "; a plan or state as JSON is read with `ssm-harden plan --plan-json FILE`"
    raise UsageError(f"{path}: this is no Terraform file", hint=hint)


def _reason(error: OSError | RuntimeError) -> str:
    match error:
        case FileNotFoundError() | RuntimeError() | NotADirectoryError():
            # A circle of links, too, leads to nothing.
            return "there is no such file or folder"
        case OSError():
            return error.strerror or "cannot be read"


def unreadable(
    given: Given, landscape: Landscape, accounts: Iterable[Account], read: AbstractSet[str], bounds: Bounds
) -> Iterator[str]:
    """Say of each given file that cannot be read why. `read` are the files that were parsed, as they are displayed."""
    yield from given.refused
    for folder in given.folders:
        if folder.name.endswith(_FILES) and not any(each.is_relative_to(folder) for each in landscape.folders):
            yield f"{display(folder)}: cannot be read: a folder without Terraform code, not a file"
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
