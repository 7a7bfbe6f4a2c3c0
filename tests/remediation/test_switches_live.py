"""The same in a live account: a switch that some node's role is not ready for stays off, and the plan says so."""

from typing import Any

from ssm_hardening.model import Account, OwnerKind
from ssm_hardening.remediation import plan as plans
from ssm_hardening.remediation.plan import RemediationPlan
from tests.remediation.proposing import allow, call_of, node_role, owned_by, planned, preferences_of, weak_account
from tests.rules.builders_live import OWNER, instance

MINIMUM = allow("ssm:UpdateInstanceInformation", "ssmmessages:*")
RECORDING = allow("s3:*", "logs:*", "kms:*")


def plan_of(account: Account) -> RemediationPlan:
    document = preferences_of(account)
    return planned(account, ("PREF-05", document), ("PREF-06", document), ("KMS-01", document))


def account_with(role: Any, **overrides: Any) -> Account:
    return weak_account(roles=[role], instances=[instance(1, role=role.name, profile=role.name)], **overrides)


def test_a_role_without_a_finding_gets_the_rights_that_the_switches_ask_for() -> None:
    plan = plan_of(account_with(node_role("web", MINIMUM)))
    given = call_of(plan, "instance-role").inputs
    assert given["role_name"] == "web"
    assert {"s3_bucket_arn", "log_group_arn", "session_kms_key_arn"} <= given.keys()
    document = call_of(plan, "session-preferences")
    assert document.inputs["s3_encryption_enabled"] is True
    assert document.depends_on == ("module.node_rights",)


def test_a_role_that_is_somebody_elses_keeps_the_switches_off() -> None:
    role = node_role("web", MINIMUM)
    plan = plan_of(account_with(role, owners=[owned_by(OwnerKind.QUICK_SETUP, role)]))
    assert not [each for each in plan.modules if each.module == "instance-role"]
    given = {name: value for each in plan.modules for name, value in each.inputs.items()}
    assert given.get("s3_encryption_enabled") in {None, False}
    assert given.get("cloudwatch_encryption_enabled") in {None, False}
    for rule, key in (("PREF-05", "s3EncryptionEnabled"), ("PREF-06", "cloudWatchEncryptionEnabled")):
        assert [step for step in plan.manual if rule in step.closes and key in step.what and role.address in step.what]
        assert rule not in plans.closed(plan)


def test_a_role_that_has_the_rights_needs_no_call() -> None:
    plan = plan_of(account_with(node_role("web", MINIMUM, RECORDING)))
    assert not [each for each in plan.modules if each.module == "instance-role"]
    assert call_of(plan, "session-preferences").inputs["s3_encryption_enabled"] is True


def test_new_preferences_leave_off_what_a_role_is_not_ready_for() -> None:
    role = node_role("web", MINIMUM)
    account = account_with(
        role, session_documents=[], holdings=[], log_buckets=[], log_groups=[], keys=[],
        owners=[owned_by(OwnerKind.CLOUDFORMATION, role)],
    )  # fmt: skip
    plan = planned(account, ("PREF-01", None))
    document = call_of(plan, "session-preferences")
    assert document.inputs["cloudwatch_encryption_enabled"] is False
    assert "s3_encryption_enabled" not in document.inputs  # the bucket's own policy admits the role: the default is on
    assert f"arn:aws:iam::{OWNER}:role/web" in str(call_of(plan, "log-bucket").inputs["writer_role_arns"])
    assert [step for step in plan.manual if "PREF-06" in step.closes and role.address in step.what]
    assert not [each for each in plan.lockouts if each.change.startswith("cloudWatchEncryptionEnabled")]


def test_a_node_whose_role_was_not_read_keeps_the_switches_off() -> None:
    account = weak_account(roles=[], instances=[instance(1, role="elsewhere", profile="elsewhere")])
    plan = plan_of(account)
    assert not [each for each in plan.modules if each.inputs.get("s3_encryption_enabled")]
    assert [step for step in plan.manual if "PREF-05" in step.closes and "the role of" in step.what]
