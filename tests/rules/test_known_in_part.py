"""Verdicts on what is known in part: principals that code only names, and policies that are attached nowhere."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from ssm_hardening.access.view import access_view
from ssm_hardening.judge.engine import run
from ssm_hardening.judge.waivers import apply, collect
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.rules.catalogue import load_rule, rule_ids
from ssm_hardening.verdicts.findings import Failed, Finding, NotApplicable, Passed, Severity, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN

PROVIDER = 'provider "aws" {\nregion = "eu-west-1"\nallowed_account_ids = ["111122223333"]\n}\n'
WORTH_READING = "# AmazonSSMManagedInstanceCore session-manager\n"
PEOPLE = [rule for rule in rule_ids() if rule.startswith("OPER-")]
ROLES = [rule for rule in rule_ids() if rule.startswith("ROLE-")]


def document(*actions: str, resource: str = "*") -> str:
    listed = ", ".join(f'"{each}"' for each in actions)
    return f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = [{listed}], Resource = "{resource}" }}] }})'


def policy(text: str, label: str = "loose", more: str = "") -> str:
    return f'resource "aws_iam_policy" "{label}" {{\nname = "{label}"\npolicy = {text}\n{more}\n}}\n'


def inline(kind: str, who: str, text: str, label: str = "a") -> str:
    type_ = f"aws_iam_{kind}_policy"
    return f'resource "{type_}" "{label}" {{\nname = "p"\n{kind} = "{who}"\npolicy = {text}\n}}\n'


def found(
    folder: Path, *blocks: str, rules: Sequence[str] = (), standard: str = "baseline"
) -> dict[str, list[Finding]]:
    """Return the findings on everything but the account, by rule."""
    (folder / "main.tf").write_text("\n".join((WORTH_READING, PROVIDER, *blocks)), encoding="utf-8")
    accounts = read_terraform([folder]).accounts
    audit = run(map(load_rule, rules or (*PEOPLE, *ROLES)), accounts, BUILT_IN[standard])
    own = [each for each in audit.findings if each.subject != "account"]
    return {rule: [each for each in own if each.rule.id == rule] for rule in rules or (*PEOPLE, *ROLES)}


def every(findings: dict[str, list[Finding]]) -> list[Finding]:
    return [each for listed in findings.values() for each in listed]


def kinds(findings: dict[str, list[Finding]]) -> set[type]:
    return {type(each.verdict) for each in every(findings)}


STARTS = document("ssm:StartSession")


@pytest.mark.parametrize("standard", ["baseline", "strict"])
def test_an_unattached_policy_is_one_severity_milder_than_the_standard_asks(standard: str, tmp_path: Path) -> None:
    text = document("ssm:StartSession", "ssm:TerminateSession")
    role = 'resource "aws_iam_role" "r" {\nname = "r"\nassume_role_policy = jsonencode({ Statement = [] })\n}\n'
    attached = f'{role}resource "aws_iam_role_policy" "r" {{\nrole = aws_iam_role.r.name\npolicy = {text}\n}}\n'
    for rule, listed in found(tmp_path, policy(text), attached, standard=standard).items():
        by_subject = {each.subject: each for each in listed}
        if rule not in {"OPER-01", "OPER-02", "OPER-03", "OPER-04", "OPER-10"}:
            continue
        mild, full = by_subject["aws_iam_policy.loose"], by_subject["aws_iam_role.r"]
        assert isinstance(mild.verdict, Failed)
        assert isinstance(full.verdict, Failed)
        assert mild.severity is full.severity.milder
        assert mild.verdict.message.startswith("attached nowhere here; for anyone who gets it, ")
        assert mild.verdict.headline.endswith("(unattached)")


def test_nothing_is_milder_than_low() -> None:
    assert [each.milder for each in Severity] == [Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.LOW]


NOT_A_GRANT = {
    "a boundary": 'resource "aws_iam_user" "u" {\nname = "u"\npermissions_boundary = aws_iam_policy.loose.arn\n}\n',
    "a boundary by a condition": (
        'variable "on" {}\nresource "aws_iam_user" "u" {\nname = "u"\n'
        "permissions_boundary = var.on ? aws_iam_policy.loose.arn : null\n}\n"
    ),
    "attached to a name": (
        'resource "aws_iam_user_policy_attachment" "a" {\nuser = "u"\npolicy_arn = aws_iam_policy.loose.arn\n}\n'
    ),
    "attached by a role": (
        'resource "aws_iam_role" "r" {\nname = "r"\nassume_role_policy = jsonencode({ Statement = [] })\n'
        "managed_policy_arns = [aws_iam_policy.loose.arn]\n}\n"
    ),
}


@pytest.mark.parametrize("use", NOT_A_GRANT)
def test_a_policy_that_is_used_is_not_unattached(use: str, tmp_path: Path) -> None:
    subjects = {each.subject for each in every(found(tmp_path, policy(STARTS), NOT_A_GRANT[use]))}
    assert "aws_iam_policy.loose" not in subjects


def test_what_is_no_policy_is_not_judged(tmp_path: Path) -> None:
    data = 'data "aws_iam_policy_document" "d" {\nstatement {\nactions = ["*"]\nresources = ["*"]\n}\n}\n'
    assert every(found(tmp_path, data, policy(STARTS, more="count = 0"))) == []


def test_a_policy_that_is_handed_out_of_the_root_is_judged_all_the_same(tmp_path: Path) -> None:
    output = 'output "arn" {\nvalue = aws_iam_policy.loose.arn\n}\n'
    unread = 'module "m" {\nsource = "git::https://example.com/m.git"\npolicy = aws_iam_policy.loose.arn\n}\n'
    (finding,) = found(tmp_path, policy(STARTS), output, unread, rules=["OPER-01"])["OPER-01"]
    assert isinstance(finding.verdict, Failed)


def test_a_policy_whose_text_is_unknown_is_undecided_for_one_reason(tmp_path: Path) -> None:
    findings = every(found(tmp_path, 'variable "text" {}\n', policy("var.text")))
    assert {type(each.verdict) for each in findings} == {Undecided}
    assert {each.verdict.gap.detail for each in findings if isinstance(each.verdict, Undecided)} == {
        "var.text has no default"
    }


def test_a_policy_for_nodes_is_judged_as_one_and_lacks_nothing(tmp_path: Path) -> None:
    agent = document("ssm:UpdateInstanceInformation", "s3:GetObject", "sts:AssumeRole")
    findings = found(tmp_path, policy(agent))
    assert {rule: type(each.verdict) for rule, listed in findings.items() for each in listed} == {
        "ROLE-01": NotApplicable,
        "ROLE-02": NotApplicable,
        "ROLE-04": Failed,
        "ROLE-06": Failed,
    }
    assert [each.severity for each in (*findings["ROLE-04"], *findings["ROLE-06"])] == [Severity.LOW, Severity.MEDIUM]


@pytest.mark.parametrize(
    ("action", "rule"),
    [
        ("iam:CreatePolicyVersion", "OPER-07"),
        ("iam:PutUserPolicy", "OPER-07"),
        ("ssm:CreateActivation", "OPER-07"),
        ("ec2:AssociateIamInstanceProfile", "OPER-07"),
        ("ssm:UpdateDocument", "OPER-06"),
        ("ssm:UpdateServiceSetting", "OPER-06"),
    ],
)
def test_a_policy_for_nodes_that_also_widens_access_is_judged_as_one_of_people_too(
    action: str, rule: str, tmp_path: Path
) -> None:
    both = policy(document("ssm:UpdateInstanceInformation", "iam:PassRole", action))
    findings = found(tmp_path, both)
    (finding,) = findings[rule]
    assert isinstance(finding.verdict, Failed)
    assert finding.verdict.message.startswith("attached nowhere here; for anyone who gets it, ")
    assert findings["ROLE-04"]
    assert not findings["OPER-01"]


@pytest.mark.parametrize("kind", ["user", "group"])
def test_a_named_person_fails_for_what_is_known_unless_it_is_denied_elsewhere(kind: str, tmp_path: Path) -> None:
    text = document("ssm:*", "iam:*")
    findings = found(tmp_path, inline(kind, "on-call", text))
    failed = {each.rule.id for each in every(findings) if isinstance(each.verdict, Failed)}
    assert {"OPER-01", "OPER-02", "OPER-03", "OPER-04", "OPER-05", "OPER-06", "OPER-07"} <= failed
    assert all("unless" in each.verdict.message for each in every(findings) if isinstance(each.verdict, Failed))
    assert not [each for each in every(findings) if isinstance(each.verdict, Passed) and each.rule.id != "OPER-09"]


def test_a_missing_second_factor_may_be_asked_for_elsewhere(tmp_path: Path) -> None:
    scoped = document("ssm:StartSession", resource="arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef1")
    (finding,) = found(tmp_path, inline("user", "on-call", scoped), rules=["OPER-08"])["OPER-08"]
    assert isinstance(finding.verdict, Undecided)


HARMLESS = (
    inline("role", "ecsTaskExecutionRole", document("s3:GetObject", "logs:PutLogEvents"), "one"),
    inline("role", "lambda", document("dynamodb:GetItem"), "two"),
    (
        'resource "aws_iam_role_policy_attachment" "three" {\nrole = "reporting"\n'
        'policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"\n}\n'
    ),
)


def test_named_roles_that_grant_nothing_of_this_are_no_noise_and_no_pass(tmp_path: Path) -> None:
    assert kinds(found(tmp_path, *HARMLESS)) == {NotApplicable}


def test_a_requirement_does_not_rest_on_what_was_not_read(tmp_path: Path) -> None:
    verdicts = [each.verdict for each in every(found(tmp_path, *HARMLESS))]
    assert all(isinstance(each, NotApplicable) and each.gap is not None for each in verdicts)


def test_a_role_of_identity_center_is_of_people(tmp_path: Path) -> None:
    findings = found(tmp_path, inline("role", "AWSReservedSSO_Operators_0123456789abcdef", STARTS))
    assert not [each for rule in ROLES for each in findings[rule]]
    (finding,) = findings["OPER-01"]
    assert isinstance(finding.verdict, Failed)
    assert "change the permission set Operators" in finding.verdict.message


def test_a_role_of_a_node_that_the_code_does_not_hold_is_said(tmp_path: Path) -> None:
    node = 'resource "aws_instance" "n" {\niam_instance_profile = "existing"\n}\n'
    (tmp_path / "main.tf").write_text(f"{WORTH_READING}\n{PROVIDER}\n{node}", encoding="utf-8")
    audit = run(map(load_rule, ROLES[:6]), read_terraform([tmp_path]).accounts, BUILT_IN["baseline"])
    gaps = {each.verdict.gap.detail for each in audit.findings if isinstance(each.verdict, Undecided)}
    assert gaps == {"the role of the instance profile existing"}
    assert len(audit.findings) == 6


def test_a_user_in_a_named_group_is_not_covered_by_what_is_known_of_it(tmp_path: Path) -> None:
    joins = (
        'resource "aws_iam_user" "u" {\nname = "u"\n}\n'
        'resource "aws_iam_user_group_membership" "m" {\nuser = aws_iam_user.u.name\ngroups = ["staff"]\n}\n'
    )
    harmless = inline("group", "staff", document("s3:GetObject"))
    verdicts = {each.subject: each.verdict for each in found(tmp_path, joins, harmless, rules=["OPER-01"])["OPER-01"]}
    assert isinstance(verdicts["aws_iam_user.u"], Undecided)


def test_two_policies_of_one_named_user_are_weighed_together(tmp_path: Path) -> None:
    denied = STARTS.replace("Allow", "Deny")
    both = (inline("user", "alice", STARTS), inline("user", "alice", denied, "b"))
    assert found(tmp_path, *both, rules=["OPER-01"])["OPER-01"] == []


def test_a_comment_beside_the_resource_that_names_it_waives(tmp_path: Path) -> None:
    waived = inline("user", "alice", STARTS).replace("{\n", "{\n# ssm-harden:skip=OPER-01 agreed\n", 1)
    (tmp_path / "main.tf").write_text(f"{WORTH_READING}\n{PROVIDER}\n{waived}", encoding="utf-8")
    reading = read_terraform([tmp_path])
    audit = run([load_rule("OPER-01")], reading.accounts, BUILT_IN["baseline"])
    (finding,) = apply(audit, collect(reading.files), today=date(2026, 12, 1))[0].findings
    assert isinstance(finding.verdict, Failed)
    assert finding.waiver is not None


def test_the_view_names_what_was_not_read_and_keeps_policies_apart(tmp_path: Path) -> None:
    blocks = (inline("user", "alice", STARTS), *HARMLESS, policy(STARTS))
    (tmp_path / "main.tf").write_text("\n".join((WORTH_READING, PROVIDER, *blocks)), encoding="utf-8")
    (account,) = read_terraform([tmp_path]).accounts
    view = access_view(account)
    assert [row.title for row in view.rows] == [
        "user alice (named in aws_iam_user_policy.a; its other policies are not read)"
    ]
    assert [row.title for row in view.unattached] == ["policy loose"]
    assert view.idle == 0


SET = """resource "aws_ssoadmin_permission_set" "ops" {
  name = "ops"
  instance_arn = "arn:aws:sso:::instance/i"
}
resource "aws_ssoadmin_permission_set_inline_policy" "ops" {
  instance_arn = "arn:aws:sso:::instance/i"
  permission_set_arn = aws_ssoadmin_permission_set.ops.arn
  inline_policy = POLICY
}
"""
HANDED = 'module "more" {\n  source = "example-org/thing/aws"\n  set = aws_ssoadmin_permission_set.ops.arn\n}\n'
BOUNDED = """resource "aws_ssoadmin_permissions_boundary_attachment" "ops" {
  instance_arn = "arn:aws:sso:::instance/i"
  permission_set_arn = aws_ssoadmin_permission_set.ops.arn
  permissions_boundary { managed_policy_arn = var.boundary }
}
variable "boundary" {}
"""


def test_a_grant_of_a_permission_set_beside_an_unread_module_fails_as_that_of_a_role(tmp_path: Path) -> None:
    (one,) = every(found(tmp_path, SET.replace("POLICY", STARTS), HANDED, rules=["OPER-01"]))
    assert isinstance(one.verdict, Failed)
    assert "unless a policy that was not read denies it" in one.verdict.message


def test_what_a_permission_set_is_not_granted_an_unread_module_may_grant(tmp_path: Path) -> None:
    text = SET.replace("POLICY", document("ec2:DescribeInstances"))
    (one,) = every(found(tmp_path, text, HANDED, rules=["OPER-06"]))
    assert isinstance(one.verdict, Undecided)


def test_an_unknown_boundary_of_a_permission_set_may_cut_what_is_granted(tmp_path: Path) -> None:
    (one,) = every(found(tmp_path, SET.replace("POLICY", STARTS), BOUNDED, rules=["OPER-01"]))
    assert isinstance(one.verdict, Undecided)


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_beside_an_unread_override_a_module_may_be_handed_another_principal(kind: str, tmp_path: Path) -> None:
    (tmp_path / "grants").mkdir()
    text = f'variable "holder" {{}}\n{inline(kind, "HOLDER", STARTS)}'.replace('"HOLDER"', "var.holder")
    (tmp_path / "grants" / "main.tf").write_text(text, encoding="utf-8")
    (tmp_path / "main_override.tf").write_text('resource "aws_s3_bucket" "x" {\n', encoding="utf-8")
    declared = f'resource "aws_iam_{kind}" "ops" {{\nname = "ops"\nassume_role_policy = "{{}}"\n}}\n'
    call = f'module "grants" {{\nsource = "./grants"\nholder = aws_iam_{kind}.ops.name\n}}\n'
    findings = found(tmp_path, declared, call, rules=["OPER-01", "OPER-06"])
    assert kinds(findings) == {Undecided}
