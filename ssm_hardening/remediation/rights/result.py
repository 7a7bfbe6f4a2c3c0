"""What the findings about access add to a remediation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ssm_hardening.model import Account, Role
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.plan import Aim, CostItem, Import, ManualStep, ModuleCall, Variable
from ssm_hardening.remediation.rights.destinations import Destinations

CANARY = "canary_passed"


def canary_variable(prefix: str) -> Variable:
    """Return the switch of everything that takes rights away: off until somebody has seen a session being recorded."""
    return Variable(
        name=f"{prefix}{CANARY}",
        type="bool",
        description=(
            "Whether the canary test passed. Set to true to remove permissions that are broader than necessary."
        ),
        sample="true",
        default="false",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsCall:
    """A call of a module, when it is due, and the existing objects that it takes over.

    `switch` says what canary_passed takes away with it, `first` that no document of ours may come before the call.
    """

    phase: Phase
    call: ModuleCall
    imports: tuple[Import, ...] = ()
    switch: str | None = None
    first: bool = False


@dataclass(slots=True)
class Rights:
    """Calls, variables, steps, questions and costs. `proved` are verdicts that only a live audit can show turned.

    `targets` are those that the code itself shows, where the modules stand in the same root.
    """

    calls: list[RightsCall] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    steps: list[tuple[Phase, ManualStep]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    costs: list[CostItem] = field(default_factory=list)
    targets: list[Aim] = field(default_factory=list)
    proved: list[Aim] = field(default_factory=list)

    def add(self, variable: Variable) -> str:
        """Ask for a variable; returns its name."""
        self.variables.setdefault(variable.name, variable)
        return variable.name

    def step(self, phase: Phase, *, what: str, why: str, at: object, rules: Iterable[str]) -> None:
        """Add a step for a person."""
        self.steps.append((phase, ManualStep(what=what, why=why, at=str(at), closes=tuple(dict.fromkeys(rules)))))

    def by_hand(self, case: Case, why: str, phase: Phase | None = None) -> None:
        """Leave a finding to a person, in the phase of its remedy where no other is named."""
        when = case.remedy.phase if phase is None else phase
        self.step(when, what=case.told, why=why, at=case.at, rules=(case.rule,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What the calls for one account are made upon, and the rights that they add to.

    `used` is where the preferences will record, `calls` are those that there are already (stores, keys, documents),
    `helped` the roles that lack rights which the plan's documents ask for.
    """

    account: Account
    used: Destinations
    calls: Sequence[ModuleCall]
    into: bool
    helped: Sequence[Role] = ()
    rights: Rights = field(default_factory=Rights)
