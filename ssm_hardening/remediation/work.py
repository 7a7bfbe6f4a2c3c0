"""What a planner has gathered so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ssm_hardening.model import Account, LogGroup
from ssm_hardening.remediation.changes import (
    AdmitLogs,
    Edited,
    New,
    Output,
    Part,
    Phase,
    SetArgument,
    SetContent,
)
from ssm_hardening.remediation.plan import ManualStep, Target
from ssm_hardening.remediation.wiring import Wiring


@dataclass(slots=True)
class Work:
    """Edits, needs, steps and targets; `written` is what edits write into documents, by root and address."""

    wirings: dict[str, Wiring] = field(default_factory=dict)
    needs: dict[Part, set[str]] = field(default_factory=dict)
    settings: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    first_policies: set[str] = field(default_factory=set)
    manual: list[tuple[Phase, ManualStep]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    served: dict[str, LogGroup] = field(default_factory=dict)
    module_root: str | None = None
    home: Account | None = None
    asks_owner: bool = False
    unchanged: set[str] = field(default_factory=set)
    written: dict[tuple[str, str], dict[str, New]] = field(default_factory=dict)

    def step(self, step: ManualStep, phase: Phase) -> None:
        """Add a step for a person; one that says the same closes more."""
        for number, (when, other) in enumerate(self.manual):
            if (when, other.what, other.at) == (phase, step.what, step.at):
                closes = tuple(dict.fromkeys((*other.closes, *step.closes)))
                self.manual[number] = (when, replace(other, closes=closes))
                return
        self.manual.append((phase, step))

    def note(self, root: str, edits: Sequence[Edited], rule: str) -> None:
        """Remember what edits change, and which log groups the key of our making is for: it admits no other."""
        self.rules.add(rule)
        for change in edits:
            if isinstance(change, SetContent):
                self.settings.add(change.path[-1])
                # What was written first stays: rules that come later find it as they want it.
                self.written.setdefault((root, change.fact.address), {}).setdefault(change.path[-1], change.value)
            elif isinstance(change, AdmitLogs) and not change.fact.statements.items:
                self.first_policies.add(change.fact.address)
            elif isinstance(change, SetArgument) and change.value is Output.LOGS_KEY:
                self._serve(change)

    def _serve(self, change: SetArgument) -> None:
        if isinstance(change.fact, LogGroup):
            self.served[change.fact.address] = change.fact
