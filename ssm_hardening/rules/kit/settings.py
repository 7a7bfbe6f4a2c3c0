"""What the rules over settings share: when a text is set, how it reads, and one verdict out of many checks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import Exposure
from ssm_hardening.verdicts.findings import Failed, Passed, Related, Severity, Undecided, Verdict


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be; `severity` where it is not the rule's own, and then milder."""

    at: Origin
    text: str
    severity: Severity | None = None


Check: TypeAlias = Problem | Unknown
"""What a check of one setting yields, beside nothing: a problem, or the gap that keeps it from telling."""


def conclude(origin: Origin, checks: Iterable[Check], *, passed: Passed, undecided: str) -> Verdict:
    """Make one verdict of many checks: any problem fails, else any gap leaves it undecided, else `passed`."""
    found = tuple(checks)
    problems = sorted((item for item in found if isinstance(item, Problem)), key=_rank)
    if problems:
        worst, *others = problems
        related = tuple(Related(other.at, other.text) for other in others)
        return Failed(worst.at, "; ".join(item.text for item in problems), severity=worst.severity, related=related)
    for item in found:
        if isinstance(item, Unknown):
            return Undecided(origin, item, undecided)
    return passed


def _rank(problem: Problem) -> int:
    return -1 if problem.severity is None else problem.severity.rank


def text_setting(value: Value[Text]) -> Value[Text]:
    """Return the value as a setting: a blank text is not set, and one made of unknown holes may be empty."""
    match value:
        case Known(str() as text, at) if not text.strip():
            return Absent(at)
        case Known(Template(parts)) if all(isinstance(part, Unknown) or part == "" for part in parts):
            return hole(parts, value.at)
        case Known() | Absent() | Unknown():
            return value


def hole(parts: tuple[str | Reference | Unknown, ...], at: Origin) -> Unknown:
    """Return why a text with holes is not known in full."""
    for part in parts:
        if isinstance(part, Unknown):
            return part
    return Unknown(Why.COMPUTED, at, f"{Template(parts)}, known after apply")


def literal(value: Known[Text]) -> str | Unknown:
    """Return the text where every part of it is known, else why it is not."""
    match value.value:
        case str() as text:
            return text
        case Template(parts):
            return hole(parts, value.at)
        case Reference() as reference:
            return Unknown(Why.COMPUTED, value.at, f"{reference}, known after apply")


def shown(text: Text) -> str:
    """Return a text as a message shows it: quoted where it is literal."""
    return f'"{text}"' if isinstance(text, str) else str(text)


def exposed(exposure: Exposure, problem: str) -> Iterator[Check]:
    """Yield a problem for each grant that is certain, and the doubt whether there are more."""
    for grant in exposure.grants:
        named = "" if grant.principal == "everybody" else f": {grant.principal}"
        yield Problem(grant.statement.at, f"{problem}{named}")
    if exposure.doubt is not None:
        yield exposure.doubt
