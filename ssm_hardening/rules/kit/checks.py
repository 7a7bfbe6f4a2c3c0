"""What a rule finds, problems and gaps, and one verdict out of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TypeAlias, TypeVar

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import Answer, ask, is_no, negated, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import Exposure, caveat
from ssm_hardening.iam.decisions import Allowed
from ssm_hardening.iam.examples import counterexample, stranger_allowed
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.verdicts.findings import Failed, Passed, Related, Severity, Undecided, Verdict

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be.

    `severity` is set where it is not the rule's own, and then milder; `headline` where the rule's own is too general.
    `unless` says which policy was not read, where a Deny in it would make it none; `example` is a request that is
    allowed.
    """

    at: Origin
    text: str
    severity: Severity | None = None
    headline: str = field(default="", kw_only=True)
    unless: Unknown | None = field(default=None, kw_only=True)
    example: Counterexample | None = field(default=None, kw_only=True)


def too_much(
    allowed: Allowed, text: str, severity: Severity | None = None, *, at: Origin | None = None, headline: str = ""
) -> Problem:
    """Return the problem that a request is allowed, which is its example; at the granting statement unless `at`."""
    place = allowed.by.at if at is None else at
    example = counterexample(allowed)
    return Problem(place, text, severity, headline=headline, unless=allowed.unless, example=example)


Check: TypeAlias = Problem | Unknown
"""What a check of one setting yields, beside nothing: a problem, or the gap that keeps it from telling."""


def conclude(origin: Origin, checks: Iterable[Check], *, passed: Passed, undecided: str) -> Verdict:
    """Make one verdict of many checks: any problem fails, else any gap leaves it undecided, else `passed`."""
    found = tuple(checks)
    problems = sorted((item for item in found if isinstance(item, Problem)), key=_rank)
    if problems:
        worst, *others = problems
        related = tuple(Related(other.at, other.text) for other in others)
        example = next((each.example for each in problems if each.example is not None), None)
        failed = Failed(worst.at, _text(problems), severity=worst.severity, related=related, headline=worst.headline)
        return replace(failed, example=example)
    for gap in gaps(*found):
        return Undecided(origin, gap, undecided)
    return passed


def _text(problems: Iterable[Problem]) -> str:
    """Return all problems in a sentence; what neighbours depend on is said once."""
    runs = groupby(problems, key=lambda each: each.unless)
    return "; ".join(f"{'; '.join(dict.fromkeys(each.text for each in run))}{caveat(unless)}" for unless, run in runs)


def _rank(problem: Problem) -> int:
    return -1 if problem.severity is None else problem.severity.rank


def unless(answer: Answer, text: str, severity: Severity | None = None, *, at: Origin | None = None) -> Iterator[Check]:
    """Yield the problem where the answer is no, the gap where there is none; `at`: if it is not at the answer."""
    if isinstance(answer, Unknown):
        yield answer
    elif is_no(answer):
        yield Problem(answer.at if at is None else at, text, severity)


def when(answer: Answer, text: str, severity: Severity | None = None, *, at: Origin | None = None) -> Iterator[Check]:
    """Yield the problem where the answer is yes, the gap where there is none."""
    return unless(negated(answer), text, severity, at=at)


def wrong(
    value: Value[T],
    fault: Callable[[T], str | Unknown],
    *,
    absent: str = "",
    severity: Severity | None = None,
    at: Origin | None = None,
) -> Iterator[Check]:
    """Yield what is wrong with a setting, the gap where it is not known.

    `fault` says in words what is wrong with its content, `absent` what is wrong where it is not set; nothing is wrong
    where they are empty. `at`: where the problem is not at the setting itself.
    """
    if isinstance(value, Unknown):
        yield value
        return
    found = absent if isinstance(value, Absent) else fault(value.value)
    if isinstance(found, Unknown):
        yield found
    elif found:
        yield Problem(value.at if at is None else at, found, severity)


def headed(headline: str, checks: Iterable[Check]) -> Iterator[Check]:
    """Yield the checks, their problems with a headline of their own."""
    yield from (replace(each, headline=headline) if isinstance(each, Problem) else each for each in checks)


def gaps(*values: object) -> Iterator[Unknown]:
    """Yield those of the values that are not known: settings, or the gaps of lists."""
    yield from (value for value in values if isinstance(value, Unknown))


def required(value: Value[T], why: Why, detail: str) -> Known[T] | Unknown:
    """Return the value; where there is none, that it is unknown, because the source leaves it out."""
    return Unknown(why, value.at, detail) if isinstance(value, Absent) else value


def is_set(value: Value[T]) -> Answer:
    """Say whether the setting has a value."""
    return ask(value, lambda _: True, absent=False)


def expect_text(value: Value[Text], wanted: str, what: str) -> Iterator[Check]:
    """Yield a problem where a setting (`what`) is another text than `wanted`, the gap where it is unknown."""
    return wrong(
        text_of(value),
        lambda text: "" if text == wanted else f"{what} is {shown(text)}, not {wanted}",
        absent=f"{what} is not set",
    )


def expect_at_least(value: Value[int], least: int, what: str, missing: str) -> Iterator[Check]:
    """Yield a problem where a number of days is below `least` or (`missing`) there is none."""
    return wrong(
        value,
        lambda days: "" if days >= least else f"{what} is {counted(days, 'day')} (minimum: {least})",
        absent=missing,
    )


def shown(text: Text) -> str:
    """Return a text as a message shows it: quoted where it is literal."""
    return f'"{text}"' if isinstance(text, str) else str(text)


def exposed(exposure: Exposure, problem: str) -> Iterator[Check]:
    """Yield a problem for each grant that is certain, and the doubt whether there are more."""
    for grant in exposure.grants:
        named = "" if grant.principal == "everybody" else f": {grant.principal}"
        example = stranger_allowed(grant.statement, grant.principal)
        yield Problem(grant.statement.at, f"{problem}{named}", unless=exposure.unless, example=example)
    yield from gaps(exposure.doubt)
