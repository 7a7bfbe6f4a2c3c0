"""Findings gathered into entries: one for each rule and source line, however many subjects stand behind it.

Live objects have no lines: there, one entry holds what a rule says in the same words of one account and Region.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.verdicts import gap_of, message_of, order_key
from ssm_hardening.report.words import listed
from ssm_hardening.verdicts.findings import Failed, Finding, RuleInfo, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one rule says at one place, of these subjects."""

    rule: RuleInfo
    severity: Severity
    root: str
    place: str
    messages: tuple[str, ...]
    subjects: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One thing that could not be learned, and the findings it leaves open."""

    gap: Unknown
    rules: tuple[str, ...]
    messages: tuple[str, ...]
    count: int


def failures(findings: Iterable[Finding]) -> list[Entry]:
    """Return the failures, the worst first."""
    found = [finding for finding in findings if isinstance(finding.verdict, Failed)]
    return sorted(gathered(found), key=lambda entry: entry.severity.rank)


def gathered(findings: Iterable[Finding]) -> list[Entry]:
    """Return one entry for each rule, severity and place, by rule and place."""
    groups: dict[tuple[str, str, int, str], list[Finding]] = {}
    for finding in sorted(findings, key=order_key):
        place, line = _place(finding)
        groups.setdefault((finding.rule.id, place, line, finding.severity), []).append(finding)
    return [_entry(groups[key]) for key in sorted(groups)]


def _place(finding: Finding) -> tuple[str, int]:
    match finding.verdict.at:
        case CodeOrigin(line=line) as at:
            return str(at).rpartition(":")[0], line
        case ApiOrigin():
            return f"{finding.root} {message_of(finding)}", 0


def _entry(group: list[Finding]) -> Entry:
    first = group[0]
    return Entry(
        rule=first.rule,
        severity=first.severity,
        root=first.root,
        place=str(first.verdict.at),
        messages=_distinct(message_of(finding) for finding in group),
        subjects=_distinct(finding.subject for finding in group),
        count=len(group),
    )


def doubts(findings: Iterable[Finding]) -> list[Doubt]:
    """Return what could not be learned: one entry for each reason, detail and place."""
    reasons = list(Why)
    groups: dict[tuple[int, str, str], list[tuple[Unknown, Finding]]] = {}
    for finding in sorted(findings, key=order_key):
        gap = gap_of(finding)
        if gap is not None:
            groups.setdefault((reasons.index(gap.why), gap.detail, str(gap.at)), []).append((gap, finding))
    return [_doubt(groups[key]) for key in sorted(groups)]


def _doubt(group: list[tuple[Unknown, Finding]]) -> Doubt:
    gap = group[0][0]
    return Doubt(
        gap=gap,
        rules=_distinct(finding.rule.id for _, finding in group),
        messages=tuple(text for text in _distinct(message_of(finding) for _, finding in group) if text != gap.detail),
        count=len(group),
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def closers(rule: RuleInfo, plan: RemediationPlan | None) -> str:
    """Return what closes a gap of this rule: steps of the plan where it has any."""
    steps = [] if plan is None else _steps(rule.id, plan)
    if steps:
        return listed(steps, most=4)
    return f"by hand: {rule.manual}" if rule.remedy is None else f"module {rule.remedy}"


def _steps(identifier: str, plan: RemediationPlan) -> list[str]:
    found: list[str] = []
    for stage in plan.stages:
        found += [f"~ {edit.file}" for edit in stage.edits if identifier in edit.closes]
        found += [f"+ module.{call.label}" for call in stage.modules if identifier in (*call.closes, *call.expects)]
        found += [f"by hand: {step.what}" for step in stage.manual if identifier in step.closes]
    return list(dict.fromkeys(found))
