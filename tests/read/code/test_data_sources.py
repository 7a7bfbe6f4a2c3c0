"""Data sources: `aws_iam_policy_document`, read back through a bucket's policy, and what others say without AWS."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory, Known, Record, Value
from ssm_hardening.iam.statements import Statement
from tests.read.code.evaluating import local
from tests.read.code.evaluating import plain as evaluated
from tests.read.facts.configurations import account_in, plain


def statements(folder: Path, data: str, which: str = "p") -> Inventory[Statement]:
    text = f"""
resource "aws_s3_bucket" "logs" {{
  bucket = "logs"
  policy = data.aws_iam_policy_document.{which}.json
}}
{data}
"""
    (bucket,) = account_in(folder, text).log_buckets
    return bucket.statements


def unfolded(value: Value[Any]) -> Any:
    match value:
        case Known(Record(members, None)):
            return {key: unfolded(member) for key, member in members.items()}
        case _:
            return plain(value)


def statement(body: str, sid: str = "") -> str:
    return f'statement {{\n sid = "{sid}"\n {body}\n}}\n'


def document(name: str, body: str) -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'


def actions(found: Inventory[Statement]) -> list[Any]:
    return [plain(each.actions) for each in found]


def test_every_part_of_a_statement(tmp_path: Path) -> None:
    body = """
      effect        = "Deny"
      not_actions   = ["s3:GetObject", "s3:PutObject"]
      not_resources = ["arn:aws:s3:::logs/&{aws:username}/*"]
      principals {
        type        = "AWS"
        identifiers = ["111122223333"]
      }
      principals {
        type        = "AWS"
        identifiers = ["444455556666"]
      }
      principals {
        type        = "Service"
        identifiers = ["logs.eu-west-1.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalTag/team"
        values   = ["a", "&{aws:username}"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = ["o-1"]
      }
    """
    (found,) = statements(tmp_path, document("p", statement(body, "Parts")))
    assert plain(found.sid) == "Parts"
    assert plain(found.effect) == "Deny"
    assert plain(found.actions) is None
    assert plain(found.not_actions) == ["s3:PutObject", "s3:GetObject"]
    assert plain(found.not_resources) == ["arn:aws:s3:::logs/${aws:username}/*"]
    assert unfolded(found.principals) == {
        "AWS": ["444455556666", "111122223333"],
        "Service": ["logs.eu-west-1.amazonaws.com"],
    }
    assert unfolded(found.conditions) == {
        "StringEquals": {"aws:PrincipalTag/team": ["a", "${aws:username}"], "aws:PrincipalOrgID": ["o-1"]}
    }


def test_allow_is_the_default_and_everybody_is_a_star(tmp_path: Path) -> None:
    body = 'actions = ["s3:*"]\n resources = ["*"]\n principals {\n type = "*"\n identifiers = ["*"]\n }'
    (found,) = statements(tmp_path, document("p", statement(body)))
    assert plain(found.effect) == "Allow"
    assert plain(found.sid) is None
    assert unfolded(found.principals) == {"*": ["*"]}


def test_one_unknown_member_leaves_the_others(tmp_path: Path) -> None:
    body = 'actions = ["s3:GetObject"]\n resources = ["arn:aws:s3:::${var.b}/*"]\n effect = var.b'
    (found,) = statements(tmp_path, 'variable "b" {}\n' + document("p", statement(body)))
    assert plain(found.actions) == ["s3:GetObject"]
    assert str(found.effect).startswith("Unknown")


def simple(action: str, sid: str = "") -> str:
    return statement(f'actions = ["s3:{action}"]\n resources = ["*"]', sid)


def test_dynamic_statements(tmp_path: Path) -> None:
    dynamic = """
    dynamic "statement" {
      for_each = ["GetObject", "PutObject"]
      content {
        actions   = ["s3:${statement.value}"]
        resources = ["*"]
      }
    }
    """
    assert actions(statements(tmp_path, document("p", dynamic))) == [["s3:GetObject"], ["s3:PutObject"]]


def test_dynamic_statements_that_cannot_be_told_are_a_gap(tmp_path: Path) -> None:
    dynamic = """
    dynamic "statement" {
      for_each = var.more
      content {
        actions = [statement.value]
      }
    }
    """
    found = statements(tmp_path, 'variable "more" {}\n' + document("p", simple("GetObject") + dynamic))
    assert ["s3:GetObject"] in actions(found)
    assert found.gap is not None


def test_later_statements_with_a_sid_take_the_place_of_earlier_ones(tmp_path: Path) -> None:
    sources = "source_policy_documents = [data.aws_iam_policy_document.base.json]\n"
    overrides = "override_policy_documents = [data.aws_iam_policy_document.last.json]\n"
    data = (
        document("base", simple("A", "One") + simple("B", "Two") + simple("C", "Three") + simple("D"))
        + document("p", sources + overrides + simple("E", "Two") + simple("F", "Four"))
        + document("last", simple("G", "Three") + simple("H", "Four") + simple("I"))
    )
    assert actions(statements(tmp_path, data)) == [["s3:A"], ["s3:E"], ["s3:G"], ["s3:D"], ["s3:H"], ["s3:I"]]


def test_a_source_document_may_be_any_json(tmp_path: Path) -> None:
    sources = 'source_policy_documents = [jsonencode({ Statement = { Effect = "Allow", Action = "s3:A" } }), ""]\n'
    assert actions(statements(tmp_path, document("p", sources + simple("B")))) == [["s3:A"], ["s3:B"]]


def test_an_unknown_source_document_is_a_gap_and_no_more(tmp_path: Path) -> None:
    data = 'variable "base" {}\n' + document("p", "source_policy_documents = [var.base]\n" + simple("B", "Own"))
    found = statements(tmp_path, data)
    assert actions(found) == [["s3:B"]]
    assert found.gap is not None


def test_an_unknown_override_may_replace_what_has_a_sid(tmp_path: Path) -> None:
    data = 'variable "last" {}\n' + document(
        "p", "override_policy_documents = [var.last]\n" + simple("B", "Own") + simple("C")
    )
    found = statements(tmp_path, data)
    assert actions(found) == [["s3:C"]]
    assert found.gap is not None


def test_the_deprecated_arguments(tmp_path: Path) -> None:
    data_source = "data.aws_iam_policy_document"
    arguments = f"source_json = {data_source}.base.json\n override_json = {data_source}.last.json\n"
    data = (
        document("base", simple("A", "One") + simple("B"))
        + document("p", arguments + simple("C", "One"))
        + document("last", simple("D", "One"))
    )
    assert actions(statements(tmp_path, data)) == [["s3:D"], ["s3:B"]]


def test_a_sid_that_cannot_be_told_may_replace_statements_of_sources_only(tmp_path: Path) -> None:
    data = (
        'variable "sid" {}\n'
        + document("base", simple("A", "One") + simple("B"))
        + document(
            "p",
            "source_policy_documents = [data.aws_iam_policy_document.base.json]\n"
            + simple("C", "Own")
            + simple("D", "x").replace('"x"', "var.sid"),
        )
    )
    found = statements(tmp_path, data)
    assert actions(found) == [["s3:B"], ["s3:C"], ["s3:D"]]
    assert found.gap is not None


PROVIDERS = """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "gov"
  region = "us-gov-west-1"
  default_tags {
    tags = { team = "a" }
  }
}
provider "aws" {
  alias = "any"
}
variable "region" {}
data "aws_partition" "p" {}
resource "aws_iam_policy" "own" {
  name   = "own"
  policy = "{}"
}
resource "aws_iam_policy" "gone" {
  count  = 0
  name   = "gone"
  policy = "{}"
}
resource "aws_kms_key" "k" {
  enable_key_rotation = true
}
resource "local_file" "made" { filename = "main.tf" }
"""


SERVICE = "aws_vpc_endpoint_service"
GOV = "arn:aws-us-gov:iam::aws:policy"
FOLLOWS = [
    (SERVICE, 'service = "ssm"', "service_name", "com.amazonaws.eu-west-1.ssm"),
    (SERVICE, 'service = "ssm"\nservice_type = "Interface"', "service_type", "Interface"),
    (SERVICE, 'service = "ssm"\nprovider = aws.gov', "service_name", "com.amazonaws.us-gov-west-1.ssm"),
    (SERVICE, 'service = "ssm"\nregion = "us-east-1"', "service_name", "com.amazonaws.us-east-1.ssm"),
    (SERVICE, 'service = "ssm"\nregion = var.region', "service_name", "com.amazonaws.?.ssm"),
    (SERVICE, 'service = "ssm"\nprovider = aws.any', "service_name", f"com.amazonaws.<data.{SERVICE}.it.region>.ssm"),
    (SERVICE, 'service_name = "com.amazonaws.eu-west-1.kms"', "service_name", "com.amazonaws.eu-west-1.kms"),
    (SERVICE, 'filter {\nname = "service-name"\nvalues = ["a.b.kms"]\n}', "service_name", "a.b.kms"),
    (SERVICE, 'filter {\nname = "service-name"\nvalues = ["*kms"]\n}', "service_name", "?"),
    (SERVICE, 'filter {\nname = "service-name"\nvalues = ["a", "b"]\n}', "service_name", "?"),
    (SERVICE, 'service = "ssm"', "availability_zones", "?"),
    ("aws_service", 'service_id = "ssm"', "id", "com.amazonaws.eu-west-1.ssm"),
    ("aws_service", 'dns_name = "s3.us-east-1.amazonaws.com"', "reverse_dns_name", "com.amazonaws.us-east-1.s3"),
    ("aws_service", 'reverse_dns_name = "com.amazonaws.us-east-1.s3"', "dns_name", "s3.us-east-1.amazonaws.com"),
    ("aws_service_principal", 'service_name = "logs"', "name", "logs.amazonaws.com"),
    ("aws_service_principal", 'service_name = "logs"\nregion = "cn-north-1"', "suffix", "?"),
    ("aws_arn", 'arn = "arn:aws:s3:::x/y:z"', "resource", "x/y:z"),
    ("aws_arn", "arn = aws_kms_key.k.arn", "service", "?"),
    ("aws_default_tags", "provider = aws.gov", "tags", {"team": "a"}),
    ("aws_iam_policy", 'name = "AdministratorAccess"', "arn", "arn:aws:iam::aws:policy/AdministratorAccess"),
    (
        "aws_iam_policy",
        'arn = "arn:${data.aws_partition.p.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"',
        "path",
        "/service-role/",
    ),
    ("aws_iam_policy", 'name = "PowerUserAccess"\nprovider = aws.gov', "id", f"{GOV}/PowerUserAccess"),
    ("aws_iam_policy", "arn = aws_iam_policy.own.arn", "policy", "{}"),
    ("aws_iam_policy", 'name = "own"', "arn", "<aws_iam_policy.own.arn>"),
    ("aws_iam_policy", 'name = "own"\nprovider = aws.gov', "policy", "?"),
    ("aws_iam_policy", 'name = "gone"', "policy", "?"),
    ("aws_iam_policy", 'name = "neither"', "policy", "?"),
    ("aws_kms_key", "key_id = aws_kms_key.k.id", "arn", "<aws_kms_key.k.arn>"),
    ("aws_kms_key", "key_id = aws_kms_key.k.id", "enable_key_rotation", True),
    ("local_file", 'filename = "${path.module}/x.txt"', "content", "hello"),
    ("local_file", 'filename = "${path.module}/x.txt"\ndepends_on = [aws_kms_key.k]', "content", "?"),
    ("local_file", "filename = local_file.made.filename", "content", "?"),
]


@pytest.mark.parametrize(("of", "arguments", "attribute", "expected"), FOLLOWS)
def test_what_follows_from_the_arguments(
    of: str, arguments: str, attribute: str, expected: Any, tmp_path: Path
) -> None:
    text = f'{PROVIDERS}data "{of}" "it" {{\n{arguments}\n}}\n'
    found = local(tmp_path, text, expression=f"data.{of}.it.{attribute}", more={"x.txt": "hello"})
    assert evaluated(found) == expected


POLICY = document("p", 'statement {\n actions = ["s3:Get"]\n resources = ["arn:aws:s3:::PLACE/*"]\n}')
JSON = "data.aws_iam_policy_document.p.json"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"sha256({JSON})", "?"),
        (f'replace({JSON}, "\\"Allow\\"", "\\"Deny\\"")', "?"),
        (f'replace({JSON}, "/s3/", "x")', "?"),
        (f'strcontains({JSON}, "\\": \\"")', "?"),
        (f'jsondecode(replace({JSON}, "PLACE", "logs")).Statement[0].Resource', "arn:aws:s3:::logs/*"),
        (f"jsondecode({JSON}).Statement[0].Action", "s3:Get"),
        (f'jsondecode("{{ \\"policy\\": ${{{JSON}}} }}").policy.Statement[0].Effect', "Allow"),
        (f"jsondecode(trimspace({JSON})).Version", "2012-10-17"),
    ],
)
def test_the_layout_of_a_policy_is_not_known(expression: str, expected: str, tmp_path: Path) -> None:
    assert evaluated(local(tmp_path, POLICY, expression=expression)) == expected
