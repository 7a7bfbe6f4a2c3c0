"""What the fixtures cannot show of the rules that need the account: boundaries, thresholds, the words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Record, Unknown
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.rules.account.alerts import Event, matches
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.rules.kit.subjects import defaults_in_force
from ssm_hardening.rules.registry import Context
from ssm_hardening.verdicts.findings import Failed, NotApplicable, Passed, Severity, Undecided, Verdict
from ssm_hardening.verdicts.standards import BUILT_IN, load_standard
from tests.rules.builders import AT, account, custom_document, lift, unknown
from tests.rules.builders_live import (
    KEYS,
    OWNER,
    PREFERENCES,
    SHARING,
    bare,
    event_rule,
    instance,
    live_preferences,
    ownership,
    session,
    setting,
    trail,
    written,
)
from tests.rules.fixtures import HERE, code, judge
from tests.rules.judging import verdict_on

UNRECORDED: dict[str, Any] = {"recording_object": None, "recording_stream": None}


def on_account(rule: str, picture: Account, **thresholds: Any) -> Verdict:
    chosen = replace(BUILT_IN["baseline"].thresholds, **thresholds)
    return load_rule(rule).judge(picture, Context(picture, chosen))


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("3.3.987.0", Passed),
        ("3.3.1000.0", Passed),
        ("3.10.0.0", Passed),
        ("4.0", Passed),
        ("3.3.986.9", Failed),
        ("3.3.99.0", Failed),
        ("next", Failed),
    ],
)
def test_versions_are_compared_by_number(version: str, kind: type) -> None:
    assert isinstance(verdict_on("HOST-01", instance(agent_version=version)), kind)


def test_the_floor_is_the_standards(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[thresholds]\nagent_version_min = "3.1.0.0"\n')
    picture = bare(instances=[instance(agent_version="3.1.1732.0")])
    (finding,) = run([load_rule("HOST-01")], [picture], load_standard(str(mine))).findings
    assert isinstance(finding.verdict, Passed)


def test_a_floor_that_is_no_version_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[thresholds]\nagent_version_min = "latest"\n')
    with pytest.raises(UsageError, match="agent_version_min"):
        load_standard(str(mine))


def test_an_agent_without_a_session_channel_passes_with_a_note() -> None:
    verdict = verdict_on("HOST-01", instance(connected=False))
    assert isinstance(verdict, Passed)
    assert "not connected" in verdict.related[0].note


def test_a_connection_that_was_not_looked_at_decides_nothing() -> None:
    assert isinstance(verdict_on("HOST-01", instance(connected=unknown())), Passed)


@pytest.mark.parametrize("state", ["stopped", "stopping", "pending", "shutting-down"])
def test_what_does_not_run_is_not_judged(state: str) -> None:
    assert isinstance(verdict_on("HOST-01", instance(state=state, ping="ConnectionLost")), NotApplicable)


@pytest.mark.parametrize(
    ("standard", "nodes", "severity"),
    [("baseline", [], "low"), ("strict", [], "high"), ("baseline", [instance()], "high")],
)
def test_missing_preferences_weigh_little_where_there_are_no_nodes(
    standard: str, nodes: list[Any], severity: str
) -> None:
    (finding,) = run([load_rule("PREF-01")], [bare(instances=nodes)], BUILT_IN[standard]).findings
    assert isinstance(finding.verdict, Failed)
    assert finding.severity == severity


def test_a_session_of_the_past_is_a_node_too() -> None:
    (document,) = defaults_in_force(bare(sessions=[session()])).items
    assert document.address == PREFERENCES
    assert document.exists == Known(True, document.exists.at)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_defaults_have_the_address_of_their_partition(partition: str) -> None:
    at = ApiOrigin(f"arn:{partition}:iam::{OWNER}:root", "sts:GetCallerIdentity")
    (document,) = defaults_in_force(bare(instances=[instance()], at=at)).items
    assert document.address == PREFERENCES.replace("arn:aws:", f"arn:{partition}:")


@pytest.mark.parametrize(
    "picture",
    [
        bare(),
        account(session_documents=[], instances=[instance()]),
        bare(session_documents=[live_preferences()], instances=[instance()]),
        bare(session_documents=Inventory((), unknown()), instances=[instance()]),
    ],
    ids=["no nodes", "code", "preferences", "documents denied"],
)
def test_defaults_are_judged_only_where_they_apply(picture: Account) -> None:
    assert defaults_in_force(picture).items == ()


def test_a_custom_document_does_not_replace_the_defaults() -> None:
    picture = bare(instances=[instance()], session_documents=[custom_document(address="arn:custom")])
    findings = run([load_rule("KMS-01")], [picture], BUILT_IN["baseline"]).findings
    assert {finding.subject for finding in findings} == {"arn:custom", PREFERENCES}


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (KEYS["session"], Failed),
        ("alias/example-gone", Failed),
        (KEYS["session"].replace(OWNER, "444455556666"), Passed),
    ],
)
def test_a_key_that_the_account_does_not_hold_is_gone_or_anothers(key: str, kind: type) -> None:
    document = live_preferences(kms_key=key)
    verdict = verdict_on("KMS-01", document, within=bare(session_documents=[document]))
    assert isinstance(verdict, kind)
    assert not isinstance(verdict, Failed) or verdict.severity is Severity.HIGH


def recorded(preferences: SessionDocument | None, /, **overrides: Any) -> Verdict:
    picture = bare(session_documents=[] if preferences is None else [preferences])
    return verdict_on("REC-01", session(**overrides), within=picture)


@pytest.mark.parametrize("name", ["AWS-StartSSHSession", "AWS-StartPortForwardingSessionToSocket"])
def test_a_tunnel_is_not_recordable(name: str) -> None:
    verdict = recorded(live_preferences(), document=name, **UNRECORDED)
    assert isinstance(verdict, NotApplicable)
    assert "cannot be recorded" in verdict.message


def test_a_session_that_runs_says_so() -> None:
    verdict = recorded(live_preferences(), ended=None, status="Connected")
    assert isinstance(verdict, NotApplicable)
    assert "running" in verdict.message


def test_the_name_of_the_preferences_means_them() -> None:
    assert isinstance(recorded(live_preferences(), document="SSM-SessionManagerRunShell"), Passed)
    assert isinstance(recorded(None, document="SSM-SessionManagerRunShell", **UNRECORDED), Failed)


def test_a_store_that_only_the_caller_knows_is_not_looked_into() -> None:
    document = live_preferences(s3_bucket="{{ bucket }}", cloudwatch_log_group=None)
    assert isinstance(recorded(document, **UNRECORDED), Undecided)


@pytest.mark.parametrize("time", ["yesterday", "2025-04-01T08:00:00"])
def test_a_time_that_cannot_be_read_decides_nothing(time: str) -> None:
    assert isinstance(recorded(live_preferences(changed=time), **UNRECORDED), Undecided)


def test_owners_are_judged_where_the_standard_names_them() -> None:
    picture = bare(
        session_documents=[live_preferences()], sessions=[session(1), session(2, owner="arn:aws:iam::1:root")]
    )
    assert isinstance(on_account("ACCT-05", picture), Passed)
    expected = (f"arn:aws:sts::{OWNER}:assumed-role/Operators/*",)
    verdict = on_account("ACCT-05", picture, session_owners=expected)
    assert isinstance(verdict, Failed)
    assert verdict.message.startswith("1 of 2 sessions had an owner that the standard does not expect")


def test_many_sessions_are_counted_and_a_few_are_shown() -> None:
    tunnels = [session(number, document="AWS-StartSSHSession", **UNRECORDED) for number in range(1, 41)]
    verdict = on_account("ACCT-05", bare(sessions=tunnels))
    assert isinstance(verdict, Failed)
    assert verdict.message == "40 of 40 sessions opened a tunnel, which is never recorded (AWS-StartSSHSession)"
    assert len(verdict.related) == 11
    assert verdict.related[-1].note == "and 30 more"


def test_the_best_of_several_trails_counts() -> None:
    weak = [trail(address="b", name="b", multi_region=False), trail(kms_key=None)]
    verdict = on_account("ACCT-02", bare(trails=weak))
    assert isinstance(verdict, Failed)
    assert verdict.severity is Severity.LOW
    assert isinstance(on_account("ACCT-02", bare(trails=[*weak, trail(address="c")])), Passed)


@pytest.mark.parametrize(
    ("kind", "multi_region", "expected"),
    [
        ("WriteOnly", False, NotApplicable),
        ("ReadOnly", False, NotApplicable),
        ("ReadOnly", True, NotApplicable),
        ("None", True, NotApplicable),
        ("WriteOnly", True, Passed),
        ("All", False, Failed),
    ],
)
def test_a_trail_of_code_for_some_events_may_be_one_of_several(
    kind: str,
    multi_region: bool,  # noqa: FBT001 - a parameter of the test
    expected: type,
) -> None:
    one = trail(management_events=kind, multi_region=multi_region)
    assert type(on_account("ACCT-02", replace(account(), trails=Inventory((one,))))) is expected
    live = on_account("ACCT-02", bare(trails=[one]))
    assert type(live) is (Passed if expected is Passed else Failed)


def test_a_trail_that_may_be_for_one_purpose_is_undecided() -> None:
    one = trail(management_events="WriteOnly", multi_region=unknown())
    assert type(on_account("ACCT-02", replace(account(), trails=Inventory((one,))))) is Undecided


def test_another_trail_may_be_in_what_was_not_read() -> None:
    picture = bare(trails=Inventory((trail(logging=False),), unknown()))
    assert isinstance(on_account("ACCT-02", picture), Undecided)


PATTERNS: list[tuple[dict[str, Any], bool | None]] = [
    ({"source": ["aws.ssm"]}, True),
    ({"source": ["aws.ec2"]}, False),
    ({"source": [{"prefix": "aws.s"}]}, True),
    ({"source": [{"suffix": ".ec2"}]}, False),
    ({"source": [{"wildcard": "aws.*"}]}, True),
    ({"source": [{"wildcard": "aws.?sm"}]}, False),
    ({"source": [{"equals-ignore-case": "AWS.SSM"}]}, True),
    ({"source": [{"anything-but": ["aws.ec2", "aws.s3"]}]}, True),
    ({"source": [{"anything-but": "aws.ssm"}]}, False),
    ({"source": [{"anything-but": {"prefix": "aws."}}]}, False),
    ({"source": [{"exists": True}]}, True),
    ({"source": [{"numeric": [">", 0]}]}, None),
    ({"detail": {"eventName": ["StopSession", "StartSession"]}}, True),
    ({"detail": {"eventName": ["StopSession"], "userIdentity": {"type": ["Root"]}}}, False),
    ({"detail": {"userIdentity": {"type": ["Root"]}}}, None),
    ({"account": [OWNER]}, None),
    ({"$or": [{"source": ["aws.ssm"]}, {"source": ["aws.ec2"]}]}, None),
    ({}, True),
]


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS)
def test_a_pattern_matches_what_it_says(pattern: dict[str, Any], expected: bool | None) -> None:  # noqa: FBT001
    event: Event = {"source": "aws.ssm", "detail": {"eventName": "StartSession"}}
    record = lift(pattern).value
    assert isinstance(record, Record)
    answer = matches(record, event, AT)
    assert (None if isinstance(answer, Unknown) else answer.value) is expected


def test_an_alert_on_another_bus_hears_nothing() -> None:
    calls = ("StartSession", "UpdateDocument", "DeleteDocument", "UpdateServiceSetting")
    verdict = on_account("ACCT-03", bare(event_rules=[event_rule(*calls, bus="example")]))
    assert isinstance(verdict, Failed)
    assert "the start of sessions" in verdict.message


def test_a_setting_may_be_named_by_its_arn() -> None:
    named = setting(f"arn:aws:ssm:eu-west-1:{OWNER}:servicesetting{SHARING}", "Disable")
    assert isinstance(on_account("ACCT-01", account(settings=[named])), Passed)


def test_a_setting_that_may_not_exist_is_undecided() -> None:
    assert isinstance(
        on_account("ACCT-01", account(settings=[setting(SHARING, "Disable", exists=unknown())])), Undecided
    )


def test_a_live_account_whose_setting_was_not_read_is_undecided() -> None:
    assert isinstance(on_account("ACCT-01", bare()), Undecided)


def test_a_role_writes_with_one_hand_whoever_holds_it() -> None:
    document = live_preferences()
    within = bare(session_documents=[document], owners=[ownership()], document_events=[written(1), written(2)])
    assert isinstance(verdict_on("ACCT-07", document, within=within), Passed)
    other = written(3, principal=f"arn:aws:sts::{OWNER}:assumed-role/Admin/sam")
    more = replace(within, document_events=Inventory((*within.document_events.items, other)))
    verdict = verdict_on("ACCT-07", document, within=more)
    assert isinstance(verdict, Failed)
    assert "role/Admin" in verdict.message


def test_the_thresholds_of_a_standard_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[thresholds]\nsession_owners = ["arn:*"]\nactivation_registrations_max = 3\n')
    changed = replace(BUILT_IN["baseline"].thresholds, session_owners=("arn:*",), activation_registrations_max=3)
    assert load_standard(str(mine)).thresholds == changed


@pytest.mark.parametrize(
    ("first", "last", "source", "headline"),
    [
        (22, 22, "0.0.0.0/0", "SSH is open to the world"),
        (3000, 4000, "0.0.0.0/0", "RDP is open to the world"),
        (5985, 5986, "10.0.0.0/8", "WinRM is open"),
        (0, 65535, "0.0.0.0/0", "Remote shell ports are open to the world"),
    ],
)
def test_the_headline_says_which_shell_is_open(
    first: int, last: int, source: str, headline: str, tmp_path: Path
) -> None:
    text = code(HERE / "NET-01" / "fail.tf").replace('["0.0.0.0/0"]', f'["{source}"]', 1)
    text = text.replace("from_port   = 22", f"from_port = {first}").replace("to_port     = 22", f"to_port = {last}")
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")

    found = [each.verdict for each in judge("NET-01", read_terraform([tmp_path]).accounts)]

    assert [each.headline for each in found if isinstance(each, Failed)] == [headline]
