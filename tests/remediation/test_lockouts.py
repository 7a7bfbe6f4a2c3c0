"""Everything that hardening could lock out: the plan names it, and its stages keep it from happening."""

from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import PREFERENCES_NAME, Association, OwnerKind
from ssm_hardening.remediation.plan import FromExpression, FromVariable, RemediationPlan
from tests.remediation.networks import both_ends
from tests.remediation.proposing import (
    allow,
    asked,
    bucket_holdings,
    bucket_of,
    call_of,
    canary_of,
    document_holding,
    group_holding,
    lockout,
    node_role,
    owned_by,
    planned,
    preferences_of,
    role,
    stage_of,
    step_of,
    told,
    untold,
    user,
)
from tests.rules.builders import fact, hidden, known, unknown
from tests.rules.builders_live import (
    HOST_ROLE,
    OWNER,
    arn,
    instance,
    live_bucket,
    live_group,
    session,
    setting,
    written,
)

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
START = "ssm:StartSession"
CHECKED = {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}


# The key of the channel


def test_a_session_key_names_who_has_no_right_to_it() -> None:
    account = both_ends()
    plan = planned(account, ("KMS-01", preferences_of(account)))
    assert "for web it is missing today" in lockout(plan, "requires kms:Decrypt").change
    assert "for operators it is missing today" in lockout(plan, "requires kms:GenerateDataKey").change
    assert stage_of(plan, "session-keys") < stage_of(plan, "session-preferences") < canary_of(plan)
    assert isinstance(call_of(plan, "session-keys").inputs["operator_role_arns"], FromVariable)
    assert call_of(plan, "session-keys").inputs["node_role_arns"] == [f"arn:aws:iam::{OWNER}:role/web"]


def test_who_has_the_right_to_the_key_is_not_named() -> None:
    roles = [role("operators", allow(START, "kms:GenerateDataKey")), node_role("web", allow("kms:Decrypt"))]
    account = both_ends(roles=roles)
    plan = planned(account, ("KMS-01", preferences_of(account)))
    assert untold(plan, "requires kms:")


def test_a_right_to_other_keys_is_no_right_to_a_new_one() -> None:
    other = arn("kms", "key/99999999-2222-3333-4444-555555555555")
    operators = role("operators", allow(START), allow("kms:GenerateDataKey", on=other))
    account = both_ends(roles=[operators, node_role("web", allow("kms:Decrypt"))])
    plan = planned(account, ("KMS-01", preferences_of(account)))
    assert "for operators it is missing today" in lockout(plan, "requires kms:GenerateDataKey").change


def test_who_could_not_be_read_is_named_as_a_doubt() -> None:
    unread = role("operators", allow(START), statements=Inventory((allow(START),), hidden(known(1))))
    account = both_ends(roles=[unread, node_role("web", allow("kms:Decrypt"))])
    plan = planned(account, ("KMS-01", preferences_of(account)))
    found = lockout(plan, "requires kms:GenerateDataKey")
    assert "for operators it may be missing today" in found.change
    assert "hidden by the test" in found.change


def test_who_opens_no_session_needs_no_key() -> None:
    account = both_ends(roles=[role("auditors", allow("s3:GetObject"))])
    plan = planned(account, ("KMS-01", preferences_of(account)))
    assert untold(plan, "requires kms:GenerateDataKey")


def test_the_document_waits_for_the_rights_of_both_ends() -> None:
    account = both_ends()
    operators, web = account.roles.items
    plan = planned(account, ("KMS-01", preferences_of(account)), ("OPER-02", operators), ("ROLE-03", web))
    document, guard = call_of(plan, "session-preferences"), call_of(plan, "operator-role")
    nodes = call_of(plan, "instance-role")
    assert set(document.depends_on) == {f"module.{guard.label}", f"module.{nodes.label}"}
    assert stage_of(plan, "instance-role") == stage_of(plan, "operator-role") < stage_of(plan, "session-preferences")
    for call in (guard, nodes):
        assert call.inputs["session_kms_key_arn"] == FromExpression("module.session_keys.session_key_arn")
    assert f"module.{guard.label} (operators) adds it" in lockout(plan, "requires kms:GenerateDataKey").avoided_by


# Log encryption


def test_a_bucket_that_the_agent_takes_for_unencrypted_is_changed_first() -> None:
    holdings = [document_holding(), *bucket_holdings("aws:kms:dsse")]
    account = both_ends(log_buckets=[live_bucket(encryption="aws:kms:dsse")], holdings=holdings)
    plan = planned(account, ("S3-02", bucket_of(account)), ("PREF-05", preferences_of(account)))
    assert "every session" in lockout(plan, "s3EncryptionEnabled is on while", "encrypted with aws:kms:dsse").stops
    assert stage_of(plan, "log-bucket") < stage_of(plan, "session-preferences")


def test_the_switch_waits_for_a_bucket_that_somebody_else_changes() -> None:
    bucket = live_bucket(encryption="aws:kms:dsse")
    account = both_ends(log_buckets=[bucket], owners=[owned_by(OwnerKind.CLOUDFORMATION, bucket)])
    plan = planned(account, ("S3-02", bucket), ("PREF-05", preferences_of(account)))
    assert call_of(plan, "session-preferences").inputs["s3_encryption_enabled"] is False
    assert "must be changed before this" in " ".join(step.why for step in plan.manual if "PREF-05" in step.closes)


def test_a_node_that_may_not_look_at_the_bucket_is_named() -> None:
    account = both_ends()
    plan = planned(account, ("PREF-05", preferences_of(account)))
    assert "for web it is missing today" in lockout(plan, "requires s3:GetEncryptionConfiguration").change


def test_a_log_group_without_a_key_gets_one_before_the_document_asks_for_it() -> None:
    account = both_ends(log_groups=[live_group(kms_key=None)], holdings=[document_holding(), group_holding()])
    (group,) = account.log_groups
    plan = planned(account, ("CW-02", group), ("PREF-06", preferences_of(account)))
    assert "every session" in lockout(plan, "cloudWatchEncryptionEnabled is on while", "no customer managed key").stops
    assert "for web it is missing today" in lockout(plan, "requires logs:DescribeLogGroups").change
    assert stage_of(plan, "session-keys") < stage_of(plan, "log-group") < stage_of(plan, "session-preferences")


# Run As


def test_run_as_names_the_nodes_whose_users_are_not_known_and_asks_first() -> None:
    account = both_ends(instances=[instance(1), instance(2, platform="Windows"), instance(3, platform=unknown())])
    plan = planned(account, ("RUNAS-01", preferences_of(account)))
    found = lockout(plan, "Run As is on for i-")
    assert f"i-{1:017x}" in found.change
    assert f"i-{3:017x}" in found.change
    assert f"i-{2:017x}" not in found.change
    assert asked(plan, "Run As user", "image")
    assert any("Run As user exists" in check for stage in plan.stages for check in stage.checks)


def test_run_as_names_operators_with_a_tag_and_those_without() -> None:
    tagged = role("tagged", allow(START), tags={"SSMSessionRunAs": "alex"})
    account = both_ends(roles=[tagged, role("plain", allow(START)), role("unread", allow(START), tags=unknown())])
    plan = planned(account, ("RUNAS-01", preferences_of(account)))
    with_tag, lacking = lockout(plan, "with the tag SSMSessionRunAs"), lockout(plan, "without the tag SSMSessionRunAs")
    assert "tagged" in with_tag.change
    assert "plain" in lacking.change
    assert "unread" not in told(with_tag) + told(lacking)


# Document checks


def test_the_check_on_documents_names_who_holds_none_by_name() -> None:
    nodes = arn("ec2", "instance/*")
    roles = [
        role("nodes-only", allow(START, on=nodes)),
        role("listed", allow(START, on=nodes), allow(START, on=arn("ssm", f"document/{PREFERENCES_NAME}"))),
        role("checked", allow(START, on=nodes, conditions=CHECKED)),
    ]
    account = both_ends(roles=roles)
    plan = planned(account, ("OPER-02", roles[0]))
    found = lockout(plan, "ssm:SessionDocumentAccessCheck")
    assert "nodes-only" in found.change
    assert "listed" not in found.change
    assert "checked" not in found.change
    assert "allows the document before any Deny" in found.avoided_by
    assert stage_of(plan, "operator-role") < canary_of(plan)


def test_the_check_is_named_where_a_person_makes_the_change() -> None:
    person = user("sam", allow(START, on=arn("ec2", "instance/*")))
    account = both_ends(roles=[], users=[person])
    plan = planned(account, ("OPER-02", person))
    assert "sam" in lockout(plan, "ssm:SessionDocumentAccessCheck").change
    stage, _ = step_of(plan, "policies are attached only to roles")
    assert stage.number > canary_of(plan)


# Profiles


def test_a_minimal_profile_says_what_default_host_management_gave() -> None:
    managed = setting(HOST_ROLE, "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole")
    web = node_role("web", allow("ssm:UpdateInstanceInformation"))
    nodes = [instance(1, role="web"), instance(2, profile=None, role=None)]
    account = both_ends(roles=[web], instances=nodes, settings=[managed])
    plan = planned(account, ("ROLE-03", web))
    found = lockout(plan, "an instance profile is attached")
    assert f"i-{2:017x}" in found.change
    assert "AWSSystemsManagerDefaultEC2InstanceManagementRole" in found.stops
    assert untold(planned(both_ends(), ("ROLE-03", web)), "an instance profile is attached")


@pytest.mark.parametrize("lent", ["service-role/lent", "$None"])
def test_a_profile_is_not_given_what_would_displace_the_role_that_is_lent(lent: str) -> None:
    """A role that only reads parameters has no use of the agent's permissions while another role is lent."""
    app = node_role("app", allow("ssm:GetParameter"), instances=[instance(1).address])
    account = both_ends(roles=[app], instances=[instance(1, role="app")], settings=[setting(HOST_ROLE, lent)])
    plan = planned(account, ("ROLE-02", app))
    given = [each for each in plan.modules if each.module == "instance-role"]
    assert [each.inputs["role_name"] for each in given] == ([] if lent == "service-role/lent" else ["app"])
    assert all("replaces the one of Default Host Management" in each.note for each in given)
    assert [step for step in plan.manual if "ROLE-02" in step.closes]


def association(document: Any) -> Association:
    fields: dict[str, Any] = {"name": "a-1", "document": document, "targets": ["*"]}
    made: Association = fact(Association, "a-1", fields, {})
    return made


@pytest.mark.parametrize(
    ("associations", "kept"),
    [
        ([association("AWS-GatherSoftwareInventory")], ["associations", "inventory"]),
        ([association("AWS-RunPatchBaseline")], ["associations", "patching"]),
        ([association("Acme-Nightly")], ["associations", "packages"]),
        ([association(unknown())], ["associations", "inventory", "packages", "patching", "run-command"]),
        (Inventory((), hidden(known(1))), ["associations", "inventory", "packages", "patching", "run-command"]),
        ([], None),
    ],
)
def test_the_minimum_keeps_what_nodes_are_seen_to_use(associations: Any, kept: list[str] | None) -> None:
    account = both_ends(roles=[node_role("web", allow("ssm:*"), managed_policies=[CORE])], associations=associations)
    (web,) = account.roles
    plan = planned(account, ("ROLE-02", web))
    call = call_of(plan, "instance-role")
    assert call.inputs.get("keep") == kept
    assert call.inputs["canary_passed"] == FromVariable("canary_passed")
    assert next(each for each in plan.variables if each.name == "canary_passed").default == "false"
    assert asked(plan, "Run Command", "before you set canary_passed to true")
    restricting, _ = step_of(plan, "set canary_passed = true")
    assert stage_of(plan, "instance-role") < canary_of(plan) < restricting.number


# Denies


def guarded(**overrides: Any) -> RemediationPlan:
    account = both_ends(**overrides)
    return planned(account, ("OPER-01", account.roles.items[0]), ("OPER-02", account.roles.items[0]))


def by(name: str, number: int = 1, **overrides: Any) -> Any:
    return session(number, owner=f"arn:aws:sts::{OWNER}:assumed-role/{name}/alex", **overrides)


def test_a_deny_names_what_was_used_in_the_last_30_days() -> None:
    tunnel = by("operators", 1, document="AWS-StartSSHSession", target="i-database")
    plan = guarded(sessions=[tunnel, by("others", 2, document="Others-Document", target="i-other")])
    documents, nodes = lockout(plan, "denied documents"), lockout(plan, "denied nodes")
    assert "AWS-StartSSHSession" in documents.stops
    assert "i-database" in nodes.stops
    assert "Others-Document" not in documents.stops
    assert "i-other" not in nodes.stops
    assert call_of(plan, "operator-role").inputs["enforce_guard"] == FromVariable("canary_passed")
    restricting, _ = step_of(plan, "set canary_passed = true")
    assert stage_of(plan, "operator-role") < canary_of(plan) < restricting.number


def test_a_history_that_was_not_read_is_no_empty_history() -> None:
    plan = guarded(sessions=Inventory((), hidden(known(1))))
    assert "hidden by the test" in lockout(plan, "the history was not read").stops


def test_a_deny_of_side_doors_sends_to_the_trail() -> None:
    assert "CloudTrail" in lockout(guarded(), "operators is denied Run Command").avoided_by


def test_a_deny_names_who_changed_the_preferences() -> None:
    deployer = f"arn:aws:sts::{OWNER}:assumed-role/operators/pipeline"
    plan = guarded(document_events=[written(1, principal=deployer)])
    assert "operators/pipeline" in lockout(plan, "denied changes to session documents").stops


def test_a_deny_leaves_somebody_out_and_asks_for_tunnels() -> None:
    plan = guarded()
    assert call_of(plan, "operator-role").inputs["guard_exempt_principal_arns"] == FromVariable("break_glass_arns")
    variable = next(each for each in plan.variables if each.name == "break_glass_arns")
    assert variable.default is None
    assert variable.validation is not None
    assert "length(var.break_glass_arns) > 0" in variable.validation
    assert asked(plan, "Who needs SSH or port forwarding")
