"""The stages of a remediation: everything that was gathered, in the order in which it is to be applied."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ssm_hardening.model import Account, LogGroup
from ssm_hardening.remediation import advice
from ssm_hardening.remediation.adoption.objects import Adoption, call_of
from ssm_hardening.remediation.calls import Calls
from ssm_hardening.remediation.cases import Effect
from ssm_hardening.remediation.changes import AllowLogs, Edited, New, Output, Part, Phase, SetArgument, SetContent
from ssm_hardening.remediation.plan import Aim, Edit, Import, ManualStep, Stage
from ssm_hardening.remediation.rights.result import Rights
from ssm_hardening.remediation.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Gathered:
    """New parts, what is taken over, rights, edits of code, and steps for a person; each with its phase."""

    calls: Calls
    adoption: Adoption
    rights: Rights
    edits: Sequence[tuple[Phase, Edit]]
    manual: Sequence[tuple[Phase, ManualStep]]


def stages(gathered: Gathered, picture: advice.Picture) -> Iterator[Stage]:
    """Yield the stages that have something to do, numbered from 1."""
    taken_over = {each.module for each in gathered.adoption.calls}
    restricts = bool(gathered.rights.proved) or any(when > Phase.CANARY for when, _ in gathered.manual)
    changed = (
        restricts or bool(picture.settings) or Part.PREFERENCES in picture.parts or "session-preferences" in taken_over
    )
    number = 0
    for phase in Phase:
        manual = tuple(step for when, step in gathered.manual if when is phase)
        if phase is Phase.CANARY and changed:
            manual = (*manual, advice.canary())
        if phase is Phase.RESTRICTIONS and any(each.switch is not None for each in gathered.rights.calls):
            manual = (advice.restrict(), *manual)
        stage = _stage(number + 1, phase, gathered, manual, picture)
        if stage.modules or stage.edits or stage.manual:
            number += 1
            yield stage


def _stage(
    number: int, phase: Phase, gathered: Gathered, manual: tuple[ManualStep, ...], picture: advice.Picture
) -> Stage:
    adopted = [each for each in gathered.adoption.calls if each.phase is phase]
    modules = (*(call for when, call in gathered.calls.calls if when is phase), *map(call_of, adopted))
    taken = (each for one in gathered.rights.calls if one.phase is phase for each in one.imports)
    imports = (*(each for one in adopted for each in one.imports), *taken)
    edits = tuple(edit for when, edit in gathered.edits if when is phase)
    checked = bool(modules or edits) or phase is Phase.CANARY
    return Stage(
        number=number,
        title=advice.TITLES[phase],
        modules=modules,
        imports=imports,
        edits=edits,
        manual=manual,
        checks=_checks(phase, picture, imports) if checked else (),
    )


def _checks(phase: Phase, picture: advice.Picture, imports: Sequence[Import]) -> tuple[str, ...]:
    first = (advice.before_imports(len(imports)),) if imports else ()
    return (*first, *advice.checks(phase, picture))


@dataclass(slots=True)
class Work:
    """Edits, needs, steps and targets; `written` is what edits write into documents, by root and address."""

    wirings: dict[str, Wiring] = field(default_factory=dict)
    needs: dict[Part, set[str]] = field(default_factory=dict)
    settings: set[str] = field(default_factory=set)
    effects: set[Effect | None] = field(default_factory=set)
    first_policies: set[str] = field(default_factory=set)
    manual: list[tuple[Phase, ManualStep]] = field(default_factory=list)
    targets: list[Aim] = field(default_factory=list)
    served: dict[str, LogGroup] = field(default_factory=dict)
    module_root: str | None = None
    home: Account | None = None
    asks_owner: bool = False
    unchanged: set[str] = field(default_factory=set)
    written: dict[tuple[str, str], dict[str, New]] = field(default_factory=dict)
    _said: dict[tuple[Phase, str, str], int] = field(default_factory=dict)

    def step(self, step: ManualStep, phase: Phase) -> None:
        """Add a step for a person; one that says the same closes more."""
        number = self._said.setdefault((phase, step.what, step.at), len(self.manual))
        if number == len(self.manual):
            self.manual.append((phase, step))
        else:
            other = self.manual[number][1]
            closes = tuple(dict.fromkeys((*other.closes, *step.closes)))
            self.manual[number] = (phase, replace(other, closes=closes))

    def note(self, root: str, edits: Sequence[Edited], effect: Effect | None) -> None:
        """Remember what edits change, and which log groups the key of our making is for: it admits no other."""
        self.effects.add(effect)
        for change in edits:
            if isinstance(change, SetContent):
                self.settings.add(change.path[-1])
                # What was written first stays: rules that come later find it as they want it.
                self.written.setdefault((root, change.fact.address), {}).setdefault(change.path[-1], change.value)
            elif isinstance(change, AllowLogs) and not change.fact.statements.items:
                self.first_policies.add(change.fact.address)
            elif isinstance(change, SetArgument) and change.value is Output.LOGS_KEY:
                self._serve(change)

    def _serve(self, change: SetArgument) -> None:
        if isinstance(change.fact, LogGroup):
            self.served[change.fact.address] = change.fact

    def picture(self, *, off: Iterable[str]) -> advice.Picture:
        """Return what is touched; `off` are settings that the new document leaves off."""
        return advice.Picture(
            settings=frozenset(self.settings),
            parts=frozenset(self.needs),
            effects=frozenset(self.effects),
            first_policies=tuple(sorted(self.first_policies)),
            off=frozenset(off),
        )
