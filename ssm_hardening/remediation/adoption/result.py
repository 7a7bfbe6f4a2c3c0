"""What the live account adds to a remediation: what is taken over, as module calls, and what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from re import sub

from ssm_hardening.model import Fact, LogGroup
from ssm_hardening.remediation.adoption.ownership import LiveSettings
from ssm_hardening.remediation.cases import Effect
from ssm_hardening.remediation.changes import Part, Phase
from ssm_hardening.remediation.plan import (
    Aim,
    Import,
    ManualStep,
    ModuleCall,
    ModuleInput,
    StandsFor,
    Variable,
)
from ssm_hardening.remediation.wiring import label


@dataclass(frozen=True, slots=True)
class Left:
    """A gap of an adopted object that the module call does not close, and why."""

    rule: str
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """An object of the account as a module call: `resource` is its address in the module (`aws_s3_bucket.this`).

    `closes` are the rules that the call closes, `left` what stays open; `note` says what the call does.
    """

    fact: Fact
    label: str
    module: str
    resource: str
    inputs: Mapping[str, ModuleInput]
    imports: tuple[Import, ...]
    closes: tuple[str, ...]
    phase: Phase
    note: str
    left: tuple[Left, ...] = ()
    depends_on: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The object's address in the root module."""
        return f"module.{self.label}.{self.resource}"


def imports(label: str, places: Mapping[str, str], live: LiveSettings) -> tuple[Import, ...]:
    """Return an import for each part that exists and that the module declares; `places` maps types to addresses."""
    return tuple(
        Import(to=f"module.{label}.{place}", id=live.parts[kind].import_id, of=live.parts[kind].of)
        for kind, place in places.items()
        if kind in live.parts
    )


@dataclass(slots=True)
class Adoption:
    """Calls and imports of what exists, and what else the account's findings ask for.

    `needs` are the new parts with the rules that ask for them; `given` are names of stores that exist and are not taken
    over, by the output that would stand for them (`log_bucket.bucket_name`). `served` are groups that the logs key is
    to serve, `settings` the keys of content that change, `effects` what else is touched.
    """

    calls: list[Adopted] = field(default_factory=list)
    needs: dict[Part, set[str]] = field(default_factory=dict)
    given: dict[str, ModuleInput] = field(default_factory=dict)
    served: list[LogGroup] = field(default_factory=list)
    settings: set[str] = field(default_factory=set)
    effects: set[Effect | None] = field(default_factory=set)
    variables: dict[str, Variable] = field(default_factory=dict)
    steps: list[tuple[Phase, ManualStep]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    targets: list[Aim] = field(default_factory=list)
    stands_for: list[StandsFor] = field(default_factory=list)

    def step(self, phase: Phase, *, what: str, why: str, at: object, rules: tuple[str, ...]) -> None:
        """Add a step for a person."""
        self.steps.append((phase, ManualStep(what=what, why=why, at=str(at), closes=rules)))


def call_of(adopted: Adopted) -> ModuleCall:
    """Return the module call of an adoption."""
    return ModuleCall(
        label=adopted.label,
        module=adopted.module,
        inputs=adopted.inputs,
        closes=adopted.closes,
        note=adopted.note,
        depends_on=adopted.depends_on,
    )


def further_label(base: str, name: str, taken: Mapping[str, object], *, into: bool) -> str:
    """Return a label for one more call of a module, named after the object, that nobody has taken."""
    slug = sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "other"
    wanted = label(f"{base}_{slug}", into=into)
    number = 2
    found = wanted
    while found in taken:
        found, number = f"{wanted}_{number}", number + 1
    return found
