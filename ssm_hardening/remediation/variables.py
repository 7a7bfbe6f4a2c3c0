"""Where the user's root calls a module of the user's own, so that a value can be handed to it."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import quote
from ssm_hardening.model import Account, Fact
from ssm_hardening.remediation.cases import facts
from ssm_hardening.remediation.edits import diff
from ssm_hardening.remediation.hcl_edit import attribute_of
from ssm_hardening.remediation.key_policies import DATA_FILE, DATA_TEXT
from ssm_hardening.remediation.objects import NotEditableError
from ssm_hardening.remediation.plan import Edit, Variable
from ssm_hardening.remediation.wiring import Wiring

_CALLED = re.compile(r"module\.([\w-]+)(?:\[.*\])?")


def find_call(
    fact: Fact, accounts: Sequence[Account], open_file: Callable[[str], ast.SourceFile]
) -> tuple[ast.SourceFile, ast.Block]:
    """Return the one call of the module that declares the fact.

    Raises NotEditableError where it is not called directly by one root, once: an additional required variable would
    then break other callers.
    """
    at = fact.origin
    found = _CALLED.fullmatch(at.module_path) if isinstance(at, CodeOrigin) else None
    if found is None or not isinstance(at, CodeOrigin):
        raise NotEditableError(f"it stands in {getattr(at, 'module_path', '')}, not called by the root itself")
    places = [(account, each) for account in accounts for each in facts(account) if _file_of(each) == at.file]
    callers = {(account.root, _callee(each)) for account, each in places}
    if len(callers) > 1:
        raise NotEditableError(f"it stands in {at.module_path}, which is called more than once")
    root = next(account.root for account, each in places if each.address == fact.address)
    calls = [
        (file, block)
        for file in _files(root, accounts, open_file)
        for block in file.body.blocks
        if block.type == "module" and _leads_to(block, root, at)
    ]
    if len(calls) != 1 or calls[0][1].labels != (found[1],):
        raise NotEditableError(f"it stands in {at.module_path}, whose one call was not found")
    return calls[0]


def _file_of(fact: Fact) -> str:
    return fact.origin.file if isinstance(fact.origin, CodeOrigin) else ""


def _callee(fact: Fact) -> str:
    path = fact.origin.module_path if isinstance(fact.origin, CodeOrigin) else ""
    return re.sub(r"\[[^\]]*\]", "", path)


def _files(root: str, accounts: Sequence[Account], open_file: Callable[[str], ast.SourceFile]) -> list[ast.SourceFile]:
    """Return the root's files that are known: those that declare facts, and main.tf."""
    known = {
        _file_of(each)
        for account in accounts
        if account.root == root
        for each in facts(account)
        if str(PurePosixPath(_file_of(each)).parent) == str(PurePosixPath(root))
    }
    found = []
    for path in sorted(known | {str(PurePosixPath(root) / "main.tf")}):
        try:
            found.append(open_file(path))
        except NotEditableError:
            continue
    return found


def _leads_to(block: ast.Block, root: str, at: CodeOrigin) -> bool:
    source = attribute_of(block.body, "source")
    match None if source is None else source.value:
        case ast.Literal(str() as text) if text.startswith(("./", "../")):
            return _normal(f"{root}/{text}") == _normal(str(PurePosixPath(at.file).parent))
        case _:
            return False


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == ".." and parts and parts[-1] not in {"..", "/"}:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


FILE = "ssm_harden_variables.tf"


def variable_files(wiring: Wiring) -> list[Edit]:
    """Return the new files: one for the root, where it is fed from elsewhere, and one for each module it feeds."""
    found = []
    if wiring.handovers and not wiring.into:
        handed = tuple(wiring.handovers.values())
        fed = ", ".join(each.variable.name for each in handed if each.value is not None)
        note = f"required variables; the generated root's outputs of the same names feed {fed}" if fed else ""
        found.append(_file(wiring.root, [each.variable for each in handed], note))
    folders = dict.fromkeys(each.folder for each in wiring.passed.values())
    for folder in folders:
        variables = {each.variable.name: each.variable for each in wiring.passed.values() if each.folder == folder}
        found.append(_file(folder, variables.values(), "variables that the module's call feeds"))
    return found


def data_files(wirings: Iterable[Wiring]) -> list[Edit]:
    """Return the new files of data sources, one for each folder whose edits read them."""
    paths = sorted(str(PurePosixPath(folder) / DATA_FILE) for wiring in wirings for folder in wiring.data_folders)
    return [
        Edit(
            file=path, diff=diff(path, None, DATA_TEXT), after=DATA_TEXT, closes=(), note="data sources that edits read"
        )
        for path in dict.fromkeys(paths)
    ]


def _file(folder: str, variables: Iterable[Variable], note: str) -> Edit:
    text = "\n".join(variable_block(each) for each in variables)
    path = str(PurePosixPath(folder) / FILE)
    return Edit(file=path, diff=diff(path, None, text), after=text, closes=(), note=note)


def variable_block(variable: Variable) -> str:
    """Return a variable as a block."""
    lines = [
        f'variable "{variable.name}" {{',
        f"  description = {quote(variable.description)}",
        f"  type        = {variable.type}",
        *([] if variable.default is None else [f"  default     = {variable.default}"]),
        "  nullable    = false",
        *(["  sensitive   = true"] if variable.sensitive else []),
    ]
    if variable.validation is not None:
        lines += [
            "",
            "  validation {",
            f"    condition     = {variable.validation}",
            f"    error_message = {quote(variable.validation_message or '')}",
            "  }",
        ]
    return "\n".join([*lines, "}"]) + "\n"
