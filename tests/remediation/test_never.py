"""What a remedy never does: each line of the standards' list; and the questions it asks."""

import re
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core import folders
from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Fact, Holding, OwnerKind
from ssm_hardening.remediation.plan import AsJson, RemediationPlan
from ssm_hardening.remediation.rendering import render
from ssm_hardening.verification.planned import plan_check
from ssm_hardening.verification.runner import CheckOutcome
from tests.remediation.loop import remedied
from tests.remediation.networks import network, vpc
from tests.remediation.proposing import (
    allow,
    asked,
    bucket_holdings,
    bucket_of,
    call_of,
    document_holding,
    group_holding,
    holding,
    lockout,
    node_role,
    owned_by,
    planned,
    preferences_of,
    role,
    step_of,
    weak_account,
)
from tests.rules.builders import bucket_key, hidden, key, known
from tests.rules.builders_live import (
    KEYS,
    LOG_BUCKET,
    LOG_GROUP,
    OWNER,
    TIER,
    instance,
    live_bucket,
    live_group,
    session,
    setting,
)

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
EVERYBODY = {"*": ["*"]}


# A remedy never creates, imports or edits what somebody else owns


@pytest.mark.parametrize("owner", list(OwnerKind))
def test_what_somebody_else_owns(owner: OwnerKind) -> None:
    person, node = role("operators", allow("ssm:StartSession")), node_role("web", managed_policies=[CORE])
    account = weak_account(roles=[person, node], owners=[owned_by(owner, person), owned_by(owner, node)])
    plan = planned(account, ("OPER-01", person), ("ROLE-02", node), ("PREF-07", preferences_of(account)))
    assert {call.module for call in plan.modules} == {"session-preferences"}
    assert {each.of for each in plan.imports} == {preferences_of(account).address}
    for rule in ("OPER-01", "ROLE-02"):
        (step,) = [each for each in plan.manual if rule in each.closes]
        assert " manages " in step.what
        assert "never imported" in step.why


def test_an_owner_who_could_not_be_read_is_asked_for_first() -> None:
    person = role("operators", allow("ssm:StartSession"))
    account = weak_account(roles=[person], owners=Inventory((), hidden(known(1))))
    plan = planned(account, ("OPER-01", person))
    assert not plan.modules
    assert asked(plan, "Who manages", person.address)


# … nor replaces what is only partly understood, nor shortens or adds an expiry


def adopted(*more: Holding) -> RemediationPlan:
    """Return the plan for an adopted bucket without lifecycle, which plain HTTP reaches."""
    holdings = [document_holding(), *bucket_holdings("AES256"), *more]
    account = weak_account(log_buckets=[live_bucket()], holdings=holdings)
    return planned(account, ("S3-06", bucket_of(account)), ("S3-05", bucket_of(account)))


def test_a_policy_that_is_there_is_merged() -> None:
    own = {"Version": "2012-10-17", "Statement": {"Sid": "Mine", "Effect": "Deny"}}
    policy = holding(LOG_BUCKET, "aws_s3_bucket_policy", "example-session-logs", {"Policy": own})
    given = call_of(adopted(policy), "log-bucket").inputs["existing_policy"]
    assert isinstance(given, AsJson)
    assert given.data == own


def test_a_key_policy_is_changed_by_hand_one_statement_at_a_time() -> None:
    found = key(address=KEYS["session"], name=KEYS["session"][-36:])
    account = weak_account(keys=[found, bucket_key(address=KEYS["bucket"])])
    plan = planned(account, ("KMS-04", found))
    assert not plan.modules
    _, step = step_of(plan, "put-key-policy")
    assert "keep all others" in step.what


def test_an_expiry_is_neither_added_nor_shortened() -> None:
    plan = adopted()
    inputs = call_of(plan, "log-bucket").inputs
    assert inputs["retention_days"] is None
    assert inputs["abort_uploads_after_days"] is None
    assert "existing_lifecycle_rules" not in inputs
    _, step = step_of(plan, "decide when recordings expire")
    assert step.closes == ("S3-05",)


def test_a_retention_is_never_shortened() -> None:
    long = holding(LOG_GROUP, "aws_cloudwatch_log_group", "/example/sessions", {"retentionInDays": 3653})
    account = weak_account(log_groups=[live_group(retention_days=3653)], holdings=[long])
    (group,) = account.log_groups
    plan = planned(account, ("CW-02", group))
    assert call_of(plan, "log-group").inputs["retention_in_days"] == 3653


# … nor attaches exclusively, deletes or replaces

_EXCLUSIVE = re.compile(
    r'resource "aws_iam_\w+_exclusive"|resource "aws_iam_policy_attachment"|managed_policy_arns\s*='
)


def everything() -> RemediationPlan:
    """Return a plan that calls each module that works on roles and the network."""
    person, node = role("operators", allow("ssm:*")), node_role("web", managed_policies=[CORE])
    account = network(roles=[person, node], holdings=[document_holding(), group_holding()])
    (machine,) = account.instances
    gaps: list[tuple[str, Fact | None]] = [("OPER-01", person), ("ROLE-02", node), ("NET-03", machine)]
    gaps += [("NET-02", machine), ("ACCT-03", None), ("KMS-01", preferences_of(account))]
    return planned(account, *gaps)


def test_nothing_is_attached_exclusively() -> None:
    files = {path: path.read_text() for path in folders.modules().rglob("*.tf")}
    assert len(files) > 30
    assert not [str(path) for path, text in files.items() if _EXCLUSIVE.search(text)]
    generated = render(everything()).files
    assert not [name for name, text in generated.items() if name.endswith(".tf") and _EXCLUSIVE.search(text)]


def test_of_a_role_that_is_there_one_attachment_is_taken_over_and_nothing_else() -> None:
    taken = [each for each in everything().imports if ":role/" in each.of]
    assert [(each.to.partition(".aws")[2], each.id) for each in taken] == [
        ("_iam_role_policy_attachment.minimum", f"web/{CORE}")
    ]


@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
@pytest.mark.parametrize(
    "kind",
    ["aws_instance", "aws_kms_key", "aws_s3_bucket", "aws_cloudwatch_log_group", "aws_iam_role", "aws_ssm_document"],
)
def test_a_plan_that_deletes_or_replaces_is_no_pass(kind: str, actions: list[str]) -> None:
    change = {"actions": actions, "before": {"a": 1}, "after": {"a": 2}}
    check = plan_check({"resource_changes": [{"address": f"{kind}.this", "mode": "managed", "change": change}]})
    assert check.outcome is CheckOutcome.FAILED
    assert f"{kind}.this" in check.details[0]


# … nor answers a shared VPC unasked, nor denies unsaid


def test_private_dns_says_who_else_resolves_there() -> None:
    plan = everything()
    assert "eni-billing" in lockout(plan, "private DNS is on for the new endpoints").stops
    assert asked(plan, "Who else resolves", "vpc-1")


def test_a_vpc_without_other_workloads_is_told_so() -> None:
    account = network(vpcs=[vpc()])
    (machine,) = account.instances
    assert (
        "the nodes are the only ones"
        in lockout(planned(account, ("NET-03", machine)), "private DNS is on for the new").stops
    )


def test_a_deny_names_who_used_it_and_leaves_the_pipeline_out() -> None:
    person = role("operators", allow("ssm:StartSession"))
    used = session(1, owner=f"arn:aws:sts::{OWNER}:assumed-role/operators/sam", document="AWS-StartSSHSession")
    plan = planned(weak_account(roles=[person], sessions=[used]), ("OPER-02", person))
    assert "AWS-StartSSHSession" in lockout(plan, "denied documents").stops
    (variable,) = [each for each in plan.variables if each.name == "break_glass_arns"]
    assert "pipeline" in variable.description
    assert variable.default is None


def test_a_service_control_policy_says_whom_it_does_not_bind() -> None:
    call = call_of(everything(), "account-guardrails")
    assert "do not affect the management account" in call.note
    assert "break_glass_role_arns" in call.inputs


# … nor changes the tier, nor spends unasked


_SETTING = re.compile(r'resource "aws_ssm_service_setting".*?\n}', re.DOTALL)


def test_the_activation_tier_is_nobodys_to_change_here() -> None:
    account = weak_account(settings=[setting(TIER, "advanced")])
    (tier,) = account.settings
    assert not planned(account, ("ACCT-04", tier)).modules
    blocks = [each for path in folders.modules().rglob("*.tf") for each in _SETTING.findall(path.read_text())]
    assert blocks
    assert not [each for each in blocks if "activation-tier" in each]


def test_what_costs_money_is_told_with_its_estimate() -> None:
    plan = everything()
    costs = {each.what: each for each in plan.costs}
    assert costs["KMS keys: 1"].monthly_usd == 1.0
    assert costs["Interface endpoints"].monthly_usd == pytest.approx(7.3 * len(services(plan)))
    assert "endpoints x 1 subnets" in costs["Interface endpoints"].formula
    assert costs["KMS key for alerts"].monthly_usd == 1.0


def services(plan: RemediationPlan) -> list[Any]:
    given = call_of(plan, "private-endpoints").inputs["services"]
    assert isinstance(given, list)
    return given


def test_recordings_that_cost_by_volume_are_told_as_a_formula() -> None:
    account = weak_account(session_documents=[], holdings=[], log_buckets=[], log_groups=[], keys=[])
    plan = planned(account, ("PREF-01", None))
    formulas = {each.what: each.formula for each in plan.costs if each.monthly_usd is None}
    assert "GB" in formulas["S3 storage of recordings"]
    assert "GB" in formulas["CloudWatch Logs"]


# The questions


@pytest.mark.parametrize(
    "words",
    [
        ("How long must recordings be kept", "legal hold"),
        ("Run As user exist", "image", "Auto Scaling group"),
        ("run jobs", "longer"),
        ("break-glass route works", "when"),
        ("Terraform state stored",),
        ("Who needs SSH or port forwarding",),
    ],
)
def test_what_only_a_person_knows_is_asked(words: tuple[str, ...]) -> None:
    person = role("operators", allow("ssm:StartSession"))
    account = weak_account(
        session_documents=[],
        holdings=[],
        log_buckets=[],
        log_groups=[],
        keys=[],
        roles=[person],
        instances=[instance()],
    )
    plan = planned(account, ("PREF-01", None), ("OPER-02", person))
    assert asked(plan, *words), plan.questions


_IDLE = """
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = jsonencode({
    schemaVersion = "1.0", sessionType = "Standard_Stream",
    inputs = { s3BucketName = "logs-of-acme", s3EncryptionEnabled = true, idleSessionTimeout = "60" }
  })
}
"""


def test_only_what_a_change_of_the_plan_depends_on_is_asked(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(_IDLE)
    plan = remedied(tmp_path, into=False, only=("PREF-07",)).plan
    assert plan.edits
    assert [question for question in plan.questions if "run jobs" not in question] == []


def test_what_the_rights_of_nodes_lack_is_asked_only_where_rights_are_planned() -> None:
    account = weak_account(roles=[], holdings=[], log_buckets=[])
    assert not asked(planned(account, ("ACCT-03", None)), "The rights of nodes are written without it")


_NODES_ALONE = """
resource "aws_iam_role_policy_attachment" "node" {
  role       = "web"
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}
"""


def test_who_owns_the_preferences_is_asked_where_code_does_not_tell(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(_NODES_ALONE)
    assert asked(remedied(tmp_path, into=False).plan, "Who manages the preferences")
