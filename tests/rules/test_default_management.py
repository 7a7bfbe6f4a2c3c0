"""Which role the agent of a node works with, as code tells: the profile's, or the one of Default Host Management."""

import json
from pathlib import Path

import pytest

from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Finding
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.read.facts.configurations import account_in
from tests.rules.test_node_rights import AGENT, allow

SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"
BASE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
variable "unread" {}
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream",
                         inputs = { s3BucketName = aws_s3_bucket.logs.id } })
}
resource "aws_s3_bucket" "logs" { bucket = "recordings" }
resource "aws_subnet" "open" {
  vpc_id                  = "vpc-0123456789abcdef0"
  map_public_ip_on_launch = true
}
resource "aws_iam_instance_profile" "app" { role = aws_iam_role.app.name }
"""
ROLE = """
resource "aws_iam_role" "NAME" {
  name               = "NAME"
  path               = "/service-role/"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole",
                                                   Principal = { Service = "SERVICE.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "NAME" {
  role   = aws_iam_role.NAME.name
  policy = jsonencode({ Statement = STATEMENTS })
}
"""
RECORDS = allow("s3:PutObject", "s3:GetEncryptionConfiguration")
FULL = [allow(*AGENT), RECORDS]
APP = "iam_instance_profile = aws_iam_instance_profile.app.name"


def role(name: str, *statements: object, service: str = "ec2") -> str:
    text = ROLE.replace("NAME", name).replace("SERVICE", service)
    return text.replace("STATEMENTS", json.dumps(statements))


def lends(value: str = '"service-role/lent"') -> str:
    arn = f"arn:aws:ssm:eu-west-1:111122223333:servicesetting{SETTING}"
    return f'resource "aws_ssm_service_setting" "on" {{\nsetting_id = "{arn}"\nsetting_value = {value}\n}}\n'


def node(name: str = "app", profile: str = APP) -> str:
    subnet = "subnet_id = aws_subnet.open.id"
    return f'resource "aws_instance" "{name}" {{\nami = "ami-1"\n{subnet}\n{profile}\n}}\n'


def found(folder: Path, rule: str, *parts: str) -> tuple[Finding, ...]:
    account: Account = account_in(folder, BASE + "\n".join(parts))
    return run([load_rule(rule)], [account], BUILT_IN["baseline"]).findings


def judged(folder: Path, rule: str, subject: str, *parts: str) -> str:
    (only,) = [each for each in found(folder, rule, *parts) if each.subject == subject]
    return type(only.verdict).__name__


def on_role(folder: Path, *parts: str) -> str:
    return judged(folder, "ROLE-03", "aws_iam_role.app", *parts)


def broken(folder: Path, *parts: str) -> str:
    """Return what of the path of the node is said of its role: where it breaks, or what is unknown; else nothing."""
    (only,) = [each for each in found(folder, "PATH-01", *parts) if each.subject.startswith("aws_instance")]
    message = getattr(only.verdict, "message", "")
    return message if "node role" in message else ""


LENT = role("lent", *FULL, service="ssm")
BARE = LENT.replace('path               = "/service-role/"', "")
"""The same role without a path."""
READER = allow("ssm:Describe*", "ssm:GetParameter")


@pytest.mark.parametrize(
    ("granted", "setting", "expected"),
    [
        ([READER], lends(), "NotApplicable"),
        ([READER], lends('"/service-role/lent"'), "NotApplicable"),
        ([READER], lends('"/other/lent"'), "Failed"),
        ([READER], lends('"$None"'), "Failed"),
        ([READER], lends("var.unread"), "Undecided"),
        ([READER], "", "Undecided"),
        ([], lends(), "NotApplicable"),
        ([], "", "Undecided"),
        ([allow("ssmmessages:*")], lends(), "NotApplicable"),
        ([allow("ssmmessages:*")], "", "Failed"),
        ([allow("ssm:*")], lends(), "Failed"),
        ([allow("ssm:*")], "", "Failed"),
        ([allow("ssm:UpdateInstanceInformation")], lends(), "Failed"),
        ([allow("*")], lends(), "Passed"),
        ([allow("*"), {**allow("ssm:UpdateInstanceInformation"), "Effect": "Deny"}], lends(), "NotApplicable"),
        ([allow("*"), {**allow("ssm:UpdateInstanceInformation"), "Effect": "Deny"}], "", "Failed"),
        (FULL, lends(), "Passed"),
    ],
)
def test_the_role_of_a_profile_serves_only_where_it_lets_the_agent_register(
    granted: list[object], setting: str, expected: str, tmp_path: Path
) -> None:
    assert on_role(tmp_path, role("app", *granted), LENT, node(), setting) == expected


@pytest.mark.parametrize(
    ("granted", "setting", "said"),
    [
        ([READER], lends(), ""),
        ([READER], lends('"$None"'), "breaks at the node role: role app is not authorized"),
        ([READER], "", "is unknown: whether Default Host Management provides a role, which the agent needs because"),
        ([allow("ssmmessages:*")], "", "breaks at the node role: role app is not authorized"),
        ([allow("ssm:*")], lends(), "breaks at the node role: role app is not authorized to perform ssmmessages:"),
        (FULL, lends(), ""),
    ],
)
def test_the_path_of_a_node_begins_at_the_role_that_serves(
    granted: list[object], setting: str, said: str, tmp_path: Path
) -> None:
    text = broken(tmp_path, role("app", *granted), LENT, node(), setting)
    assert said in text
    assert bool(text) == bool(said)


@pytest.mark.parametrize(
    ("lent", "setting", "said"),
    [
        (LENT, lends(), ""),
        (
            LENT,
            lends("aws_iam_role.lent.name"),
            "names aws_iam_role.lent.name, but the path of this role is /service-role/",
        ),
        (LENT, lends('"lent"'), "names lent, but the path of this role is /service-role/"),
        (BARE, lends(), "names service-role/lent, but the path of this role is /"),
        (BARE, lends('"lent"'), ""),
        (BARE, lends("aws_iam_role.lent.name"), ""),
        (BARE, lends('"service-role/${aws_iam_role.lent.name}"'), "but the path of this role is /"),
        (BARE.replace("assume_role_policy", 'path = "/"\nassume_role_policy'), lends('"lent"'), ""),
        (LENT.replace('"/service-role/"', "var.unread"), lends(), "names a role that exists: "),
        (LENT, lends('"service-role/${aws_iam_role.lent.name}"'), ""),
        (LENT, lends('"service-role/elsewhere"'), 'the role "elsewhere", which Default Host Management provides'),
        (
            LENT,
            lends('"$None"'),
            "breaks at the node role: no instance profile gives the node a role, and Default Host",
        ),
        (LENT, "", "is unknown: whether Default Host Management provides a role"),
        (role("lent", RECORDS, service="ssm"), lends(), "breaks at the node role: role lent is not authorized"),
        (role("lent", *FULL), lends(), "the trust policy of role lent, which Default Host Management provides"),
    ],
)
def test_a_node_without_a_profile_works_with_the_role_that_is_lent(
    lent: str, setting: str, said: str, tmp_path: Path
) -> None:
    text = broken(tmp_path, role("app"), lent, node(profile=""), setting)
    assert said in text
    assert bool(text) == bool(said)


def test_rights_to_record_belong_on_the_role_that_is_lent(tmp_path: Path) -> None:
    parts = (role("app", READER, RECORDS), role("lent", allow(*AGENT), service="ssm"), node(), lends())
    assert judged(tmp_path, "ROLE-03", "aws_iam_role.lent", *parts) == "Failed"
    assert on_role(tmp_path, *parts) == "NotApplicable"


def test_a_policy_that_is_not_known_leaves_open_which_role_serves(tmp_path: Path) -> None:
    attached = """
    resource "aws_iam_role_policy_attachment" "unread" {
      role       = aws_iam_role.app.name
      policy_arn = var.unread
    }
    """
    assert on_role(tmp_path, role("app", READER), LENT, node(), lends(), attached) == "Undecided"
    assert "whether the agent uses role app or Default Host Management" in str(
        [each.verdict for each in found(tmp_path, "PATH-01", role("app", READER), LENT, node(), lends(), attached)]
    )


def test_two_instances_share_a_role(tmp_path: Path) -> None:
    parts = (role("app", READER), LENT, node("one"), node("two"))
    assert on_role(tmp_path, *parts, lends()) == "NotApplicable"
    assert on_role(tmp_path, *parts, lends('"$None"')) == "Failed"
    assert on_role(tmp_path, *parts) == "Undecided"


@pytest.mark.parametrize(
    ("granted", "setting", "expected"),
    [
        (allow("ec2:DescribeInstances"), "", "NotApplicable"),
        (allow("ec2:DescribeInstances"), lends('"$None"'), "NotApplicable"),
        (READER, "", "Undecided"),
        (allow("ssm:UpdateInstanceInformation"), "", "Failed"),
        (allow("ssmmessages:CreateControlChannel"), "", "Failed"),
        (allow("ssmmessages:CreateControlChannel"), lends(), "NotApplicable"),
    ],
)
def test_a_role_that_no_node_runs_with_is_one_of_nodes_where_it_grants_what_they_need(
    granted: object, setting: str, expected: str, tmp_path: Path
) -> None:
    assert on_role(tmp_path, role("app", granted), LENT, setting) == expected


def test_a_role_of_several_uses_serves_the_machines_that_register_with_it(tmp_path: Path) -> None:
    both = role("app", READER).replace('"ec2.amazonaws.com"', '["ec2.amazonaws.com", "ssm.amazonaws.com"]')
    machines = 'resource "aws_ssm_activation" "shop" { iam_role = aws_iam_role.app.name }\n'
    assert on_role(tmp_path, both, LENT, node(), lends()) == "NotApplicable"
    assert on_role(tmp_path, both, LENT, node(), lends(), machines) == "Failed"


def test_a_profile_that_displaces_what_is_lent_is_told_so(tmp_path: Path) -> None:
    parts = (role("app", allow("ssm:UpdateInstanceInformation")), LENT, node())
    (told,) = [each for each in found(tmp_path, "ROLE-03", *parts, lends()) if each.subject == "aws_iam_role.app"]
    assert "Default Host Management provides no role to its nodes" in str(told.verdict)
    (told,) = [each for each in found(tmp_path, "ROLE-03", *parts) if each.subject == "aws_iam_role.app"]
    assert "Default Host Management" not in str(told.verdict)


OTHER = """
provider "aws" {
  alias               = "other"
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
resource "aws_instance" "other" {
  provider             = aws.other
  ami                  = "ami-1"
  iam_instance_profile = aws_iam_instance_profile.app.name
}
"""


def test_a_role_is_lent_in_one_region_and_not_in_another(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BASE + "".join((role("app", READER), LENT, node(), lends(), OTHER)))
    accounts = read_terraform([tmp_path]).accounts
    rules = [load_rule("ROLE-03"), load_rule("PATH-01")]
    verdicts = {
        each.subject: type(each.verdict).__name__ for each in run(rules, accounts, BUILT_IN["baseline"]).findings
    }
    assert verdicts["aws_iam_role.app"] == "Undecided"
    assert verdicts["aws_instance.other"] == "Undecided"
    assert verdicts["aws_instance.app"] != "Failed"


def test_an_instance_profile_without_a_role_leaves_the_node_to_the_one_that_is_lent(tmp_path: Path) -> None:
    bare = 'resource "aws_iam_instance_profile" "bare" {}\n'
    parts = (role("app"), LENT, bare, node(profile="iam_instance_profile = aws_iam_instance_profile.bare.name"))
    assert broken(tmp_path, *parts, lends()) == ""
    assert "is off" in broken(tmp_path, *parts, lends('"$None"'))


def test_a_role_with_nodes_in_two_regions_that_both_lend_one_is_not_used(tmp_path: Path) -> None:
    second = lends().replace('"on" {', '"second" {\nprovider = aws.other').replace("eu-west-1", "us-east-1")
    parts = (role("app", READER), LENT, node(), lends(), OTHER, second)
    (tmp_path / "main.tf").write_text(BASE + "".join(parts))
    findings = run([load_rule("ROLE-03")], read_terraform([tmp_path]).accounts, BUILT_IN["baseline"]).findings
    (app,) = (each for each in findings if each.subject == "aws_iam_role.app")
    assert type(app.verdict).__name__ == "NotApplicable"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((), ""),
        ((lends('"$None"'),), "the trust policy of role app does not let ec2.amazonaws.com assume it"),
        ((lends(), LENT), ""),
    ],
)
def test_a_profile_whose_role_ec2_cannot_assume_gives_the_agent_nothing(
    parts: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    service = "lambda" if parts else "ec2"
    message = broken(tmp_path, role("app", *FULL, service=service), node(), *parts)
    assert (said in message) if said else (message == "")


def test_a_trust_policy_that_is_not_known_leaves_open_which_role_the_agent_uses(tmp_path: Path) -> None:
    app = role("app", *FULL).replace('"ec2.amazonaws.com"', "var.unread")
    assert "Default Host Management" in broken(tmp_path, app, node(), lends(), LENT)
    assert judged(tmp_path, "PATH-01", "aws_instance.app", app, node()) == "Undecided"


def test_no_credentials_are_promised_where_the_metadata_service_is_off(tmp_path: Path) -> None:
    off = node().replace("ami =", 'metadata_options {\nhttp_endpoint = "disabled"\n}\nami =')
    assert "the metadata service is off" in broken(tmp_path, role("app", *FULL), off)


@pytest.mark.parametrize(
    ("denial", "said"),
    [
        ('Principal = { Service = "ec2.amazonaws.com" }', "does not let ec2.amazonaws.com assume it"),
        ('Principal = { Service = ["lambda.amazonaws.com", "ec2.amazonaws.com"] }', "does not let ec2.amazonaws.com"),
        ('Principal = { Service = "lambda.amazonaws.com" }', ""),
        ('Principal = { AWS = "arn:aws:iam::111122223333:root" }', ""),
        ('Principal = "*"', "whether ec2.amazonaws.com is among everybody"),
        ('NotPrincipal = { AWS = "arn:aws:iam::111122223333:root" }', "that a NotPrincipal denies"),
        ("Principal = { Service = var.unread }", "is unknown"),
        (
            'Principal = { Service = "ec2.amazonaws.com" }, Condition = { Bool = { "aws:SecureTransport" = "false" } }',
            "",
        ),
        ('Principal = { Service = "ec2.amazonaws.com" }, Condition = var.unread', "is unknown"),
    ],
)
def test_a_service_that_the_trust_policy_denies_the_role_does_not_get_it(
    denial: str, said: str, tmp_path: Path
) -> None:
    denied = f', {{ Effect = "Deny", Action = "sts:AssumeRole", {denial} }}] }})\n}}\nresource "aws_iam_role_policy"'
    app = role("app", *FULL).replace('] })\n}\n\nresource "aws_iam_role_policy"', denied, 1)
    app = app.replace('] })\n}\nresource "aws_iam_role_policy"', denied, 1)
    assert "Deny" in app
    message = broken(tmp_path, app, node(), lends('"$None"'))
    assert (said in message) if said else (message == "")
