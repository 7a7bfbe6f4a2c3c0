"""What is to be remedied: an open finding, the fact it is about, and its rule's row of the table (`remedies`)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ssm_hardening.core.logic import certainly, is_no
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Text, Unknown, Value
from ssm_hardening.model import LIVE, Account, Fact, Instance, Key
from ssm_hardening.model.facts import exists
from ssm_hardening.remediation.changes import Change, Phase
from ssm_hardening.remediation.plan import Aim, ManualStep
from ssm_hardening.remediation.withholding import Switch
from ssm_hardening.verdicts.findings import Failed, Finding
from ssm_hardening.verdicts.standards import Thresholds

if TYPE_CHECKING:
    from ssm_hardening.remediation.rights.result import Making

F = TypeVar("F", bound=Fact)


class Turn(IntEnum):
    """The order in which findings are taken: what others rely on comes first, the form of what was set last."""

    STORES = 0
    USUAL = 1
    FORM = 2


class Aspect(StrEnum):
    """What of a store of the account is changed where nobody's code declares it."""

    ENCRYPTION = "encryption"
    PUBLIC_ACCESS = "public access"
    VERSIONING = "versioning"
    EXPIRY = "expiry"
    TRANSPORT = "transport"
    OWNERSHIP = "ownership"
    GROUP_KEY = "key of a log group"
    GROUP_RETENTION = "retention of a log group"


class AccessGap(StrEnum):
    """What is wrong with rights, with reach or inside nodes, as the modules that close it tell it apart."""

    PRIVILEGE = "ssm-user may do everything"
    TOOLS = "tools or policies of the machine are missing"
    LACKING = "a node lacks rights that recording needs"
    PARAMETERS = "a node reads parameters that it should not"
    WIDER = "a node may do more than sessions need"
    GUARDED = "a person may do what a Deny takes away"
    OF_ADMINISTRATORS = "so may whoever administers, which alone is no reason to deny it"
    CONDITION = "a Deny takes away all but a condition that the person's own statements lack"
    OTHER_STATEMENTS = "only the person's own statements can be changed for it"
    CLOSED = "a closed subnet reaches no endpoint"
    OPEN = "a node reaches more than sessions need"


class Effect(StrEnum):
    """What else is touched where a gap is closed, so that whoever applies it is told beforehand."""

    GROUP_KEY = "a log group gets a key"
    TRANSPORT = "clients that speak plainly are denied"
    RETENTION = "recordings are kept for another time"
    PROFILE = "nodes get an instance profile"
    CONDITION = "statements get a condition"
    OUTBOUND = "the way out is narrowed"
    ENDPOINTS = "traffic goes through endpoints"
    PRIVATE_DNS = "names resolve to endpoints"


Changes: TypeAlias = Callable[["Case"], Iterable[Change]]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What closes the gap of one rule: by which module of ours (None: by none), when, and how. All of it is pure.

    `phase` is when the step is due that a person takes, `by_hand` why it is theirs where `rights` does not close it.
    `code` changes the code that declares the subject; where `undecided` holds, also before the rule is decided.
    In an account, where nobody's code declares the subject, `aspect` of the store is changed, or a person runs
    `commands` on the key (told how to name it); a document is changed as its code would be. `rights` makes the calls
    that close a gap of access, whichever source it was found in, and tells findings apart by `gap`.
    `switch` is what fails while it is withheld. `in_new`: AWS's defaults fail the rule, new preferences do not;
    `makes_preferences`: it is closed by making them, which a live account tells.
    """

    rule: str
    phase: Phase
    module: str | None = None
    _: KW_ONLY
    turn: Turn = Turn.USUAL
    code: Changes | None = None
    undecided: Callable[["Case"], bool] | None = None
    aspect: Aspect | None = None
    commands: Callable[[Key, str], Iterator[str]] | None = None
    rights: Callable[[Sequence["Case"], "Making"], None] | None = None
    gap: AccessGap | None = None
    by_hand: str = ""
    effect: Effect | None = None
    switch: Switch | None = None
    in_new: bool = False
    makes_preferences: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A finding, the account it is about, its subject (None for the account itself), what to aim at, and the remedy."""

    finding: Finding
    account: Account
    fact: Fact | None
    thresholds: Thresholds
    remedy: Remedy

    @property
    def failed(self) -> bool:
        """Whether the verdict is a failure; otherwise it is undecided."""
        return isinstance(self.finding.verdict, Failed)

    @property
    def live(self) -> bool:
        """Whether the finding is on a live account."""
        return self.account.source == LIVE

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self.remedy.rule

    @property
    def at(self) -> Origin:
        """Where the verdict was reached."""
        return self.finding.verdict.at

    @property
    def message(self) -> str:
        """What the verdict says."""
        return str(getattr(self.finding.verdict, "message", ""))

    @property
    def told(self) -> str:
        """What is wrong with what, as a step says it; of launched instances also where to change it."""
        return f"{self.finding.subject}: {self.message}{_at_its_source(self.fact)}"

    @property
    def target(self) -> Aim:
        """The verdict, as something that a plan is to turn."""
        return Aim(self.rule, self.finding.root, self.finding.subject)

    @property
    def turn(self) -> tuple[Turn, str, str, str]:
        """The order in which it is taken."""
        return (self.remedy.turn, self.rule, self.finding.root, self.finding.subject)


def _at_its_source(fact: Fact | None) -> str:
    """Return where to change what is wrong with instances that something launches; empty for anything else."""
    if not isinstance(fact, Instance) or not isinstance(fact.launcher, Known):
        return ""
    if certainly(fact.kind, lambda kind: kind == "managed"):
        return ""  # machines register with an activation, and have nothing of its code but the role
    return f"; fix this in {_source(fact.template)}, and replace the running instances"


def _source(template: Value[Text]) -> str:
    match template:
        case Known(Reference(address)):
            return address
        case Known(name):
            return f"the launch template {name}"
        case Unknown():
            return "the version of the launch template that is in force"
        case Absent():
            return "what they are launched from"


def rules_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return the rules of findings, each once."""
    return tuple(dict.fromkeys(case.rule for case in cases))


def facts(account: Account) -> tuple[Fact, ...]:
    """Return every fact of an account that a remedy may be about."""
    inventories: tuple[Inventory[Any], ...] = (
        account.session_documents,
        account.log_buckets,
        account.log_groups,
        account.keys,
        account.roles,
        account.users,
        account.groups,
        account.policies,
        account.instances,
        account.security_groups,
        account.vpc_endpoints,
        account.vpcs,
        account.subnets,
        account.hosts,
    )
    return tuple(fact for inventory in inventories for fact in inventory.items)


def _by_address(account: Account) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts(account):
        found.setdefault(fact.address, []).append(fact)
    return found


_addresses: Memory[[Account], dict[str, list[Fact]]] = Memory(_by_address, most=1_024)


def named(account: Account, address: str) -> Sequence[Fact]:
    """Return the facts of this address that a remedy may be about."""
    return _addresses(account).get(address, ())


def there(inventory: Inventory[F]) -> Iterator[F]:
    """Return what is not known to be missing."""
    return (each for each in inventory if not is_no(exists(each)))


def is_aside(case: Case, accounts: Sequence[Account]) -> bool:
    """Say whether code puts it under another provider or Region than the root's default, which comes first."""
    first = next((each for each in accounts if each.root == case.account.root), case.account)
    return not case.live and case.account is not first


def by_hand(case: Case) -> ManualStep:
    """Return the step for a rule that has no remedy of its own."""
    why = case.finding.rule.manual or "no automatic change is available for it"
    return ManualStep(what=case.told, why=why, at=str(case.at), closes=(case.rule,))


_SHOWN = 3


def together(cases: Sequence[Case]) -> ManualStep:
    """Return one step for all findings of a rule that has no remedy of its own."""
    step = by_hand(cases[0])
    if len(cases) == 1:
        return step
    shown = ", ".join(case.finding.subject for case in cases[:_SHOWN])
    rest = f" and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
    return replace(step, what=f"{shown}{rest}: {cases[0].message}")


def of_another_place(case: Case, *, aside: bool) -> ManualStep:
    """Return the step for what the modules of this plan are not made for."""
    finding = case.finding
    what = f"generate the modules for {finding.root} in a separate run"
    why = "a plan creates modules for one account and Region, and this plan creates them for another root"
    if aside:
        what = f"{finding.subject}: move it to a separate root module for its provider and Region, then generate there"
        why = (
            "modules use the default provider of a root module, and keys and stores work only for documents and log "
            "groups in the same Region"
        )
    return ManualStep(what=what, why=why, at=str(finding.origin), closes=(case.rule,))
