"""`ssm-harden access` of code, snapshots and nothing readable."""

import json
from pathlib import Path

import jsonschema
import pytest

import ssm_hardening
from ssm_hardening.read.snapshot import to_json
from tests.access.samples import operators
from tests.cli.running import TOP, ssm_harden, write

SCHEMA = Path(ssm_hardening.__file__).parent / "schemas" / "access-1.schema.json"


def test_the_operators_of_code_with_their_statements() -> None:
    ran = ssm_harden("access", "hardened", "--format", "json", cwd=TOP / "examples")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    jsonschema.validate(told, json.loads(SCHEMA.read_text()))
    (operator,) = told["accounts"][0]["people"]
    answers = {asked: answer["short"] for asked, answer in operator["answers"].items()}
    assert answers == {
        "nodes": "by tag",
        "unrecorded": "no",
        "root": "no",
        "preferences": "no",
        "commands": "no",
        "shells": "no",
        "escalation": "no",
    }
    (path,) = operator["answers"]["nodes"]["paths"][:1]
    assert path["links"][0]["at"]["file"] == "hardened/roles.tf"


def test_a_snapshot_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"account.json": json.dumps(to_json([operators()]))})
    ran = ssm_harden("access", "--snapshot", "account.json", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "user 5-administrator" in ran.out


@pytest.mark.parametrize("options", [[], ["--full"]])
def test_where_nobody_and_no_node_is_declared(tmp_path: Path, options: list[str]) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_s3_bucket" "b" { bucket = "b" }'})
    ran = ssm_harden("access", ".", *options, cwd=tmp_path)
    assert ran.out == "Nothing to show: neither nodes nor permissions for sessions were found.\n"


def test_nothing_readable_is_wrong_usage(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_ssm_document" "prefs" {'})
    assert ssm_harden("access", ".", cwd=tmp_path).code == 2


TWO_REGIONS = """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_ssm_document" "eu" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = "{}"
}
resource "aws_ssm_document" "us" {
  provider      = aws.us
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = "{}"
}
"""


def test_a_root_of_two_regions_has_a_view_of_each_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": TWO_REGIONS})
    heads = [line.split("  ")[0] for line in ssm_harden("access", cwd=tmp_path).out.splitlines() if "Who" in line]
    assert heads == ["Who can do what: . (eu-west-1)", "Who can do what: . (us-east-1)"]


ASKED = """
locals {
  region = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
  ours   = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } }
  trust  = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }
  kept   = { Sid = "Kept", Effect = "Deny", Principal = "*", Action = "s3:DeleteObject", Resource = local.all }
  all    = "${aws_s3_bucket.logs.arn}/*"
}
resource "aws_iam_role" "sre" {
  name               = "sre"
  assume_role_policy = jsonencode({ Statement = [local.trust] })
}
resource "aws_iam_role_policy" "sre" {
  role = aws_iam_role.sre.name
  policy = jsonencode({ Statement = [
    { Sid = "Keys", Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "*", Condition = local.region },
    { Sid = "Read", Effect = "Allow", Action = "s3:*", Resource = local.all },
    { Sid = "Sessions", Effect = "Allow", Action = "ssm:StartSession", Resource = "*", Condition = local.ours },
  ] })
}
resource "aws_iam_user" "sre" {
  name = "sre"
}
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({ Statement = [local.kept] })
}
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = { s3BucketName = aws_s3_bucket.logs.id }
  })
}
"""
"""One role and one user of the same name, a bucket whose policy keeps recordings, and a grant with a condition."""

DECISION = Path(ssm_hardening.__file__).parent / "schemas" / "decision-1.schema.json"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    write(folder, {"main.tf": ASKED})
    return folder


@pytest.mark.parametrize(
    ("question", "answer", "by"),
    [
        (("iam:CreateAccessKey", "*", "aws:RequestedRegion=eu-west-1"), "allowed", ["statement Keys"]),
        (("iam:CreateAccessKey", "*", "AWS:requestedregion=us-east-1"), "denied", []),
        (("iam:DeleteUser", "*"), "denied", []),
        (("s3:GetObject", "aws_s3_bucket.logs/x"), "allowed", ["statement Read"]),
        (("s3:GetObject", "arn:aws:s3:::logs/x"), "allowed", ["statement Read"]),
        (("s3:DeleteObject", "aws_s3_bucket.logs/x"), "denied", ["statement Kept"]),
        (("s3:GetObject", "arn:aws:s3:::logs-of-others/x"), "undecided", []),
        (("ssm:StartSession", "*", "aws:PrincipalOrgID=o-1"), "allowed", ["statement Sessions"]),
        (("ssm:StartSession", "*", "aws:PrincipalOrgID=o-2"), "denied", []),
        (("ssm:StartSession", "*"), "undecided", []),
    ],
)
def test_one_question_is_answered_with_the_statements_that_decide(
    asked: Path, question: tuple[str, ...], answer: str, by: list[str]
) -> None:
    """No answer is a failure: what a script wants to know stands in the JSON."""
    action, resource, *context = question
    more = [word for each in context for word in ("--context", each)]
    ran = ssm_harden("access", ".", "--can", "role sre", action, resource, *more, "--format", "json", cwd=asked)
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    jsonschema.validate(told, json.loads(DECISION.read_text()))
    assert (told["answer"], [each["what"] for each in told["by"]]) == (answer, by)
    assert (told["why"] is not None) == (answer == "undecided")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--can", "sre", "iam:CreateUser", "*"], "aws_iam_role.sre (.) or aws_iam_user.sre (.)"),
        (["--can", "aws_iam_role.sra", "iam:CreateUser", "*"], "did you mean aws_iam_role.sre?"),
        (["--can", "role sre", "ssmm:CreateUser", "*"], "did you mean ssm?"),
        (["--can", "role sre", "CreateUser", "*"], "use SERVICE:ACTION"),
        (["--can", "role sre", "iam:CreateUser", "aws_s3_bucket.log"], "did you mean aws_s3_bucket.logs?"),
        (["--can", "role sre", "s3:GetObject", "aws_s3_bucket.logs"], "aws_s3_bucket.logs/KEY"),
        (["--can", "role sre", "iam:CreateUser", "*", "--context", "region"], "use KEY=VALUE"),
        (["--context", "aws:RequestedRegion=eu-west-1"], "add --can"),
        (["--can", "role sre", "iam:CreateUser"], "requires 3 arguments"),
    ],
)
def test_what_cannot_be_asked_is_wrong_usage_with_a_hint(asked: Path, words: list[str], told: str) -> None:
    ran = ssm_harden("access", ".", *words, cwd=asked)
    assert ran.code == 2
    assert told in " ".join(ran.err.split())


def test_an_answer_for_people_names_what_decides_and_what_was_not_read(asked: Path) -> None:
    ran = ssm_harden("access", ".", "--can", "role sre", "ssm:StartSession", "*", cwd=asked)
    assert ran.out.startswith("undecided  whether role sre may ssm:StartSession on *\n")
    assert "--context aws:PrincipalOrgID=VALUE" in ran.out
    assert "service control policies" in ran.out


def test_a_role_with_a_path_is_known_by_its_arn_and_admits_by_its_trust_policy(tmp_path: Path) -> None:
    """Code knows no account, so an ARN of any account means the role; a trust policy that names a user is enough."""
    trust = '{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.bob.arn } }'
    code = f"""
resource "aws_iam_user" "bob" {{
  name = "bob"
}}
resource "aws_iam_role" "ops" {{
  name               = "ops"
  path               = "/team/"
  assume_role_policy = jsonencode({{ Statement = [{trust}] }})
}}
resource "aws_ssm_document" "prefs" {{
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = "{{}}"
}}
"""
    write(tmp_path, {"main.tf": code})
    arn = "arn:aws:iam::111122223333:role/team/ops"
    by_arn = ssm_harden("access", ".", "--can", arn, "iam:CreateUser", "*", cwd=tmp_path)
    assert by_arn.out.startswith("denied     role ops may not iam:CreateUser on *\n")
    into = ssm_harden("access", ".", "--can", "bob", "sts:AssumeRole", "aws_iam_role.ops", cwd=tmp_path)
    assert into.out.startswith("allowed    user bob may sts:AssumeRole on arn:aws:iam::<account>:role/team/ops\n")
    other = ssm_harden(
        "access", ".", "--can", "arn:aws:iam::111122223333:role/ops", "iam:CreateUser", "*", cwd=tmp_path
    )
    assert other.code == 2


@pytest.mark.parametrize(
    "words",
    [["plan", "-v"], ["plan", "--format", "json"], ["access", "--can", "sre", "iam:PutRolePolicy", "*"]],
    ids=" ".join,
)
def test_a_sensitive_value_is_withheld_from_the_context_of_a_request(tmp_path: Path, words: list[str]) -> None:
    """The tag of the role is what the policy asks for, and is shown with the request that it allows."""
    code = """
variable "team" {
  sensitive = true
  default   = "falcon-nine-team"
}
resource "aws_iam_role" "sre" {
  name               = "sre"
  tags               = { team = var.team }
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = "*" }] })
}
resource "aws_iam_role_policy" "sre" {
  role   = aws_iam_role.sre.name
  policy = jsonencode({ Statement = [local.tagged] })
}
locals {
  asks   = { StringEquals = { "aws:PrincipalTag/team" = var.team } }
  tagged = { Effect = "Allow", Action = "iam:PutRolePolicy", Resource = "*", Condition = local.asks }
}
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = "{}"
}
"""
    write(tmp_path, {"main.tf": code})
    ran = ssm_harden(words[0], ".", *words[1:], cwd=tmp_path)
    assert "aws:PrincipalTag/team" in ran.out
    assert "(sensitive)" in ran.out
    assert "falcon" not in ran.out + ran.err
