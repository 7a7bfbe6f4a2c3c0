"""What adoption keeps, changes and leaves, told by facts alone; `test_adoption.py` reads a simulated account."""

from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.model import Account
from ssm_hardening.remediation.adoption.lifecycle import EXPIRATION, NONCURRENT, lengthened
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.remediation.planning import plan_remediation
from ssm_hardening.verdicts.findings import Audit, Finding, Undecided
from tests.remediation.loop import read_text
from tests.remediation.proposing import CONTENT, call_of, gap, holding, planned, preferences_of, weak_account
from tests.rules.builders import account as declared
from tests.rules.builders import unknown
from tests.rules.builders_live import PREFERENCES, live_account

NAME = "SSM-SessionManagerRunShell"


@pytest.mark.parametrize(
    ("tags", "kept"),
    [({"team": "platform", "aws:cloudformation:stack-name": "x"}, {"team": "platform"}), ({"aws:x": "y"}, None)],
)
def test_an_adopted_document_keeps_its_tags(tags: dict[str, str], kept: dict[str, str] | None) -> None:
    settings = {"Content": CONTENT, "DocumentVersion": "3", "DefaultVersion": "3", "Tags": tags}
    account = weak_account(holdings=[holding(PREFERENCES, "aws_ssm_document", NAME, settings)])
    plan = planned(account, ("PREF-07", preferences_of(account)))
    assert call_of(plan, "session-preferences").inputs.get("tags") == kept


def rule(identifier: str, prefix: str, days: int = 7, status: str = "Enabled") -> dict[str, Any]:
    return {"ID": identifier, "Status": status, "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}


def test_only_rules_within_the_logs_are_lengthened_and_wider_ones_are_named() -> None:
    rules: list[Any] = [
        rule("logs", "sessions/"),
        rule("one host's", "sessions/i-1"),
        rule("exact", "sessions"),
        rule("long", "sessions/", 999),
        rule("off", "sessions/", status="Disabled"),
        rule("other", "photos/"),
        rule("alike", "sessions-of-the-club/"),
        rule("whole", ""),
    ]
    changed, wider = lengthened(rules, ["sessions"], 365, EXPIRATION)
    found: list[Any] = changed
    days = {each["ID"]: each["Expiration"]["Days"] for each in found}
    assert {name for name, number in days.items() if number == 365} == {"logs", "one host's", "exact"}
    assert {name for name, number in days.items() if number == 7} == {"off", "other", "alike", "whole"}
    assert wider == ("alike", "whole")


def test_old_versions_of_logs_are_kept_longer_too() -> None:
    rules: list[Any] = [
        {**rule(name, prefix, 999), "NoncurrentVersionExpiration": {"NoncurrentDays": days}}
        for name, prefix, days in (("logs", "sessions/", 1), ("long", "sessions/", 400), ("whole", "", 1))
    ]
    changed, wider = lengthened(rules, ["sessions"], 365, NONCURRENT)
    found: list[Any] = changed
    assert [each["NoncurrentVersionExpiration"]["NoncurrentDays"] for each in found] == [365, 400, 1]
    assert {each["Expiration"]["Days"] for each in found} == {999}
    assert wider == ("whole",)


def undecided(account: Account) -> Finding:
    why = unknown("another root may declare it")
    return replace(gap(account, "PREF-01", None), verdict=Undecided(account.at, why, "whether there are preferences"))


def plan_of(*accounts: Account) -> RemediationPlan:
    finding = undecided(accounts[0])
    audit = Audit(standard="baseline", sources=(), findings=(finding,), rules=(finding.rule,))
    return plan_remediation(audit, accounts, into=False, read_file=read_text)


def test_an_account_that_was_read_tells_what_its_code_leaves_open() -> None:
    code = declared(session_documents=[], log_buckets=[], log_groups=[], keys=[])
    assert "session-preferences" in {call.module for call in plan_of(code).modules}
    assert plan_of(code, live_account()).modules == ()
