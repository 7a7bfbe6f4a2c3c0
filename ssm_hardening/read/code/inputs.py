"""Values for the variables of a root module, from every place Terraform takes them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ssm_hardening.core.errors import UnreadableError, UsageError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Datum, Known, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import MAX_BYTES, parse, parse_expression, refuse_blocks
from ssm_hardening.model import LINK, Gap
from ssm_hardening.read.code.signs import may_concern
from ssm_hardening.read.paths import ALONE, Bounds, LeadsOutError, bytes_within, display

_QUOTED = re.compile("`[^`]*[^`=][^`]*`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the user gives: `--var NAME=VALUE` (raw text), `--var-file`, and `TF_VAR_…` where they count.

    `others` say who else provides values, which are not known. Without a `workspace`, code is read for any of them.
    `kept` is what pipes among the files gave, which can be read only once.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Gap, ...] = ()
    workspace: str | None = None
    kept: dict[Path, bytes] = field(default_factory=dict, compare=False, repr=False)

    def in_workspace(self, at: CodeOrigin) -> Value[Datum]:
        """Return `terraform.workspace`."""
        if self.workspace is None:
            return Unknown(Why.UNRESOLVED_INPUT, at, "terraform.workspace")
        return Known(self.workspace, at)

    def bytes_of(self, path: Path) -> bytes:
        """Read what the user named: a pipe (`<(sops -d …)`) is fine, an endless one is not."""
        if path in self.kept:
            return self.kept[path]
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if not path.is_file():
            self.kept[path] = data
        return data

    def may_concern_sessions(self) -> bool:
        """Say whether a value may be a grant on sessions; a pipe, which can be read only once, may bring one."""
        texts = (text.encode() for text in (*self.variables.values(), *self.environment.values()))
        return any(map(may_concern, texts)) or any(
            not path.is_file() or may_concern(self.bytes_of(path)) for path in self.files if path.exists()
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """One value given to a variable: an expression without references, and the file it stands in."""

    value: ast.Expr
    file: str


@dataclass(frozen=True, slots=True)
class Assignments:
    """All values given to a root module's variables; a gap where a file of values could not be read."""

    values: Mapping[str, Assignment]
    gaps: tuple[Gap, ...] = ()


def assignments(
    folder: Path, inputs: Inputs, types: Mapping[str, ast.Expr | None], bounds: Bounds = ALONE
) -> Assignments:
    """Collect the values for a root module in Terraform's order of precedence, the last one winning.

    `types` are the type constraints of the variables: text from the command line and the environment is an
    expression where the type is not a primitive string. What comes before a file that cannot be read may be set again
    there, and counts for nothing. Raises UsageError for a named file that cannot be read.
    """
    found: dict[str, Assignment] = {}
    gaps = list(inputs.others)
    found.update(_from_texts(inputs.environment, types, prefix="TF_VAR_"))
    for path in _automatic(folder):
        try:
            found.update(_from_file(path, lambda file: bytes_within(file, bounds)))
        except LeadsOutError as error:
            found.clear()
            gaps.append(Gap(LINK, Why.OUT_OF_SCOPE, error.reason, CodeOrigin(error.file, 0)))
        except UnreadableError as error:
            found.clear()
            gaps.append(Gap("file", Why.UNPARSEABLE, error.reason, CodeOrigin(error.file, error.line)))
    for path in inputs.files:
        try:
            found.update(_from_file(path, inputs.bytes_of))
        except UnreadableError as error:
            raise UsageError(f"cannot read the variable file {error}", hint="check --var-file") from error
    found.update(_from_texts(inputs.variables, types, prefix="--var "))
    return Assignments(found, tuple(gaps))


def _automatic(folder: Path) -> list[Path]:
    named = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    automatic = sorted(path for path in folder.iterdir() if path.name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    return [path for path in [*named, *automatic] if _is_there(path)]


def _is_there(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except OSError:
        # Something is there that we may not look at: reading it says so.
        return True


def _from_file(path: Path, read: Callable[[Path], bytes]) -> dict[str, Assignment]:
    shown = display(path)
    try:
        parsed = parse(shown, read(path))
        refuse_blocks(parsed)
    except LeadsOutError:
        raise
    except UnreadableError as error:
        # What stands in a file of values may be a secret: the place is told, the words are not.
        raise UnreadableError(shown, error.line, _QUOTED.sub("something", error.reason)) from error
    except OSError as error:
        raise UnreadableError(shown, 0, error.strerror or "cannot be read") from error
    return {attribute.name: Assignment(attribute.value, shown) for attribute in parsed.body.attributes}


def _from_texts(
    texts: Mapping[str, str], types: Mapping[str, ast.Expr | None], *, prefix: str
) -> dict[str, Assignment]:
    return {
        name: Assignment(_expression(text, types[name], f"{prefix}{name}"), f"{prefix}{name}")
        for name, text in texts.items()
        if name in types
    }


def _expression(text: str, constraint: ast.Expr | None, place: str) -> ast.Expr:
    if _is_text(constraint):
        return ast.Literal(text, ast.Span(1, 1, 0, len(text), 1))
    try:
        return parse_expression(text, place)
    except UnreadableError as error:
        raise UsageError(
            f"{place}: the value does not match the type of the variable", hint="write the value as in a .tfvars file"
        ) from error


def _is_text(constraint: ast.Expr | None) -> bool:
    match constraint:
        case None | ast.Name(name="string") | ast.Literal(value="string"):
            return True
        case _:
            return False


def terraform_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an environment sets by `TF_VAR_name`."""
    start = "TF_VAR_"
    return {name.removeprefix(start): value for name, value in environment.items() if name.startswith(start)}
