"""Objects of the account: whose they are, what they consist of as AWS says it, and what taking them over comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from re import sub
from typing import TypeAlias

from ssm_hardening.core.redaction import holds_secret
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Value
from ssm_hardening.judge.comparison import Comparison, Drift, Pair
from ssm_hardening.model import Account, Fact, Holding, LogGroup, OwnerKind, Ownership
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

_WORDS = {
    OwnerKind.CLOUDFORMATION: "the CloudFormation stack",
    OwnerKind.STACK_SET: "the CloudFormation StackSet",
    OwnerKind.QUICK_SETUP: "Quick Setup",
    OwnerKind.CONTROL_TOWER: "Control Tower",
    OwnerKind.LANDING_ZONE_ACCELERATOR: "the Landing Zone Accelerator",
    OwnerKind.IDENTITY_CENTER: "Identity Center",
}


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody's code or service shows itself: it may be taken over."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """Somebody else manages it; `who` as a person would say it, `where` it is to be changed, `why` we know."""

    who: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Declared:
    """It is declared in code that was read beside the account."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Whose it is cannot be told; `question` is for the owner."""

    question: str
    why: str


Owner: TypeAlias = Free | Theirs | Declared | Doubtful


def owner_of(fact: Fact, account: Account, comparison: Comparison) -> Owner:
    """Return whose the object is: code that was read comes first, then what its tags and name tell."""
    pair = comparison.of_deployed(fact, account.root)
    if pair is not None and pair.doubt is not None:
        question = f"Does your code declare {fact.address}? It is not imported until you know."
        return Doubtful(question, pair.doubt.detail)
    if pair is not None and pair.standing in {Drift.EQUAL, Drift.DIFFERS}:
        return Declared(pair)
    return _owner(fact, account)


def _owner(fact: Fact, account: Account) -> Owner:
    found = next((each for each in account.owners.items if each.of == fact.address), None)
    if found is None:
        gap = account.owners.gap
        return Free() if gap is None else _doubtful(fact, gap)
    match found.owner:
        case Absent():
            return Free()
        case Known(owner):
            return _theirs(str(owner), found)
        case Unknown() as gap:
            return _doubtful(fact, gap)


def _doubtful(fact: Fact, gap: Unknown) -> Doubtful:
    question = f"Who manages {fact.address}: other code, a stack, a landing zone, or nobody?"
    return Doubtful(question, f"the owner could not be determined: {gap.detail}")


def _theirs(owner: str, found: Ownership) -> Theirs:
    evidence = str(found.evidence.value) if isinstance(found.evidence, Known) else "its tags"
    if owner == OwnerKind.TERRAFORM:
        return Theirs(
            "Terraform code",
            "in the code that created it, then run plan on that code together with the account",
            evidence,
        )
    named = f" {found.name.value}" if isinstance(found.name, Known) else ""
    who = f"{_WORDS[OwnerKind(owner)]}{named}" if owner in set(OwnerKind) else f"{owner}{named}"
    return Theirs(who, f"in {who}", evidence)


Data: TypeAlias = "str | bool | int | float | list[Data] | dict[str, Data] | None"
"""Plain JSON."""


class NotAdoptableError(Exception):
    """The object cannot be taken over without loss; the text says why, and is shown to the user."""


def plain(value: Value[object], what: str) -> Data:
    """Return a value as plain data. Raises NotAdoptableError where anything in it is not known."""
    match value:
        case Known(Record(members, None)):
            return {key: plain(each, f"{what}.{key}") for key, each in members.items()}
        case Known(Items(items, None)):
            return [plain(each, what) for each in items]
        case Known(str() | bool() | int() | float() as data):
            return data
        case Absent():
            return None
        case Known():
            raise NotAdoptableError(f"{what} could not be read completely")
        case Unknown(_, _, detail):
            raise NotAdoptableError(f"{what} could not be read: {detail}")


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """The parts of one object, by Terraform type."""

    parts: Mapping[str, Holding]

    def has(self, kind: str) -> bool:
        """Say whether there is such a part."""
        return kind in self.parts

    def value(self, kind: str, key: str) -> Value[object]:
        """Return what AWS answered under this key; Absent where it said nothing.

        Raises NotAdoptableError where the part could not be read, for then nobody knows whether it is there.
        """
        holding = self.parts.get(kind)
        if holding is None:
            raise NotAdoptableError(f"the account returned no {kind} for it")
        match holding.settings:
            case Known(Record() as record, at):
                return record.get(key, at)
            case Absent() as nothing:
                return nothing
            case Unknown(_, _, detail):
                raise NotAdoptableError(f"the {kind} of it could not be read: {detail}")

    def data(self, kind: str, key: str) -> Data:
        """Return the same as plain data; None where the part is not there or says nothing."""
        return plain(self.value(kind, key), f"{kind}.{key}") if self.has(kind) else None

    def demand_read(self) -> None:
        """Raise NotAdoptableError where a part could not be read."""
        for kind in self.parts:
            self.value(kind, "")


def live_settings_of(account: Account, fact: Fact) -> LiveSettings:
    """Return the parts of a fact. Raises NotAdoptableError where there may be more than was read."""
    inventory: Inventory[Holding] = account.holdings
    if inventory.gap is not None:
        raise NotAdoptableError(f"the list of existing resources is incomplete: {inventory.gap.detail}")
    return LiveSettings({each.type: each for each in inventory.items if each.of == fact.address})


def texts(data: Data) -> dict[str, str]:
    """Return tags that code may carry: those of AWS's own (`aws:…`) are left out."""
    given = data if isinstance(data, dict) else {}
    return {key: str(each) for key, each in given.items() if not key.startswith("aws:")}


def record(data: Data, what: str) -> dict[str, Data]:
    """Return an object; an empty one for None. Raises NotAdoptableError where it is neither."""
    if data is None:
        return {}
    if isinstance(data, dict):
        return data
    raise NotAdoptableError(f"{what} is not an object")


def listed(data: Data, what: str) -> list[Data]:
    """Return a list; an empty one for None. Raises NotAdoptableError where it is neither."""
    if data is None:
        return []
    if isinstance(data, list):
        return data
    raise NotAdoptableError(f"{what} is not a list")


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
    """Return a label for one more call of a module, named after the object, that nobody has taken.

    Labels are shown as they are, so that one of a name with the looks of a secret says nothing of it.
    """
    slug = "" if holds_secret(name) else sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    wanted = label(f"{base}_{slug or 'other'}", into=into)
    number = 2
    found = wanted
    while found in taken:
        found, number = f"{wanted}_{number}", number + 1
    return found
