"""Stacks of CloudFormation and resources of the provider awscc: kinds that they hold stay open, and nothing else."""

from pathlib import Path

import pytest

from ssm_hardening.model import STACK, Account
from ssm_hardening.read.code.reader import read_terraform
from tests.cli.running import write
from tests.read.facts.configurations import account_in

KINDS = {
    "AWS::SSM::Document": "session_documents",
    "AWS::IAM::Role": "roles",
    "AWS::IAM::User": "users",
    "AWS::IAM::Group": "groups",
    "AWS::IAM::ManagedPolicy": "policies",
    "AWS::EC2::Instance": "instances",
    "AWS::EC2::SecurityGroup": "security_groups",
    "AWS::EC2::VPCEndpoint": "vpc_endpoints",
    "AWS::S3::Bucket": "log_buckets",
    "AWS::Logs::LogGroup": "log_groups",
    "AWS::KMS::Key": "keys",
    "AWS::CloudTrail::Trail": "trails",
}
"""Permission sets, which need no capability, count among the roles."""
DOCUMENT = """
resource "aws_ssm_document" "p" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = jsonencode({ inputs = {} })
}
resource "aws_iam_role" "r" { name = "operators" }
"""


def stack(arguments: str, type_: str = "aws_cloudformation_stack") -> str:
    return f'{DOCUMENT}resource "{type_}" "s" {{\n  name = "s"\n  {arguments}\n}}\n'


def opened(account: Account) -> set[str]:
    return {kind for kind in KINDS.values() if getattr(account, kind).gap is not None}


def body(*kinds: str) -> str:
    resources = ", ".join(f'R{number} = {{ Type = "{kind}" }}' for number, kind in enumerate(kinds))
    return f"template_body = jsonencode({{ Resources = {{ {resources} }} }})"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", ["aws_cloudformation_stack", "aws_cloudformation_stack_set"])
def test_a_stack_leaves_its_kinds_open(kind: str, type_: str, tmp_path: Path) -> None:
    account = account_in(tmp_path, stack(body(kind), type_))
    assert opened(account) == {KINDS[kind]}
    (gap,) = account.gaps
    assert gap.kind == STACK
    assert f"{type_}.s creates {kind} " in gap.detail


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("awscc_ssm_document", "session_documents"),
        ("awscc_iam_role", "roles"),
        ("awscc_iam_managed_policy", "policies"),
        ("awscc_s3_bucket", "log_buckets"),
        ("awscc_logs_log_group", "log_groups"),
        ("awscc_kms_key", "keys"),
        ("awscc_ec2_instance", "instances"),
        ("awscc_ec2_security_group", "security_groups"),
        ("awscc_ec2_vpc_endpoint", "vpc_endpoints"),
    ],
)
def test_cloud_control_leaves_a_kind_open(type_: str, kind: str, tmp_path: Path) -> None:
    account = account_in(tmp_path, f'{DOCUMENT}resource "{type_}" "x" {{}}\n')
    assert kind in opened(account)
    assert [gap.affects for gap in account.gaps] == [(f"{type_}.x",)]


@pytest.mark.parametrize(
    "arguments",
    [
        body("AWS::SNS::Topic", "AWS::Lambda::Function"),
        'template_body = "Parameters: { Net: { Type: AWS::EC2::VPC::Id } }"',
        f"count = 0\n  {body('AWS::IAM::Role')}",
    ],
)
def test_other_stacks_leave_nothing_open(arguments: str, tmp_path: Path) -> None:
    account = account_in(tmp_path, stack(arguments))
    assert (opened(account), account.gaps) == (set(), ())


def test_templates_of_files(tmp_path: Path) -> None:
    write(tmp_path, {"t.yaml": "Resources:\n  Key:\n    Type: AWS::KMS::Key\n"})
    assert opened(account_in(tmp_path, stack('template_body = file("${path.module}/t.yaml")'))) == {"keys"}
    write(tmp_path, {"t.tpl": "Resources:\n  Key:\n    Type: AWS::${service}::Key\n    Name: ${name}\n"})
    told = 'template_body = templatefile("t.tpl", { service = "KMS", name = var.n })\n}\nvariable "n" {'
    assert opened(account_in(tmp_path, stack(told))) == {"keys"}


@pytest.mark.parametrize("arguments", ['template_url = "https://example.com/t.yaml"', "template_body = var.b"])
def test_a_template_that_is_not_here_may_hold_anything_that_it_may_create(arguments: str, tmp_path: Path) -> None:
    of_iam = {"users", "groups", "policies"}
    text = stack(arguments) + 'variable "b" {}\n'
    assert opened(account_in(tmp_path, text)) == set(KINDS.values()) - of_iam
    named = f'{arguments}\n  capabilities = ["CAPABILITY_NAMED_IAM"]'
    assert opened(account_in(tmp_path, text.replace(arguments, named))) == set(KINDS.values())


@pytest.mark.parametrize(
    ("told", "is_open"),
    [
        ('Roles = [{ Ref = "Own" }]', False),
        ('Roles = ["operators"]', True),
        ("Roles = [aws_iam_role.r.name]", True),
    ],
)
def test_a_policy_is_open_to_roles_that_the_stack_is_told_of(told: str, *, is_open: bool, tmp_path: Path) -> None:
    template = f'template_body = jsonencode({{ A = {{ Type = "AWS::IAM::Policy", {told} }} }})'
    (role,) = account_in(tmp_path, stack(template)).roles
    assert (role.statements.gap is not None) == is_open


def test_stacks_make_no_account_of_their_own(tmp_path: Path) -> None:
    more = 'provider "awscc" {\n  alias = "x"\n}\nresource "awscc_kms_key" "k" {\n  provider = awscc.x\n}\n'
    account_in(tmp_path, DOCUMENT + more)


@pytest.mark.parametrize(("kind", "is_read"), [("AWS::SSM::Document", True), ("AWS::S3::Bucket", False)])
def test_a_stack_alone_makes_a_root_worth_showing_by_what_it_holds(kind: str, *, is_read: bool, tmp_path: Path) -> None:
    text = stack(body(kind)).removeprefix(DOCUMENT)
    assert bool(read_terraform([write(tmp_path, {"main.tf": text})]).accounts) == is_read
