"""What the user's code says where it names a module of ours or an answer of its owner, and the files for that."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import quote
from ssm_hardening.model import Account, Fact
from ssm_hardening.remediation.cases import facts
from ssm_hardening.remediation.changes import FromOwner, New, Output, Part
from ssm_hardening.remediation.code_texts import DATA_FILE, DATA_TEXT
from ssm_hardening.remediation.contents import Raw
from ssm_hardening.remediation.hcl_edit import attribute_of
from ssm_hardening.remediation.objects import NotEditableError
from ssm_hardening.remediation.plan import Edit, Handover, Variable, diff

PREFIX = "ssm_harden_"
SAMPLE_ACCOUNT = "111122223333"
SAMPLE_REGION = "ap-southeast-2"
SAMPLE_KEY = f"arn:aws:kms:{SAMPLE_REGION}:{SAMPLE_ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
SAMPLE_BUCKET = f"session-logs-{SAMPLE_ACCOUNT}-{SAMPLE_REGION}"

GROUP_NAME = "/aws/ssm/session-logs"

_KEYS = "session_keys"
_MODULE_OF: Mapping[Output, str] = {
    Output.BUCKET_NAME: "log_bucket",
    Output.KEY_PREFIX: "log_bucket",
    Output.GROUP_NAME: "log_group",
    Output.SESSION_KEY: _KEYS,
    Output.LOGS_KEY: _KEYS,
}
_HANDED: Mapping[Output, Variable] = {
    Output.BUCKET_NAME: Variable(
        f"{PREFIX}log_bucket_name", "string", "Name of the bucket that receives session recordings.", SAMPLE_BUCKET
    ),
    Output.KEY_PREFIX: Variable(
        f"{PREFIX}log_key_prefix", "string", "Key prefix of session recordings in the bucket.", "session-logs"
    ),
    Output.GROUP_NAME: Variable(
        f"{PREFIX}log_group_name", "string", "Name of the log group that receives session logs.", GROUP_NAME
    ),
    Output.SESSION_KEY: Variable(
        f"{PREFIX}session_key_arn", "string", "ARN of the key that encrypts session data in transit.", SAMPLE_KEY
    ),
    Output.LOGS_KEY: Variable(
        f"{PREFIX}log_group_key_arn", "string", "ARN of the key that encrypts the log group.", SAMPLE_KEY
    ),
}

USER = r"^[a-z_][a-z0-9_-]{0,31}$"


def run_as_variable(prefix: str) -> Variable:
    """Return the variable for the Run As user; nobody but the owner knows which users exist on the nodes."""
    name = f"{prefix}{FromOwner.RUN_AS_USER}"
    return Variable(
        name=name,
        type="string",
        description=(
            "Unprivileged OS user for sessions of callers without the tag SSMSessionRunAs. The user must exist on "
            "every node."
        ),
        sample="session-operator",
        validation=f'can(regex("{USER}", var.{name})) && !contains(["root", "ssm-user", "ec2-user", "ubuntu", '
        f'"admin"], var.{name})',
        validation_message=(f"{name} must be an unprivileged user name: at most 32 lowercase letters, digits, _ or -."),
    )


def label(module: str, *, into: bool) -> str:
    """Return the label of a module call: in somebody's own root it must not collide."""
    return f"{PREFIX}{module}" if into else module


def new_preferences(*, into: bool) -> str:
    """Return the address of the document that new preferences are."""
    return f"module.{label('session_preferences', into=into)}.aws_ssm_document.this"


def output(new: Output, *, into: bool) -> str:
    """Return the expression for what a module of ours hands on."""
    return f"module.{label(_MODULE_OF[new], into=into)}.{new.value}"


@dataclass(frozen=True, slots=True)
class PassedValue:
    """A value that a module call hands to a module of the user's: the call, the new variable, and the value."""

    call: str
    folder: str
    variable: Variable
    value: str


@dataclass(slots=True)
class Wiring:
    """Turns what a change asks for into HCL, and remembers the variables that this takes.

    `into` says that the module calls stand in the user's own root; otherwise they hand over through variables.
    `find_call` returns where a module of this root is called, or raises NotEditableError.
    `data_folders` are the folders whose edits read data sources of ours.
    """

    root: str
    into: bool
    find_call: Callable[[Fact], str]
    handovers: dict[str, Handover] = field(default_factory=dict)
    passed: dict[tuple[str, str], PassedValue] = field(default_factory=dict)
    data_folders: set[str] = field(default_factory=set)

    def value(self, new: New, fact: Fact) -> str | bool | int:
        """Return a literal, or an expression as Raw. Raises NotEditableError where it would not reach the place."""
        match new:
            case Output() | FromOwner():
                return Raw(self._expression(new, fact))
            case _:
                return new.value

    def _expression(self, new: Output | FromOwner, fact: Fact) -> str:
        at = fact.origin
        if not isinstance(at, CodeOrigin) or not at.module_path:
            return self._in_root(new)
        try:
            call = self.find_call(fact)
        except NotEditableError as reason:
            raise NotEditableError(f"{reason}; pass {self.named(new)} to it through a separate variable") from reason
        variable = run_as_variable(PREFIX) if isinstance(new, FromOwner) else _HANDED[new]
        folder = str(PurePosixPath(at.file).parent)
        self.passed[call, variable.name] = PassedValue(call, folder, variable, self._in_root(new))
        return f"var.{variable.name}"

    def _in_root(self, new: Output | FromOwner) -> str:
        if isinstance(new, FromOwner):
            return self._hand(run_as_variable(PREFIX), None)
        module = output(new, into=self.into)
        return module if self.into else self._hand(_HANDED[new], module)

    def named(self, new: New) -> str:
        """Return what a person would call the value."""
        match new:
            case Output():
                return output(new, into=self.into)
            case FromOwner():
                return "the name of an unprivileged OS user"
            case _:
                return str(new.value).lower() if isinstance(new.value, bool) else repr(new.value).replace("'", '"')

    def _hand(self, variable: Variable, value: str | None) -> str:
        self.handovers.setdefault(variable.name, Handover(self.root, variable, value))
        return f"var.{variable.name}"


NEEDED_BY: Mapping[Part, Part] = {Part.BUCKET: Part.BUCKET_KEY, Part.GROUP: Part.LOGS_KEY}
"""A store of ours is never made without its key."""


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
        raise NotEditableError(
            f"it is in {getattr(at, 'module_path', '')}, which the root module does not call directly"
        )
    places = [(account, each) for account in accounts for each in facts(account) if _file_of(each) == at.file]
    callers = {(account.root, _callee(each)) for account, each in places}
    if len(callers) > 1:
        raise NotEditableError(f"it is in {at.module_path}, which is called more than once")
    root = next(account.root for account, each in places if each.address == fact.address)
    calls = [
        (file, block)
        for file in _files(root, accounts, open_file)
        for block in file.body.blocks
        if block.type == "module" and _leads_to(block, root, at)
    ]
    if len(calls) != 1 or calls[0][1].labels != (found[1],):
        raise NotEditableError(f"it is in {at.module_path}, and the call of that module was not found")
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
        note = (
            "declares required variables; set them to the outputs of the generated root module with the same names: "
            f"{fed}"
            if fed
            else ""
        )
        found.append(_file(wiring.root, [each.variable for each in handed], note))
    folders = dict.fromkeys(each.folder for each in wiring.passed.values())
    for folder in folders:
        variables = {each.variable.name: each.variable for each in wiring.passed.values() if each.folder == folder}
        found.append(_file(folder, variables.values(), "declares variables that the module call sets"))
    return found


def data_files(wirings: Iterable[Wiring]) -> list[Edit]:
    """Return the new files of data sources, one for each folder whose edits read them."""
    paths = sorted(str(PurePosixPath(folder) / DATA_FILE) for wiring in wirings for folder in wiring.data_folders)
    return [
        Edit(
            file=path,
            diff=diff(path, None, DATA_TEXT),
            after=DATA_TEXT,
            closes=(),
            note="declares data sources that the edits use",
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
