"""Every fixture that fails a rule: planned, remedied, audited again. Nothing new may fail."""

from pathlib import Path

import pytest

from ssm_hardening.rules.catalogue import rule_ids
from ssm_hardening.verification.runner import CheckOutcome
from tests.remediation.loop import remedied
from tests.rules.fixtures import HERE, code

_PURPOSE = "only the author of the document knows"
_POLICY = "existing policies are never replaced"
_RETENTION = "the owner decides how long"
_NETWORK = "is declared in code"
_WIDER = "a missing permission breaks a workload"

_REACH = "it cannot reach ssm"

BY_HAND = {
    "ACCT-04/fail_role_reference.tf": "only you know what is expected",
    "NET-01/fail_everything_from_a_range.tf": "who still uses this way in",
    "NET-01/fail_everything_from_itself.tf": "who still uses this way in",
    "NET-01/fail_other_ssh_port.tf": "who still uses this way in",
    "NET-01/fail_prefix_list.tf": "who still uses this way in",
    "NET-01/fail_telnet.tf": "who still uses this way in",
    "NET-01/fail_unknown_port.tf": "who still uses this way in",
    "NET-01/fail_vnc.tf": "who still uses this way in",
    "NET-01/fail_web_port.tf": "who still uses this way in",
    "NET-01/fail_world_in_halves.tf": "who still uses this way in",
    "NET-01/fail_world_in_two_rules.tf": "who still uses this way in",
    "NET-03/fail_no_hostnames.tf": _REACH,
    "NET-03/fail_refused.tf": _REACH,
    "PREF-02/fail_leading_zero.tf": "AWS does not define this key or structure",
    "ACCT-01/fail.tf": "update-service-setting",
    "ACCT-02/fail.tf": "a trail covers the whole account",
    "ACCT-03/fail.tf": "a target that someone reads",
    "ACCT-04/fail.tf": "reset-service-setting",
    "ACCT-06/fail.tf": "delete-activation",
    "CW-03/fail.tf": _RETENTION,
    "CW-03/fail_account_policy.tf": "the policy applies to other log groups too",
    "CW-03/fail_delivery.tf": "the class of a log group cannot be changed",
    "KMS-01/fail_empty_default.tf": "kmsKeyId is var.key",
    "KMS-02/fail_signing.tf": "the type of a key cannot be changed",
    "KMS-04/fail.tf": _POLICY,
    "KMS-04/fail_service.tf": _POLICY,
    "KMS-07/fail_delegated.tf": "only someone who knows what else the key and the roles are for",
    "KMS-07/fail_granted.tf": "only someone who knows what else the key and the roles are for",
    "NET-01/fail.tf": "who still uses this way in",
    "NET-01/fail_fleet.tf": "fix this in aws_launch_template.node",
    "ROLE-01/fail_beside_unread.tf": "other uses of these policies are unknown",
    "ROLE-01/fail_passes_administrator.tf": "other uses of these policies are unknown",
    "ROLE-06/fail_assumes_any_role.tf": "other uses of these policies are unknown",
    "ROLE-06/fail_hybrid_nodes.tf": "other uses of these policies are unknown",
    "NET-01/fail_interface.tf": "who still uses this way in",
    "NET-01/fail_key.tf": "who still uses this way in",
    "NET-01/fail_override.tf": "fix this in aws_launch_template.second",
    "NET-01/fail_range.tf": "who still uses this way in",
    "NET-01/fail_remote_access.tf": "who still uses this way in",
    "NET-02/fail.tf": _NETWORK,
    "NET-02/fail_outage.tf": _NETWORK,
    "NET-03/fail.tf": _NETWORK,
    "NET-03/fail_one_subnet.tf": _NETWORK,
    "NET-04/fail.tf": "answers every client that resolves through its VPC",
    "NET-05/fail.tf": "other uses of the endpoint are unknown",
    "NET-05/fail_s3.tf": "other uses of the endpoint are unknown",
    "OPER-01/fail_named_user.tf": "this code does not create the principal",
    "OPER-01/fail_unattached_policy.tf": "nobody has the policy",
    "PATH-01/fail.tf": "fix the part of the path",
    "PREF-02/fail.tf": "AWS does not define this key or structure",
    "PREF-02/fail_no_json.tf": "AWS does not define this key or structure",
    "PREF-02/fail_preferences_of_type_port.tf": "AWS does not define this key or structure",
    "PREF-11/fail.tf": _PURPOSE,
    "PREF-11/fail_elevated.tf": _PURPOSE,
    "PREF-11/fail_elevated_is_no_flag.tf": _PURPOSE,
    "PREF-11/fail_free_command.tf": _PURPOSE,
    "PREF-11/fail_pattern_of_anything.tf": _PURPOSE,
    "PREF-11/fail_open.tf": _PURPOSE,
    "PREF-11/fail_port.tf": _PURPOSE,
    "PREF-11/fail_run_as_off.tf": _PURPOSE,
    "PREF-12/fail.tf": "only the author of the shell profile knows",
    "PREF-12/fail_download.tf": "only the author of the shell profile knows",
    "PREF-12/fail_secret.tf": "only the author of the shell profile knows",
    "PREF-12/fail_stops_agent.tf": "only the author of the shell profile knows",
    "PREF-13/fail.tf": "only the owner of the document can choose",
    "PREF-13/fail_log_group_switch.tf": "only the owner of the document can choose",
    "PREF-13/fail_run_as.tf": "only the owner of the document can choose",
    "PREF-13/fail_switch.tf": "only the owner of the document can choose",
    "PREF-14/fail.tf": "only the owner knows",
    "ROLE-01/fail.tf": _WIDER,
    "ROLE-01/fail_discouraged.tf": _WIDER,
    "ROLE-01/fail_discouraged_beside_unread.tf": _WIDER,
    "ROLE-01/fail_discouraged_bounded.tf": _WIDER,
    "ROLE-01/fail_in_the_region_of_iam.tf": _WIDER,
    "ROLE-01/fail_named_role_of_a_node.tf": "this code does not create the principal",
    "ROLE-02/fail.tf": _WIDER,
    "ROLE-02/fail_by_path.tf": _WIDER,
    "ROLE-02/fail_unattached_policy.tf": "nobody has the policy",
    "ROLE-04/fail.tf": _WIDER,
    "ROLE-04/fail_queries.tf": _WIDER,
    "ROLE-05/fail.tf": "only you know who else needs it",
    "ROLE-05/fail_sources.tf": "only you know who else needs it",
    "ROLE-06/fail.tf": _WIDER,
    "ROLE-07/fail.tf": "may still use IMDSv1",
    "ROLE-07/fail_configuration.tf": "may still use IMDSv1",
    "S3-03/fail_beside_unknown.tf": "the value is set elsewhere",
    "S3-05/fail_never.tf": _RETENTION,
    "S3-07/fail_acl.tf": _POLICY,
    "S3-07/fail.tf": _POLICY,
    "S3-07/fail_open_condition.tf": _POLICY,
    "S3-09/fail.tf": "only the owner knows",
}
"""Fixtures whose gap only its owner can close, and what the step says why."""

FROM_OUTSIDE = frozenset({"ROLE-03/fail.tf"})
"""Fixtures whose gap a root of ours closes, which only the account shows: it attaches policies to their roles."""

FIXTURES = sorted(
    f"{rule}/{path.name}" for rule in rule_ids() for path in (HERE / rule).glob("fail*.tf") if path.is_file()
)


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
@pytest.mark.parametrize("fixture", FIXTURES)
def test_closes_what_failed_and_breaks_nothing(fixture: str, into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    rule = fixture.split("/", maxsplit=1)[0]
    (tmp_path / "main.tf").write_text(code(HERE / fixture), encoding="utf-8")
    loop = remedied(tmp_path, into=into)
    steps = [step for step in loop.plan.manual if rule in step.closes]
    if fixture in BY_HAND:
        assert any(BY_HAND[fixture] in f"{step.what}: {step.why}" for step in steps), steps
        assert rule not in {target.rule for target in loop.plan.targets}
    elif fixture in FROM_OUTSIDE and not into:
        assert any(rule in call.expects for call in loop.plan.modules), steps
    else:
        closed = {target.rule for target in loop.plan.targets}
        assert rule in closed, f"closed by nothing (does it belong into BY_HAND, or FROM_OUTSIDE?): {steps}"
    check = loop.again()
    expected = CheckOutcome.PASSED if loop.plan.targets else CheckOutcome.SKIPPED
    assert check.outcome is expected, check.details
