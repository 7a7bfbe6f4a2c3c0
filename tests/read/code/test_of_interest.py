"""Which roots concern Session Manager, by resources and the values they get, where no word of the code is about it."""

from pathlib import Path

import pytest

from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.reader import read_terraform
from tests.cli.running import write

ATTACHED = """
resource "aws_iam_user" "dev" { name = "dev" }
resource "aws_iam_user_policy" "dev" {
  user   = aws_iam_user.dev.name
  policy = %s
}
"""
GRANT = 'jsonencode({ Statement = [{ Effect = "Allow", Resource = "*", %s }] })'


def granting(actions: str) -> str:
    return ATTACHED % (GRANT % actions)


def trusting(service: str, arn: str) -> str:
    return f"""
resource "aws_iam_role" "it" {{
  assume_role_policy = jsonencode({{ Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "{service}" }}
  }}] }})
  managed_policy_arns = [{arn}]
}}
"""


def by(more: str) -> str:
    return granting("Action = local.powers") + f"locals {{ {more} }}\n"


VARIABLE = granting("Action = var.powers") + 'variable "powers" {}\n'
NAMED = 'variable "verb" { default = "StartSession" }\n'
INSTANCE = 'resource "aws_instance" "web" { iam_instance_profile = %s }\n'
ENDPOINT = (
    'resource "aws_vpc_endpoint" "e" {\n  for_each = %s\n  service_name = "com.amazonaws.eu-west-1.${each.key}"\n}\n'
)

CONCERNS: dict[str, dict[str, str | bytes]] = {
    "all of Systems Manager": {"main.tf": granting('Action = "ssm:*"')},
    "everything": {"main.tf": granting('Action = "*"')},
    "everything, of every service": {"main.tf": granting('Action = ["s3:Get*", "*:*"]')},
    "the beginning of a verb": {"main.tf": granting('Action = "ssm:Start*"')},
    "the beginning of many verbs": {"main.tf": granting('Action = ["ssm:S*"]')},
    "letters of any case": {"main.tf": granting('Action = "SSM:startsession"')},
    "a question mark": {"main.tf": granting('Action = "ssm:StartSess?on"')},
    "commands": {"main.tf": granting('Action = "ssm:Send*"')},
    "all but something": {"main.tf": granting('NotAction = "iam:*"')},
    "the preferences": {"main.tf": granting('Action = "ssm:UpdateDocument"')},
    "a verb in a variable": {"main.tf": granting('Action = ["ssm:${var.verb}"]') + NAMED},
    "a service in a local": {"main.tf": by('s = "ssm"\n') + 'locals { powers = ["${local.s}:*"] }\n'},
    "put together": {"main.tf": by('powers = [format("%s:%s", "ssm", "*")]')},
    "joined": {"main.tf": by('powers = join(":", ["ssm", "*"])')},
    "a local": {"main.tf": by('powers = ["s3:*", "*"]')},
    "one of two": {"main.tf": granting('Action = var.x ? "s3:*" : "*"') + 'variable "x" {}\n'},
    "concatenated": {"main.tf": granting('Action = concat(["*"], [])')},
    "a list in YAML": {
        "main.tf": granting('Action = yamldecode(file("powers.yaml"))["all"]'),
        "powers.yaml": "all:\n  - s3:*\n  - '*'\n",
    },
    "a map of lists": {
        "main.tf": by('all = { admin = ["*"], reader = ["s3:Get*"] }\n powers = local.all["admin"]\n'),
    },
    "a default": {"main.tf": granting("Action = var.p") + 'variable "p" { default = ["ssm:*"] }\n'},
    "no default": {"main.tf": VARIABLE},
    "terraform.tfvars": {"main.tf": VARIABLE, "terraform.tfvars": 'powers = ["ssm:*"]\n'},
    "some.auto.tfvars": {"main.tf": VARIABLE, "some.auto.tfvars": 'powers = "*"\n'},
    "terraform.tfvars.json": {"main.tf": VARIABLE, "terraform.tfvars.json": '{"powers": "ssm:Start*"}'},
    "a file": {
        "main.tf": ATTACHED % 'file("${path.module}/p.json")',
        "p.json": '{"Statement": [{"Effect": "Allow", "Action": ["s3:*", "*"], "Resource": "*"}]}',
    },
    "a file named by a variable": {
        "main.tf": ATTACHED % "file(var.f)" + 'variable "f" { default = "p.json" }\n',
        "p.json": '{"Statement": [{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}]}',
    },
    "a template": {
        "main.tf": ATTACHED % 'templatefile("p.tpl", { verb = "Start" })',
        "p.tpl": '{"Statement": [{"Effect": "Allow", "Action": "ssm:${verb}*", "Resource": "*"}]}',
    },
    "YAML": {
        "main.tf": granting('Action = yamldecode(file("powers.yaml")).powers'),
        "powers.yaml": "powers:\n  - s3:*\n  - ssm:*\n",
    },
    "a policy document": {
        "main.tf": ATTACHED % "data.aws_iam_policy_document.d.json"
        + 'data "aws_iam_policy_document" "d" { statement {\n  actions = ["*"]\n  resources = ["*"]\n} }\n'
    },
    "an administrator by AWS's policy": {
        "main.tf": 'resource "aws_iam_user" "a" { name = "a" }\nresource "aws_iam_user_policy_attachment" "a" {\n'
        '  user = aws_iam_user.a.name\n  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"\n}\n'
    },
    "a permission set": {
        "main.tf": 'resource "aws_ssoadmin_permission_set" "a" { name = "a" }\n'
        'resource "aws_ssoadmin_managed_policy_attachment" "a" {\n'
        "  permission_set_arn = aws_ssoadmin_permission_set.a.arn\n"
        '  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n'
    },
    "a policy attached nowhere": {
        "main.tf": 'resource "aws_iam_policy" "p" { policy = ' + GRANT % 'Action = "ssm:*"' + " }\n"
    },
    "an administrator that EC2 may be": {
        "main.tf": trusting("ec2.amazonaws.com", '"arn:aws:iam::aws:policy/AdministratorAccess"')
    },
    "a role of a node": {"main.tf": trusting("ec2.amazonaws.com", "var.arn") + 'variable "arn" {}\n'},
    "a role of a hybrid machine": {"main.tf": trusting("ssm.amazonaws.com", "")},
    "an instance with a profile": {"main.tf": INSTANCE % '"web"'},
    "an instance with an unknown profile": {"main.tf": INSTANCE % "var.p" + 'variable "p" {}\n'},
    "a template with a profile": {
        "main.tf": 'resource "aws_launch_template" "t" { iam_instance_profile { name = "web" } }\n'
    },
    "a node group": {"main.tf": 'resource "aws_eks_node_group" "g" { node_role_arn = "arn:aws:iam::1:role/n" }\n'},
    "an endpoint": {"main.tf": ENDPOINT % 'toset(["ec2messages", "ssm"])'},
    "an endpoint from values": {
        "main.tf": ENDPOINT % "toset(var.s)" + 'variable "s" {}\n',
        "terraform.tfvars": 's = ["ssm"]\n',
    },
    "a called module": {
        "main.tf": 'module "m" {\n  source = "./m"\n  powers = ["*"]\n}\n',
        "m/main.tf": VARIABLE,
    },
    "a module that was not read": {
        "main.tf": 'module "m" {\n  source = "example/instance/aws"\n  create_iam_instance_profile = true\n}\n'
    },
    "a module that was not read, and is given a grant": {
        "main.tf": 'module "m" {\n  source = "example/policy/aws"\n  actions = ["ssm:*"]\n}\n'
    },
    "JSON": {
        "main.tf.json": '{"resource": {"aws_iam_policy": {"p": {"policy": "${jsonencode({Statement = [{Effect = '
        '\\"Allow\\", Action = \\"*\\", Resource = \\"*\\"}]})}"}}}}'
    },
}


@pytest.mark.parametrize("case", CONCERNS)
def test_a_root_that_may_concern_sessions_is_read(case: str, tmp_path: Path) -> None:
    assert read_terraform([write(tmp_path, CONCERNS[case])]).accounts


@pytest.mark.parametrize(
    "given",
    [Inputs(variables={"powers": '["ssm:*"]'}), Inputs(environment={"powers": '["*", "s3:Get*"]'})],
    ids=["--var", "TF_VAR"],
)
def test_what_the_user_gives_counts(given: Inputs, tmp_path: Path) -> None:
    text = VARIABLE.replace("{}", '{ type = any\n default = ["s3:*"] }')
    assert read_terraform([write(tmp_path, {"main.tf": text})]).accounts == ()
    assert read_terraform([tmp_path], inputs=given).accounts


def test_a_file_of_values_that_the_user_names_counts(tmp_path: Path) -> None:
    write(tmp_path / "code", {"main.tf": VARIABLE.replace("{}", '{ default = "s3:*" }')})
    write(tmp_path, {"prod.tfvars": 'powers = "ssm:*"\n'})
    assert read_terraform([tmp_path / "code"]).accounts == ()
    assert read_terraform([tmp_path / "code"], inputs=Inputs(files=(tmp_path / "prod.tfvars",))).accounts


BUCKET = 'resource "aws_s3_bucket" "data" { bucket = "data" }\n'
LAMBDA = trusting("lambda.amazonaws.com", '"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"')
OTHERS: dict[str, dict[str, str | bytes]] = {
    "a function": {"main.tf": BUCKET + LAMBDA},
    "a function with parameters": {
        "main.tf": BUCKET
        + LAMBDA
        + 'resource "aws_iam_role_policy" "it" {\n  role = aws_iam_role.it.id\n  policy = '
        + GRANT % 'Action = ["ssm:GetParameter*", "s3:*"]'
        + "\n}\n"
    },
    "a function with a policy from elsewhere": {
        "main.tf": BUCKET + trusting("lambda.amazonaws.com", "var.arn") + 'variable "arn" {}\n'
    },
    "what everybody is denied": {
        "main.tf": BUCKET + 'resource "aws_s3_bucket_policy" "data" {\n  bucket = aws_s3_bucket.data.id\n'
        '  policy = jsonencode({ Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })\n}\n'
    },
    "a user who reads": {"main.tf": granting('Action = ["s3:Get*", "ssm:Get*", "ssm:Describe*"]')},
    "a user who must not": {"main.tf": granting('Action = "*"').replace('"Allow"', '"Deny"')},
    "a user with a policy of AWS's": {
        "main.tf": 'resource "aws_iam_user" "a" { name = "a" }\nresource "aws_iam_user_policy_attachment" "a" {\n'
        '  user = aws_iam_user.a.name\n  policy_arn = "arn:aws:iam::aws:policy/AmazonSESFullAccess"\n}\n'
    },
    "an instance without a profile": {"main.tf": 'resource "aws_instance" "web" { ami = "ami-1" }\n'},
    "no instance": {"main.tf": INSTANCE.replace("{", "{\n  count = 0\n", 1) % '"web"\n'},
    "another endpoint": {"main.tf": ENDPOINT % 'toset(["s3", "ecr.api"])'},
    "a parameter": {"main.tf": 'resource "aws_ssm_parameter" "p" { name = "ssm" }\n' + LAMBDA},
    "an unread module": {"main.tf": 'module "m" {\n  source = "example/vpc/aws"\n  hosts = ["*"]\n}\n'},
    "an unread module beside a user": {
        "main.tf": granting('Action = "s3:Get*"') + 'module "m" { source = "example/none/aws" }\n'
    },
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_root_about_something_else_is_left_out(case: str, tmp_path: Path) -> None:
    reading = read_terraform([write(tmp_path, OTHERS[case])])
    assert reading.accounts == ()
    assert any(each.startswith("nothing about Session Manager was found") for each in reading.notes)


def test_everything_is_no_sign_of_use(tmp_path: Path) -> None:
    """That somebody may do everything does not say that sessions are used; that somebody may start sessions does."""
    (account,) = read_terraform([write(tmp_path, {"main.tf": granting('Action = ["*", "ssm:*"]')})]).accounts
    assert account.usage_signs.items == ()
    (account,) = read_terraform([write(tmp_path, {"main.tf": granting('Action = "SSM:startsession"')})]).accounts
    assert [sign.detail for sign in account.usage_signs] == ["SSM:startsession"]
