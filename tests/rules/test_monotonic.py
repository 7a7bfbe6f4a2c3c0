"""To know less never turns a verdict round: hiding leaves it as it is or makes it undecided."""

import pytest

from ssm_hardening.engine import run
from ssm_hardening.findings import Crashed, Failed, Finding, NotApplicable, Undecided
from ssm_hardening.model import Account
from ssm_hardening.rules.catalogue import load_rule, rule_ids
from ssm_hardening.standards import BUILT_IN
from tests.rules.hiding import poorer
from tests.rules.scenarios import scenarios

SCENARIOS = scenarios()


@pytest.mark.parametrize("rule", rule_ids())
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("standard", ["baseline", "strict"])
def test_hiding_anything_never_flips_a_verdict(rule: str, scenario: str, standard: str) -> None:
    full = _judge(rule, SCENARIOS[scenario], standard)
    flips = [
        f"{less.what}: {subject}: {change}"
        for less in poorer(SCENARIOS[scenario])
        for subject, change in _flips(full, _judge(rule, less.account, standard))
    ]
    assert flips == []


def _judge(rule: str, account: Account, standard: str) -> dict[str, Finding]:
    findings = run([load_rule(rule)], [account], BUILT_IN[standard]).findings
    return {finding.subject: finding for finding in findings}


def _flips(full: dict[str, Finding], less: dict[str, Finding]) -> list[tuple[str, str]]:
    """Compare the verdicts of one rule with those under less knowledge, subject by subject.

    A subject may appear (it may now be one the rule is about), but not with a pass or a failure. A subject may only
    go where it is missing itself, and then the account as a whole is undecided.
    """
    undecided_account = "account" in less and isinstance(less["account"].verdict, Undecided)
    flips = []
    for subject in full.keys() | less.keys():
        before, after = full.get(subject), less.get(subject)
        if after is None:
            if before is not None and not isinstance(before.verdict, NotApplicable) and not undecided_account:
                flips.append((subject, "vanished"))
        elif not _is_softer(before, after):
            flips.append((subject, f"{_say(before)} became {_say(after)}"))
    return flips


def _is_softer(before: Finding | None, after: Finding) -> bool:
    if isinstance(after.verdict, Undecided):
        return True
    if isinstance(after.verdict, Crashed):
        return False
    if before is None:
        return isinstance(after.verdict, NotApplicable)
    if isinstance(after.verdict, Failed) and after.severity.rank < before.severity.rank:
        return False
    return type(before.verdict) is type(after.verdict)


def _say(finding: Finding | None) -> str:
    if finding is None:
        return "nothing"
    return f"{type(finding.verdict).__name__} ({finding.severity}: {finding.verdict.message})"
