from dataclasses import replace

import pytest

from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.report.requirements import RequirementAnswer, Status, requirements
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    NotApplicable,
    Passed,
    Requirement,
    RuleInfo,
    Undecided,
    Verdict,
    Waiver,
)
from ssm_hardening.verdicts.standards import NEEDED
from tests.report.builders import AT, audit_of, finding, info

GOOD = Passed(AT, "fine")
BAD = Failed(AT, "not fine")
OPEN = Undecided(AT, Unknown(Why.COMPUTED, AT, "x"))
NOTHING = NotApplicable(AT, "nothing here")

WHOLE = NEEDED[Requirement.CROSS_PLATFORM]
"""Families and rules; a family is stood for by a rule of it."""


def _rules() -> tuple[RuleInfo, ...]:
    names = (name if "-" in name else f"{name}-01" for name in WHOLE)
    return tuple(info(name, requirement=Requirement.CROSS_PLATFORM) for name in names)


def answer(audit: Audit) -> RequirementAnswer:
    return next(item for item in requirements(audit) if item.requirement is Requirement.CROSS_PLATFORM)


def judged(*verdicts: Verdict) -> Audit:
    rules = _rules()
    return audit_of(*(finding(rule, verdict) for rule, verdict in zip(rules, verdicts, strict=True)), rules=rules)


@pytest.mark.parametrize(
    ("verdicts", "status", "decided_by"),
    [
        ((GOOD, GOOD, NOTHING), Status.MET, ("HOST-01", "RUNAS-01")),
        ((GOOD, BAD, OPEN), Status.NOT_MET, ("RUNAS-01",)),
        ((GOOD, GOOD, OPEN), Status.UNDECIDED, ("PREF-12",)),
        ((GOOD, GOOD, Crashed(AT, "boom")), Status.UNDECIDED, ("PREF-12",)),
        ((NOTHING, NOTHING, NOTHING), Status.UNDECIDED, ()),
    ],
)
def test_a_requirement_is_met_only_by_passes(
    verdicts: tuple[Verdict, ...], status: Status, decided_by: tuple[str, ...]
) -> None:
    found = answer(judged(*verdicts))
    assert (found.status, found.decided_by, found.not_judged) == (status, decided_by, ())


def test_a_missing_family_keeps_it_undecided() -> None:
    rules = _rules()[1:]
    found = answer(audit_of(*(finding(rule, GOOD) for rule in rules), rules=rules))
    assert (found.status, found.not_judged) == (Status.UNDECIDED, ("HOST",))


def test_a_family_on_which_the_source_is_silent_was_not_judged() -> None:
    silence = NotApplicable(AT, "code does not say", gap=Unknown(Why.OUT_OF_SCOPE, AT, "code does not say"))
    found = answer(judged(silence, GOOD, GOOD))
    assert (found.status, found.decided_by, found.not_judged) == (Status.UNDECIDED, (), ("HOST",))


def test_one_account_that_tells_is_enough() -> None:
    silence = NotApplicable(AT, "code does not say", gap=Unknown(Why.OUT_OF_SCOPE, AT, "code does not say"))
    audit = judged(GOOD, GOOD, GOOD)
    both = replace(audit, findings=(*audit.findings, finding(_rules()[0], silence)))
    assert answer(both).status is Status.MET


def test_a_waived_failure_counts_neither_way() -> None:
    audit = judged(GOOD, BAD, NOTHING)
    waived = tuple(
        replace(item, waiver=Waiver("accepted", AT)) if item.verdict is BAD else item for item in audit.findings
    )
    found = answer(replace(audit, findings=waived))
    assert (found.status, found.decided_by) == (Status.MET, ("HOST-01",))


def test_only_waived_failures_meet_nothing() -> None:
    audit = judged(BAD, BAD, BAD)
    waived = tuple(replace(item, waiver=Waiver("accepted", AT)) for item in audit.findings)
    assert answer(replace(audit, findings=waived)).status is Status.UNDECIDED


def test_a_rule_decides_its_second_requirement_too() -> None:
    rule = info("KMS-01", also=(Requirement.SECURE_ACCESS,))
    found = {item.requirement: item.status for item in requirements(audit_of(finding(rule, BAD)))}
    assert found[Requirement.SECURE_ACCESS] is found[Requirement.AUDITING] is Status.NOT_MET
    assert found[Requirement.ACCESS_CONTROL] is Status.UNDECIDED
