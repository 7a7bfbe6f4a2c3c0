"""The findings as the HTML report shows them: cards, each with its places and the steps of the plan that close it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.model.scope import GLOBAL
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.verdicts import (
    example_of,
    gap_of,
    headline_of,
    mentions,
    message_of,
    of_these,
    related_to,
    verdict_name,
    worst_first,
)
from ssm_hardening.report.words import REASONS, example_text, first_sentence, how_to_resolve
from ssm_hardening.verdicts.findings import Failed, Finding, Related, RuleInfo, Severity, Waiver

_EDIT, _MODULE, _MANUAL = "Edit", "Module", "Manual"


class _Place(NamedTuple):
    """One subject of a finding, and where it is written or was read."""

    subject: str
    at: Origin
    within: str
    related: tuple[Related, ...]

    @property
    def short(self) -> str:
        """The place without the call that told it."""
        return self.at.arn if isinstance(self.at, ApiOrigin) else str(self.at)


class _Closer(NamedTuple):
    """What closes a gap; `anchor` is the step on the page that shows it, where there is one."""

    how: str
    what: str
    anchor: str = ""


class _Doubt(NamedTuple):
    """What was missing for a verdict, and how to resolve it."""

    reason: str
    detail: str
    at: Origin
    resolve: str


class FindingCard(NamedTuple):
    """What one rule says in the same words, of these subjects."""

    anchor: str
    kind: str
    severity: Severity
    rule: RuleInfo
    headline: str
    message: str
    why: str
    places: tuple[_Place, ...]
    closers: tuple[_Closer, ...]
    doubt: _Doubt | None
    waiver: Waiver | None
    example: str = ""


def cards_of(findings: Iterable[Finding], plan: RemediationPlan | None) -> Iterator[FindingCard]:
    """Yield the cards, the worst first. One holds what a rule says in the same words, of however many subjects."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in worst_first(findings):
        groups.setdefault(_key(finding), []).append(finding)
    for number, group in enumerate(groups.values(), start=1):
        yield _card(f"finding-{number}", group, plan)


def _key(finding: Finding) -> tuple[object, ...]:
    gap = gap_of(finding)
    return (
        verdict_name(finding),
        finding.rule.id,
        finding.severity,
        headline_of(finding),
        message_of(finding),
        None if gap is None else (gap.why, gap.detail, gap.at),
        finding.waiver,
        finding.counts,
    )


def _card(anchor: str, group: Sequence[Finding], plan: RemediationPlan | None) -> FindingCard:
    first = group[0]
    places = tuple(_place(each) for each in group)
    failed = isinstance(first.verdict, Failed) and first.waiver is None
    return FindingCard(
        anchor=anchor,
        kind=_kind(first),
        severity=first.severity,
        rule=first.rule,
        headline=headline_of(first),
        message=message_of(first),
        why=first_sentence(first.rule.explanation),
        places=places,
        closers=tuple(_closers(first.rule, places, plan)) if failed else (),
        doubt=_doubt(first),
        waiver=first.waiver,
        example=next((example_text(each) for each in map(example_of, group) if each is not None), ""),
    )


def _kind(finding: Finding) -> str:
    """Return what a card is shown as: an accepted finding is no failure of this run."""
    if finding.waiver is not None:
        return "waived"
    return verdict_name(finding) if finding.counts else "known"


def _place(finding: Finding) -> _Place:
    return _Place(finding.subject, finding.verdict.at, _within(finding), related_to(finding))


def _within(finding: Finding) -> str:
    """Return the account and Region; where no Region holds the subject, the account that does."""
    if finding.region == GLOBAL:
        return f"{finding.account} (global)" if finding.account else ""
    return f"{finding.account} {finding.region}".strip()


def _doubt(finding: Finding) -> _Doubt | None:
    gap = gap_of(finding)
    return None if gap is None else _Doubt(REASONS[gap.why], gap.detail, gap.at, how_to_resolve(gap))


def _closers(rule: RuleInfo, places: Sequence[_Place], plan: RemediationPlan | None) -> Iterator[_Closer]:
    """Yield what closes a gap of this rule: the steps of the plan where it has any.

    A plan may hold an edit or a manual step for each subject of a rule: where some name these subjects, the others
    close other findings.
    """
    steps = [] if plan is None else list(dict.fromkeys(_steps(rule.id, plan)))
    kept = [
        one for how in (_EDIT, _MANUAL) for one in of_these(_of_kind(steps, how), lambda each: _names(each, places))
    ]
    yield from (each for each in steps if each.how == _MODULE or each in kept)
    if not steps:
        yield _Closer(_MANUAL, rule.manual or "") if rule.remedy is None else _Closer(_MODULE, rule.remedy)


def _of_kind(steps: Iterable[_Closer], how: str) -> list[_Closer]:
    return [each for each in steps if each.how == how]


def _names(closer: _Closer, places: Sequence[_Place]) -> bool:
    """Say whether a step names one of the subjects, or changes the file that one is written in."""
    files = {each.short.rpartition(":")[0] for each in places}
    return closer.what in files or mentions(closer.what, (each.subject for each in places))


def _steps(identifier: str, plan: RemediationPlan) -> Iterator[_Closer]:
    for stage in plan.stages:
        anchor = f"stage-{stage.number}"
        for number, edit in enumerate(stage.edits, start=1):
            if identifier in edit.closes:
                yield _Closer(_EDIT, edit.file, f"{anchor}-edit-{number}")
        for number, call in enumerate(stage.modules, start=1):
            if identifier in (*call.closes, *call.expects):
                yield _Closer(_MODULE, f"module.{call.label}", f"{anchor}-module-{number}")
        for number, step in enumerate(stage.manual, start=1):
            if identifier in step.closes:
                yield _Closer(_MANUAL, step.what, f"{anchor}-manual-{number}")
