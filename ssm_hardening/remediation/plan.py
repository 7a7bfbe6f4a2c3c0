"""What a remediation is: modules to call, edits to make and steps to take, in stages; values only, no text of files."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TypeAlias

from ssm_hardening.hcl.writing import Encodable
from ssm_hardening.text.comparing import unified


@dataclass(frozen=True, slots=True)
class Variable:
    """An input nobody could learn: it becomes a required Terraform variable (or an optional one with a default).

    `type` is a Terraform type expression; `sample` is the value the re-audit and `validate` fill in (never applied).
    """

    name: str
    type: str
    description: str
    sample: str | list[str]
    validation: str | None = None
    validation_message: str | None = None
    default: str | None = None
    """An expression of ours, where the variable may be left out."""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class FromVariable:
    """An input that is the variable of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class FromExpression:
    """An input that is an expression of our own making (`module.log_bucket.bucket_name`).

    It never holds other people's text, not even encoded: nothing of it is withheld. An input of both is a list, or an
    object, with an `Expression` in it.
    """

    expression: str


@dataclass(frozen=True, slots=True)
class AsJson:
    """An input that is the JSON text of this data (`jsonencode({…})`); the data may be other people's."""

    data: Encodable


ModuleInput: TypeAlias = "FromVariable | FromExpression | AsJson | Encodable"
"""A literal and the data of AsJson are other people's and are encoded when written; the two others are code of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCall:
    """One call of a module of ours. `note` says what it does and what it could break.

    `closes` lists the rules that an audit of the code shows to pass from then on, `expects` those of which only an
    audit of the account shows it, after the apply.
    """

    label: str
    module: str
    inputs: Mapping[str, ModuleInput]
    closes: tuple[str, ...]
    note: str = ""
    depends_on: tuple[str, ...] = ()
    expects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An object that exists and that the generated code takes over.

    `to` is its address in the generated root, an expression of ours; `id` what the provider calls it, `of` the address
    of the fact that it is or belongs to.
    """

    to: str
    id: str
    of: str


@dataclass(frozen=True, slots=True, order=True)
class StandsFor:
    """A resource of the generated root that is an object of the account: the finding's root and subject there."""

    address: str
    root: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of a file the user owns: `diff` is a unified diff against the file as it was read.

    `file` as the user would type it; `after` is the whole text after the edit (all edits of one file are one Edit).
    """

    file: str
    diff: str
    after: str
    closes: tuple[str, ...]
    note: str = ""
    before: str | None = None
    """The text as it was read; None for a new file."""
    context: int = 3
    """How many lines the diff shows around each change."""


_LINES = re.compile(r"[^\n]*\n|[^\n]+")
CONTEXT = 3
"""Lines around a change, as other tools show them."""


def diff(path: str, before: str | None, after: str, context: int = CONTEXT) -> str:
    """Return a unified diff that `git apply` and `patch -p1` take; `before` is None for a new file."""
    shown = path.lstrip("/") if PurePath(path).is_absolute() else path
    old = "/dev/null" if before is None else f"a/{shown}"
    lines = unified(_LINES.findall(before or ""), _LINES.findall(after), old, f"b/{shown}", context)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualStep:
    """A step for a person: what to do, where, and why the tool does not do it; `lines` are code of ours to write."""

    what: str
    why: str
    at: str
    closes: tuple[str, ...]
    lines: str = ""

    def how(self, told: Iterable[str]) -> str:
        """Return what to do: the reason, where `what` only repeats what the reader was told."""
        return self.why if self.why and any(text in self.what for text in told) else self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Steps that can be applied together; `checks` must hold before the stage starts."""

    number: int
    title: str
    modules: tuple[ModuleCall, ...] = ()
    imports: tuple[Import, ...] = ()
    edits: tuple[Edit, ...] = ()
    manual: tuple[ManualStep, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """Something that would stop working when a step is applied as things are today."""

    change: str
    stops: str
    avoided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostItem:
    """One thing that costs money, in USD per month; `formula` where it depends on use."""

    what: str
    monthly_usd: float | None
    formula: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Aim:
    """A verdict that the plan's modules and edits are to turn: this rule, on this subject of this root."""

    rule: str
    root: str
    subject: str


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """A rule that goes on failing on a document that the plan makes or changes: its switch waits for rights."""

    rule: str
    subject: str


@dataclass(frozen=True, slots=True)
class Handover:
    """A variable that the edits add to the user's own root; `value` is what the generated root puts out for it.

    `value` is an expression of ours over the generated root's modules, None where only the user knows the answer.
    """

    root: str
    variable: Variable
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediationPlan:
    """The whole remediation of an audit.

    `variables` belong to the generated root (or the companion file), `handovers` to the user's root. `into` says that
    the module calls are meant for the user's own root.
    """

    stages: tuple[Stage, ...]
    variables: tuple[Variable, ...] = ()
    lockouts: tuple[Lockout, ...] = ()
    questions: tuple[str, ...] = ()
    costs: tuple[CostItem, ...] = field(default=())
    targets: tuple[Aim, ...] = ()
    handovers: tuple[Handover, ...] = ()
    into: bool = False
    stands_for: tuple[StandsFor, ...] = ()
    proved: tuple[Aim, ...] = ()
    """Verdicts that turn as well, which only another audit of the account shows (what modules attach to its roles)."""
    held: tuple[Held, ...] = ()

    @property
    def modules(self) -> tuple[ModuleCall, ...]:
        """All module calls, in the order of the stages."""
        return tuple(call for stage in self.stages for call in stage.modules)

    @property
    def imports(self) -> tuple[Import, ...]:
        """All imports, in the order of the stages."""
        return tuple(each for stage in self.stages for each in stage.imports)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All edits, in the order of the stages; one for each file."""
        return tuple(edit for stage in self.stages for edit in stage.edits)

    @property
    def manual(self) -> tuple[ManualStep, ...]:
        """All steps for a person, in the order of the stages."""
        return tuple(step for stage in self.stages for step in stage.manual)


def settled(plan: RemediationPlan, adopted: Iterable[str]) -> RemediationPlan:
    """Return the plan with calls and edits that say no more than that.

    `adopted` are labels of calls that take over what exists: what they change there and no code of ours names, another
    audit of the account shows.
    """
    turned, taken = {target.rule for target in plan.targets}, set(adopted)
    return replace(plan, stages=tuple(_settled_stage(each, turned, taken) for each in plan.stages))


def _settled_stage(stage: Stage, turned: set[str], taken: set[str]) -> Stage:
    modules = tuple(_settled_call(each, turned, shown_later=each.label in taken) for each in stage.modules)
    return replace(stage, modules=modules, edits=tuple(_settled_edit(each, turned) for each in stage.edits))


def _settled_call(call: ModuleCall, turned: set[str], *, shown_later: bool) -> ModuleCall:
    later = tuple(rule for rule in call.closes if shown_later and rule not in turned)
    closes = tuple(rule for rule in call.closes if rule in turned)
    return replace(call, closes=closes, expects=tuple(dict.fromkeys((*call.expects, *later))))


def _settled_edit(edit: Edit, turned: set[str]) -> Edit:
    return replace(edit, closes=tuple(rule for rule in edit.closes if rule in turned))


def closed(plan: RemediationPlan) -> tuple[str, ...]:
    """Return the rules that the plan says it closes."""
    said = (*(rule for call in plan.modules for rule in call.closes), *(r for edit in plan.edits for r in edit.closes))
    return tuple(sorted(set(said)))


def expected(plan: RemediationPlan) -> tuple[str, ...]:
    """Return the rules of which only an audit after the apply shows that they are closed."""
    return tuple(sorted({rule for call in plan.modules for rule in call.expects} - set(closed(plan))))


def claims_in_words(plan: RemediationPlan) -> str:
    """Return both as one clause."""
    told = f"fixes {', '.join(closed(plan)) or 'nothing by itself'}"
    later = expected(plan)
    return (
        f"{told}; expected to fix {', '.join(later)} (only an audit after the apply can confirm it)" if later else told
    )
