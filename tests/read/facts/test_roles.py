from pathlib import Path

import pytest

from ssm_hardening.core.values import Inventory, Items, Known, Unknown
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Role
from tests.read.facts.configurations import account_in, by_address, plain

TRUST = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["SERVICE"]
    }
  }
}
variable "name" {}
variable "on" {}
"""
ROLE = """
resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  BODY
}
"""
POLICY = """
resource "aws_iam_policy" "own" {
  name   = "own"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })
}
"""
OWN = "aws_iam_policy.own.arn"


def inline(action: str) -> str:
    return f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "*" }}] }})'


def role_in(folder: Path, body: str = "", more: str = "", service: str = "lambda.amazonaws.com") -> Role:
    text = TRUST.replace("SERVICE", service) + ROLE.replace("BODY", body) + more
    return by_address(account_in(folder, text).roles)["aws_iam_role.node"]  # type: ignore[no-any-return]


def actions(statements: Inventory[Statement]) -> list[str]:
    found = [plain(each.actions) for each in statements]
    return sorted(str(action) for listed in found for action in listed)


def block(kind: str, *lines: str) -> str:
    return "\n".join((f'resource "{kind}" "a" {{', *lines, "}\n"))


NODE = "aws_iam_role.node"
ATTACHMENTS = {
    "managed_policy_arns": (f"managed_policy_arns = [{OWN}]", ""),
    "attachment": ("", block("aws_iam_role_policy_attachment", f"role = {NODE}.name", f"policy_arn = {OWN}")),
    "by literal names": (
        "",
        block(
            "aws_iam_role_policy_attachment",
            'role = "node"',
            'policy_arn = "arn:aws:iam::123456789012:policy/path/own"',
        ),
    ),
    "shared attachment": (
        "",
        block("aws_iam_policy_attachment", 'name = "a"', f'roles = ["x", {NODE}.name]', f"policy_arn = {OWN}"),
    ),
    "exclusive": (
        "",
        block("aws_iam_role_policy_attachments_exclusive", f"role_name = {NODE}.name", f"policy_arns = [{OWN}]"),
    ),
    "twice": (
        f"managed_policy_arns = [{OWN}]",
        block("aws_iam_role_policy_attachment", f"role = {NODE}.id", f"policy_arn = {OWN}"),
    ),
}


@pytest.mark.parametrize("form", ATTACHMENTS)
def test_a_managed_policy_in_each_form(form: str, tmp_path: Path) -> None:
    body, more = ATTACHMENTS[form]
    text = TRUST.replace("SERVICE", "ec2.amazonaws.com") + ROLE.replace("BODY", body) + POLICY + more
    account = account_in(tmp_path, text)
    role, *others = account.roles
    (policy,) = account.policies
    assert len(plain(role.managed_policies)) == 1
    assert role.statements.gap is None
    assert actions(role.statements) == ["s3:PutObject"]
    assert plain(policy.kind) == "customer"
    assert plain(policy.attached_to) == ["aws_iam_role.node", *(each.address for each in others)]


def test_inline_policies_in_both_forms(tmp_path: Path) -> None:
    body = f'inline_policy {{\nname = "block"\npolicy = {inline("logs:PutLogEvents")}\n}}'
    more = (
        f'resource "aws_iam_role_policy" "b" {{\nname = "b"\nrole = aws_iam_role.node.id\npolicy = {inline("a:B")}\n}}'
    )
    text = TRUST.replace("SERVICE", "ec2.amazonaws.com") + ROLE.replace("BODY", body) + more
    account = account_in(tmp_path, text)
    (role,) = account.roles
    assert actions(role.statements) == ["a:B", "logs:PutLogEvents"]
    assert role.statements.gap is None
    assert {plain(each.name): plain(each.attached_to) for each in account.policies} == {
        "b": ["aws_iam_role.node"],
        "block": ["aws_iam_role.node"],
    }


AWS_OWN = [
    '"arn:aws:iam::aws:policy/AWSBackupFullAccess"',
    '"arn:${data.aws_partition.p.partition}:iam::aws:policy/AWSBackupFullAccess"',
    '"arn:aws:iam::123456789012:policy/not-here"',
    "data.aws_iam_policy.x.arn",
    "var.name",
]


@pytest.mark.parametrize("arn", AWS_OWN)
def test_a_policy_that_is_not_in_the_code_is_a_gap_of_the_statements(arn: str, tmp_path: Path) -> None:
    data = 'data "aws_partition" "p" {}\ndata "aws_iam_policy" "x" {\nname = "x"\n}'
    role = role_in(tmp_path, f"managed_policy_arns = [{arn}]", POLICY + data)
    assert not role.statements.items
    assert isinstance(role.statements.gap, Unknown)
    assert isinstance(role.kind, Unknown)


@pytest.mark.parametrize("partition", ["aws", "${data.aws_partition.p.partition}"])
def test_a_policy_of_aws_that_ships_with_the_tool_says_so(partition: str, tmp_path: Path) -> None:
    arn = f'"arn:{partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"'
    role = role_in(tmp_path, f"managed_policy_arns = [{arn}]", 'data "aws_partition" "p" {}')
    assert role.statements.gap is None
    assert "ssm:GetParameter" in actions(role.statements)
    assert all("as it ships with ssm-harden" in str(each.at) for each in role.statements)


def test_the_gap_names_the_policy(tmp_path: Path) -> None:
    role = role_in(tmp_path, f"managed_policy_arns = [{AWS_OWN[0]}]")
    assert role.statements.gap is not None
    assert "AWSBackupFullAccess" in role.statements.gap.detail


def test_an_attachment_that_may_be_of_any_role(tmp_path: Path) -> None:
    more = f'resource "aws_iam_role_policy_attachment" "a" {{\nrole = var.name\npolicy_arn = {OWN}\n}}'
    role = role_in(tmp_path, "", POLICY + more)
    assert isinstance(role.managed_policies, Unknown)
    assert isinstance(role.statements.gap, Unknown)


def test_an_attachment_that_may_not_exist(tmp_path: Path) -> None:
    more = (
        'resource "aws_iam_role_policy_attachment" "a" {\ncount = var.on ? 1 : 0\nrole = aws_iam_role.node.name\n'
        f"policy_arn = {OWN}\n}}"
    )
    assert isinstance(role_in(tmp_path, "", POLICY + more).managed_policies, Unknown)


def test_exclusive_inline_policies_of_other_code(tmp_path: Path) -> None:
    more = f'resource "aws_iam_role_policy" "b" {{\nname = "b"\nrole = "node"\npolicy = {inline("a:B")}\n}}\n'
    exclusive = 'resource "aws_iam_role_policies_exclusive" "x" {\nrole_name = "node"\npolicy_names = [NAMES]\n}'
    known = role_in(tmp_path, "", more + exclusive.replace("NAMES", '"b", aws_iam_role_policy.b.name'))
    assert known.statements.gap is None
    other = role_in(tmp_path, "", more + exclusive.replace("NAMES", '"b", "elsewhere"'))
    assert other.statements.gap is not None
    assert "elsewhere" in other.statements.gap.detail


def test_a_role_without_anything(tmp_path: Path) -> None:
    role = role_in(tmp_path, 'permissions_boundary = "arn:aws:iam::1:policy/limit"')
    assert role.statements == Inventory()
    assert plain(role.managed_policies) == []
    assert plain(role.boundary) == "arn:aws:iam::1:policy/limit"
    assert plain(role.trusted_services) == ["lambda.amazonaws.com"]
    assert plain(role.instances) == []
    assert plain(role.kind) == "other"


def test_a_role_for_instances_is_a_nodes(tmp_path: Path) -> None:
    assert plain(role_in(tmp_path, service="ec2.amazonaws.com").kind) == "node"


def test_a_role_that_starts_sessions_is_an_operators(tmp_path: Path) -> None:
    body = f'inline_policy {{\nname = "a"\npolicy = {inline("ssm:Start*")}\n}}'
    assert plain(role_in(tmp_path, body).kind) == "operator"


NAMED = {
    "activation": 'resource "aws_ssm_activation" "a" {\niam_role = aws_iam_role.node.id\n}',
    "setting": 'resource "aws_ssm_service_setting" "s" {\n'
    'setting_id = "arn:aws:ssm:eu-west-1:123456789012:servicesetting'
    '/ssm/managed-instance/default-ec2-instance-management-role"\nsetting_value = "service-role/node"\n}',
}


@pytest.mark.parametrize("by", NAMED)
def test_who_names_a_role_of_nodes(by: str, tmp_path: Path) -> None:
    assert plain(role_in(tmp_path, "", NAMED[by]).kind) == "node"


def test_instances_of_a_role(tmp_path: Path) -> None:
    more = """
    resource "aws_iam_instance_profile" "node" { role = aws_iam_role.node.name }
    resource "aws_instance" "a" { iam_instance_profile = aws_iam_instance_profile.node.id }
    """
    assert plain(role_in(tmp_path, "", more).instances) == ["aws_instance.a"]


def test_a_trust_policy_that_cannot_be_read_leaves_all_open(tmp_path: Path) -> None:
    text = 'variable "trust" {}\nresource "aws_iam_role" "node" {\nassume_role_policy = var.trust\n}'
    (role,) = account_in(tmp_path, text).roles
    assert isinstance(role.trusted_services, Unknown)
    assert isinstance(role.trust.gap, Unknown)
    assert isinstance(role.kind, Unknown)


def test_several_services_one_unknown(tmp_path: Path) -> None:
    role = role_in(tmp_path, service='ssm.amazonaws.com", var.name, "ssm.amazonaws.com')
    match role.trusted_services:
        case Known(Items((Known(service),), Unknown())):
            assert service == "ssm.amazonaws.com"
        case other:
            raise AssertionError(other)
