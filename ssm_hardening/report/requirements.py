"""The four requirements an evaluation ends with: met, not met, or undecided because of what."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ssm_hardening.report.style import Tone
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Requirement,
    RuleInfo,
    Undecided,
)
from ssm_hardening.verdicts.standards import NEEDED


class Status(StrEnum):
    """Whether a requirement is met."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"


STATUSES: Mapping[Status, tuple[str, Tone, str]] = {
    Status.MET: ("✓", Tone.GREEN, "met"),
    Status.NOT_MET: ("✗", Tone.RED, "not met"),
    Status.UNDECIDED: ("?", Tone.YELLOW, "undecided"),
}
"""Each answer to a requirement with its mark and word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementAnswer:
    """One requirement's answer.

    `decided_by` lists the rules it rests on: those that failed, else those that could not be decided, else, where it is
    met, those that passed. `not_judged` lists the families and rules named for it of which none was run, or none of
    which any source here tells (code, of the account's trails).
    """

    requirement: Requirement
    status: Status
    decided_by: tuple[str, ...]
    not_judged: tuple[str, ...]


def requirements(audit: Audit) -> tuple[RequirementAnswer, ...]:
    """Return the answers, in the order of the evaluation. Waived findings count neither way."""
    return tuple(_answer(requirement, audit) for requirement in Requirement)


def _answer(requirement: Requirement, audit: Audit) -> RequirementAnswer:
    deciding = [item for item in audit.findings if item.waiver is None and _decides(item.rule, requirement)]
    failed = _ids(item for item in deciding if isinstance(item.verdict, Failed))
    open_ = _ids(item for item in deciding if isinstance(item.verdict, Undecided | Crashed))
    passed = _ids(item for item in deciding if isinstance(item.verdict, Passed))
    judged = _judged(audit)
    not_judged = tuple(name for name in NEEDED[requirement] if not _was_judged(name, judged))
    status, decided_by = _weigh(failed, open_, passed, complete=not not_judged)
    return RequirementAnswer(requirement=requirement, status=status, decided_by=decided_by, not_judged=not_judged)


def _weigh(
    failed: tuple[str, ...], open_: tuple[str, ...], passed: tuple[str, ...], *, complete: bool
) -> tuple[Status, tuple[str, ...]]:
    if failed:
        return Status.NOT_MET, failed
    if open_:
        return Status.UNDECIDED, open_
    return (Status.MET, passed) if passed and complete else (Status.UNDECIDED, ())


def _decides(rule: RuleInfo, requirement: Requirement) -> bool:
    return requirement is rule.requirement or requirement in rule.also


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.rule.id for finding in findings}))


def _judged(audit: Audit) -> frozenset[str]:
    """Return the ids of the rules that were run, but for those on which every source was silent."""
    told = {finding.rule.id for finding in audit.findings if not _is_silence(finding)}
    silent = {finding.rule.id for finding in audit.findings} - told
    return frozenset(rule.id for rule in audit.rules) - silent


def _is_silence(finding: Finding) -> bool:
    return isinstance(finding.verdict, NotApplicable) and finding.verdict.gap is not None


def _was_judged(name: str, judged: Iterable[str]) -> bool:
    """Say whether a rule of this family, or the rule of this id, is among those judged."""
    return any(name in {rule, re.sub(r"-\d+$", "", rule)} for rule in judged)
