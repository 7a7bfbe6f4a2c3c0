"""Who counts as a reader, eraser or keeper of recordings and keys, case by case: S3-09, CW-04 and KMS-06."""

from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.powers import Power, Use, powers_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, KeyGrant
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Failed, Finding, Passed, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.builders import AT, lift, root_statement, statement, unknown
from tests.rules.builders_live import LOG_GROUP, OWNER, live_bucket
from tests.rules.builders_readers import allow, crowd, quiet_account, quiet_keys, role

FOREIGN = [f"arn:aws:iam::444455556666:role/example-{number}" for number in range(8)]


def judged(rule: str, account: Account, **thresholds: Any) -> Any:
    return found(rule, account, **thresholds).verdict


def found(rule: str, account: Account, **thresholds: Any) -> Finding:
    strict = BUILT_IN["strict"]
    chosen = replace(strict, thresholds=replace(strict.thresholds, **thresholds))
    return run([load_rule(rule)], [account], chosen).findings[0]


def with_bucket_policy(*statements: Statement, roles: Any = ()) -> Account:
    bucket = live_bucket(replicates_to=[], access_points=[], statements=Inventory(statements))
    return quiet_account(*roles, log_buckets=[bucket])


def with_key_policy(*statements: Statement, roles: Any = ()) -> Account:
    return quiet_account(*roles, keys=quiet_keys(statements=Inventory(statements)))


def admitting(who: Any, *actions: str, **more: Any) -> Statement:
    return statement(actions=list(actions), principals={"AWS": who}, **{"resources": ["*"], **more})


def test_strangers_that_a_bucket_policy_names_are_readers() -> None:
    assert isinstance(judged("S3-09", with_bucket_policy(admitting(FOREIGN, "s3:GetObject"))), Failed)
    assert isinstance(judged("S3-09", with_bucket_policy(admitting(FOREIGN[:3], "s3:GetObject"))), Passed)


@pytest.mark.parametrize("operator", ["ArnEquals", "StringEquals", "ArnLike"])
def test_strangers_that_a_condition_names_are_readers(operator: str) -> None:
    def admitted(count: int) -> Account:
        named = {operator: {"aws:PrincipalArn": FOREIGN[:count]}}
        return with_bucket_policy(admitting(["*"], "s3:GetObject", conditions=named))

    assert isinstance(judged("S3-09", admitted(8)), Failed)
    assert isinstance(judged("S3-09", admitted(3)), Passed)


@pytest.mark.parametrize("key", ["aws:PrincipalAccount", "kms:CallerAccount"])
def test_an_account_that_a_condition_admits_as_a_whole_cannot_be_counted(key: str) -> None:
    def judge(number: str) -> Any:
        return judged(
            "S3-09", with_bucket_policy(admitting(["*"], "s3:GetObject", conditions={"StringEquals": {key: [number]}}))
        )

    assert isinstance(judge("444455556666"), Undecided)
    assert "444455556666" in judge("444455556666").gap.detail
    assert isinstance(judge(OWNER), Passed)


def test_strangers_that_read_something_else_are_none() -> None:
    elsewhere = admitting(FOREIGN, "s3:GetObject", resources=["arn:aws:s3:::example-session-logs/other/*"])
    assert isinstance(judged("S3-09", with_bucket_policy(elsewhere)), Passed)


@pytest.mark.parametrize(
    ("who", "conditions"),
    [
        ("*", None),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": ["o-example"]}}),
        ("arn:aws:iam::444455556666:root", None),
        ("444455556666", None),
    ],
)
def test_a_crowd_that_nobody_can_count_is_never_few(who: str, conditions: Any) -> None:
    policy = admitting([who], "s3:GetObject", conditions=conditions)
    assert isinstance(judged("S3-09", with_bucket_policy(policy)), Undecided)
    assert isinstance(
        judged("KMS-06", with_key_policy(root_statement(), replace(policy, actions=lift(["kms:CreateGrant"])))),
        Undecided,
    )


def test_everybody_of_the_own_account_is_asked_one_by_one() -> None:
    own = {"StringEquals": {"aws:PrincipalAccount": [OWNER]}}
    everybody = admitting(["*"], "s3:GetObject", conditions=own)
    assert isinstance(judged("S3-09", with_bucket_policy(everybody, roles=crowd(3))), Passed)
    assert isinstance(judged("S3-09", with_bucket_policy(everybody, roles=crowd(4))), Failed)


def test_a_deny_to_all_but_one_leaves_one_reader() -> None:
    refusing = admitting(
        ["*"],
        "s3:Get*",
        effect="Deny",
        conditions={"ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::{OWNER}:role/example-1"]}},
    )
    readers = crowd(9, allow("s3:Get*"))
    assert isinstance(judged("S3-09", with_bucket_policy(roles=readers)), Failed)
    assert isinstance(judged("S3-09", with_bucket_policy(refusing, roles=readers)), Passed)


def test_older_versions_are_recordings_too() -> None:
    assert isinstance(judged("S3-09", quiet_account(*crowd(4, allow("s3:GetObjectVersion")))), Failed)


@pytest.mark.parametrize("rule", ["S3-09", "CW-04", "KMS-06"])
def test_a_boundary_takes_the_right_away(rule: str) -> None:
    bounded = [
        role(f"example-{number}", allow("*"), boundary="example", boundary_statements=Inventory((allow("ec2:*"),)))
        for number in range(9)
    ]
    assert isinstance(judged(rule, quiet_account(*crowd(9, allow("*")))), Failed)
    assert isinstance(judged(rule, quiet_account(*bounded)), Passed)


@pytest.mark.parametrize(("address", "kind"), [(None, Passed), ("aws_iam_role.example", Undecided)])
def test_a_name_that_is_not_known_may_be_one_that_is_accepted(address: str | None, kind: Any) -> None:
    roles = crowd(5, allow("s3:GetObject"))
    accepted = ("example-*",)
    assert isinstance(judged("S3-09", quiet_account(*roles), recording_readers=accepted), Passed)
    unnamed = [replace(each, name=unknown(), address=f"{address}[{n}]" if address else each.address)
               for n, each in enumerate(roles)]  # fmt: skip
    assert isinstance(judged("S3-09", quiet_account(*unnamed), recording_readers=accepted), kind)


@pytest.mark.parametrize("action", ["kms:CreateGrant", "kms:PutKeyPolicy", "kms:UpdateAlias"])
def test_each_way_to_hand_a_key_on_counts_for_strangers_too(action: str) -> None:
    assert isinstance(judged("KMS-06", quiet_account(*crowd(4, allow(action)))), Failed)
    assert isinstance(judged("KMS-06", with_key_policy(root_statement(), admitting(FOREIGN, action))), Failed)


def test_a_key_that_is_not_left_to_the_account_is_in_nobody_elses_hands() -> None:
    keeper = admitting([f"arn:aws:iam::{OWNER}:role/keeper"], "kms:*")
    assert isinstance(judged("KMS-06", with_key_policy(keeper, roles=crowd(9, allow("kms:*")))), Passed)


def test_grants_for_services_only_hand_no_key_on() -> None:
    only = allow("kms:CreateGrant", conditions={"Bool": {"kms:GrantIsForAWSResource": ["true"]}})
    assert isinstance(judged("KMS-06", quiet_account(*crowd(9, only))), Passed)


@pytest.mark.parametrize(
    ("grantee", "operation", "kind"),
    [
        ("arn:aws:iam::444455556666:role/other", "Decrypt", Failed),
        ("arn:aws:iam::444455556666:role/other", "CreateGrant", Failed),
        ("arn:aws:iam::444455556666:role/other", "Encrypt", Passed),
        ("rds.cn-north-1.amazonaws.com.cn", "Decrypt", Passed),
        (f"arn:aws:iam::{OWNER}:role/aws-service-role/autoscaling.amazonaws.com/Example", "Decrypt", Passed),
    ],
)
def test_whom_a_grant_lets_read(grantee: str, operation: str, kind: Any) -> None:
    grant = KeyGrant(at=AT, name=lift("example"), grantee=lift(grantee), operations=lift([operation]))
    assert isinstance(judged("KMS-06", quiet_account(keys=quiet_keys(grants=Inventory((grant,))))), kind)


@pytest.mark.parametrize("action", ["logs:FilterLogEvents", "logs:CreateExportTask", "logs:PutSubscriptionFilter"])
def test_each_way_to_read_a_group_counts(action: str) -> None:
    assert isinstance(judged("CW-04", quiet_account(*crowd(4, allow(action, resource=f"{LOG_GROUP}:*")))), Failed)


def test_the_bare_arn_of_a_group_settles_nothing() -> None:
    bare = allow("logs:GetLogEvents", resource=LOG_GROUP)
    assert isinstance(judged("CW-04", quiet_account(*crowd(4, bare))), Undecided)


ERASERS = {
    "S3-09": ("object", "bucket"),
    "CW-04": ("log-group", "log-stream"),
    "KMS-06": ("key",),
}


@pytest.mark.parametrize(
    ("rule", "power"),
    [
        (rule, power)
        for rule, kinds in ERASERS.items()
        for power in powers_of(Use.READ_RECORDINGS, Use.ERASE_RECORDINGS, Use.CHANGE_KEYS)
        if len(power.needs) == 1 and power.needs[0].on in kinds
    ],
    ids=lambda each: each if isinstance(each, str) else each.id,
)
def test_whatever_reads_or_erases_recordings_or_hands_on_keys_is_counted(rule: str, power: Power) -> None:
    found = judged(rule, quiet_account(*crowd(4, allow(*power.actions))))
    assert isinstance(found, Failed)
    assert isinstance(judged(rule, quiet_account(*crowd(3, allow(*power.actions)))), Passed)


def test_a_grant_on_another_bucket_or_key_erases_nothing() -> None:
    elsewhere = allow("s3:DeleteObject", resource="arn:aws:s3:::another-bucket/*")
    assert isinstance(judged("S3-09", quiet_account(*crowd(9, elsewhere))), Passed)
    other = allow("kms:DisableKey", resource="arn:aws:kms:*:*:key/99999999-2222-3333-4444-555555555555")
    assert isinstance(judged("KMS-06", quiet_account(*crowd(9, other))), Passed)
