"""The stages of a remediation: everything that was gathered, in the order in which it is to be applied."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.remediation import advice
from ssm_hardening.remediation.adoption.result import Adoption, call_of
from ssm_hardening.remediation.calls import Calls
from ssm_hardening.remediation.changes import Part, Phase
from ssm_hardening.remediation.plan import Edit, Import, ManualStep, Stage
from ssm_hardening.remediation.rights.result import Rights


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
    adopted = [each for when, each in gathered.adoption.phased() if when is phase]
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
