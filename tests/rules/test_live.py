"""All rules over live accounts: one in good order, one as it comes, one in disorder; and the same offline."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from ssm_hardening.core.values import Inventory
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.read.snapshot import from_json, to_json
from ssm_hardening.rules.catalogue import load_rules, rule_ids
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.builders import account, root_statement, unknown
from tests.rules.builders_live import (
    HOST_ROLE,
    PREFERENCES,
    SHARING,
    TIER,
    bare,
    instance,
    live_account,
    live_bucket,
    live_group,
    live_keys,
    live_preferences,
    session,
    setting,
)
from tests.strategies import accounts

NEEDS_THE_ACCOUNT = ("HOST-01", "PREF-09", "REC-01", *(f"ACCT-0{number}" for number in range(1, 8)))
UNRECORDED = {"recording_object": None, "recording_stream": None}


def audited(picture: Account, standard: str = "baseline") -> tuple[Finding, ...]:
    return run(load_rules(), [picture], BUILT_IN[standard]).findings


def ids(findings: tuple[Finding, ...], kind: type) -> set[str]:
    return {finding.rule.id for finding in findings if isinstance(finding.verdict, kind)}


def untouched() -> Account:
    """An account in which nobody ever configured Session Manager, though people use it."""
    people = [session(number, **UNRECORDED) for number in range(1, 7)]
    return bare(
        instances=[instance(1), instance(2, platform="Windows")],
        sessions=people,
        log_buckets=[live_bucket(used_by=[], encryption="AES256", kms_key=None)],
        settings=[setting(SHARING, "Enable"), setting(HOST_ROLE, "$None"), setting(TIER, "standard")],
    )


def disorder() -> Account:
    return live_account(
        session_documents=[
            live_preferences(
                default_version="2",
                versions_agree=False,
                shared_with=["All"],
                s3_encryption_enabled=False,
                cloudwatch_encryption_enabled=False,
                cloudwatch_streaming_enabled=False,
                kms_key=None,
                run_as_enabled=False,
                idle_session_timeout=60,
                max_session_duration=1440,
                shell_profile_linux="unset HISTFILE",
            )
        ],
        log_buckets=[
            live_bucket(
                block_public_acls=False, versioning=False, tls_only=None, statements=Inventory(), expiration_days=30
            )
        ],
        log_groups=[live_group(kms_key=None, retention_days=None)],
        instances=[instance(1, agent_version="2.3.68.0"), instance(2, ping="ConnectionLost")],
        settings=[setting(SHARING, "Enable"), setting(HOST_ROLE, "Administrator"), setting(TIER, "advanced")],
        trails=[],
        event_rules=[],
        sessions=[session(1, **UNRECORDED), session(2, document="AWS-StartSSHSession", **UNRECORDED)],
    )


def about_recording(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Leave out the rules about people, roles and networks: these accounts hold none, which those leave open."""
    return tuple(each for each in findings if not is_about_access(each.rule.id))


def is_about_access(rule: str) -> bool:
    return rule.startswith(("ROLE", "OPER", "NET", "PATH")) or rule in {"S3-09", "S3-10", "CW-04", "KMS-06", "KMS-07"}


@pytest.mark.parametrize("standard", ["baseline", "strict"])
def test_an_account_in_good_order_passes_every_rule_that_is_about_it(standard: str) -> None:
    findings = about_recording(audited(live_account(), standard))
    assert ids(findings, Failed) == ids(findings, Undecided) == ids(findings, Crashed) == set()
    # Nothing was read from inside its nodes.
    inside = {"HOST-02", "HOST-03", "HOST-04", "HOST-05"}
    about_nothing_here = {"PREF-11", "PREF-15", "ACCT-06", "READ-01"} | inside
    assert ids(findings, NotApplicable) == about_nothing_here
    judged = {rule for rule in rule_ids() if not is_about_access(rule)}
    assert ids(findings, Passed) == judged - about_nothing_here


def test_an_untouched_account_fails_on_what_aws_does_by_default() -> None:
    findings = about_recording(audited(untouched()))
    assert ids(findings, Crashed) == ids(findings, Undecided) == set()
    assert ids(findings, Failed) == {
        "PREF-01", "PREF-03", "PREF-08", "KMS-01", "RUNAS-01", "REC-01",
        "ACCT-01", "ACCT-02", "ACCT-03", "ACCT-05",
    }  # fmt: skip
    assert ids(findings, Passed) == {"PREF-07", "HOST-01", "ACCT-04"}
    subjects = {finding.subject for finding in findings if finding.rule.id in {"PREF-03", "KMS-01", "RUNAS-01"}}
    assert subjects == {PREFERENCES}
    assert sum(finding.rule.id == "REC-01" for finding in findings) == 6


def test_defaults_are_called_defaults() -> None:
    texts = {finding.rule.id: finding.verdict.message for finding in audited(untouched(), "strict")}
    assert texts["PREF-07"] == (
        "there is no SSM-SessionManagerRunShell, so the AWS defaults apply: "
        "idle sessions end after 20 minutes, the AWS default (maximum: 15)"
    )
    assert "all sessions share ssm-user" in texts["RUNAS-01"]


def test_an_account_in_disorder_fails_where_it_is_in_disorder() -> None:
    findings = audited(disorder())
    assert ids(findings, Crashed) == set()
    assert ids(findings, Failed) == {
        "PREF-04", "PREF-05", "PREF-06", "PREF-07", "PREF-08", "PREF-09", "PREF-10", "PREF-12", "KMS-01", "RUNAS-01",
        "S3-03", "S3-04", "S3-05", "S3-06", "CW-02", "CW-03", "HOST-01", "REC-01",
        "ACCT-01", "ACCT-02", "ACCT-03", "ACCT-04", "ACCT-05",
    }  # fmt: skip


@pytest.mark.parametrize("picture", [live_account(), untouched(), disorder()], ids=["good", "untouched", "disorder"])
def test_a_snapshot_gets_the_same_verdicts(picture: Account) -> None:
    (again,) = from_json(to_json([picture]))
    assert audited(again) == audited(picture)


def test_code_alone_hears_nothing_of_the_rules_that_need_the_account() -> None:
    verdicts = {finding.rule.id: finding.verdict for finding in audited(account())}
    for rule in NEEDS_THE_ACCOUNT:
        verdict = verdicts[rule]
        assert isinstance(verdict, NotApplicable), rule
        assert verdict.gap is not None
        assert verdict.message.endswith("audit the live account")


def test_what_could_not_be_read_of_a_live_account_is_no_pass() -> None:
    nothing: Inventory[Any] = Inventory((), unknown("the call was denied"))
    kinds = ("instances", "settings", "trails", "event_rules", "activations", "sessions", "document_events", "owners")
    findings = audited(live_account(**dict.fromkeys(kinds, nothing)))
    told = [finding for finding in findings if finding.rule.id in NEEDS_THE_ACCOUNT and finding.rule.id != "PREF-09"]
    assert [finding.rule.id for finding in told if not isinstance(finding.verdict, Undecided)] == []


def test_keys_of_live_groups_are_looked_at_under_their_arns() -> None:
    *others, group_key = live_keys()
    root_only = replace(group_key, statements=Inventory((root_statement(),)))
    assert "KMS-05" in ids(audited(live_account(keys=[*others, root_only])), Failed)


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_no_picture_of_an_account_crashes_a_rule(picture: Account) -> None:
    assert ids(audited(picture, "strict"), Crashed) == set()
