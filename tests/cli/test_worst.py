from dataclasses import replace
from itertools import permutations

import pytest

from ssm_hardening.cli.pipeline import of_audit, worst
from ssm_hardening.core.errors import ExitCode
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.verdicts.findings import Crashed, Failed, NotApplicable, Passed, Severity, Undecided, Verdict, Waiver
from tests.report.builders import AT, audit_of, finding, info

RULE = info("PREF-03", severity=Severity.MEDIUM)
BAD = Failed(AT, "not fine")
OPEN = Undecided(AT, Unknown(Why.COMPUTED, AT, "x"))
BROKEN = Crashed(AT, "boom")
GOOD = Passed(AT, "fine")


@pytest.mark.parametrize(
    ("verdicts", "fail_on", "strict", "code"),
    [
        ((), Severity.LOW, True, ExitCode.OK),
        ((GOOD, NotApplicable(AT, "nothing")), Severity.LOW, True, ExitCode.OK),
        ((GOOD, BAD), Severity.LOW, False, ExitCode.GAPS),
        ((GOOD, BAD), Severity.MEDIUM, False, ExitCode.GAPS),
        ((GOOD, BAD), Severity.HIGH, False, ExitCode.OK),
        ((GOOD, BAD, OPEN), Severity.HIGH, True, ExitCode.UNDECIDED),
        ((GOOD, OPEN), Severity.LOW, False, ExitCode.OK),
        ((GOOD, OPEN), Severity.LOW, True, ExitCode.UNDECIDED),
        ((BAD, OPEN), Severity.LOW, True, ExitCode.GAPS),
        ((BAD, OPEN, BROKEN), Severity.LOW, True, ExitCode.FAULT),
        ((GOOD, BROKEN), Severity.CRITICAL, False, ExitCode.FAULT),
    ],
)
def test_the_table_of_exit_codes(
    verdicts: tuple[Verdict, ...],
    fail_on: Severity,
    strict: bool,  # noqa: FBT001 - a parameter
    code: ExitCode,
) -> None:
    audit = audit_of(*(finding(RULE, verdict) for verdict in verdicts))
    assert of_audit(audit, fail_on=fail_on, fail_on_undecided=strict) is code


@pytest.mark.parametrize("verdict", [BAD, OPEN])
def test_what_is_waived_does_not_count(verdict: Verdict) -> None:
    waived = replace(finding(RULE, verdict), waiver=Waiver("accepted", AT))
    assert of_audit(audit_of(waived), fail_on_undecided=True) is ExitCode.OK


def test_the_precedence_is_that_of_the_documentation() -> None:
    order = [ExitCode(70), ExitCode(2), ExitCode(1), ExitCode(3), ExitCode(0)]
    for chosen in permutations(order, 3):
        assert worst(*chosen) is min(chosen, key=order.index)
    assert worst() is ExitCode.OK
