"""Companions of an object that name it by one another: `bucket = aws_s3_bucket_policy.p.id`."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Known, Unknown
from tests.read.code.test_plan_json import SESSION, block, change, document, plan, read
from tests.read.facts.configurations import account_in, bucket_in, plain

BUCKET = "aws_s3_bucket.logs.id"


def versioning(bucket: str) -> str:
    return (
        f'resource "aws_s3_bucket_versioning" "v" {{\n bucket = {bucket}\n'
        ' versioning_configuration {\n status = "Enabled"\n }\n}\n'
    )


LINK = """
resource "aws_s3_bucket_policy" "first" {{
  bucket = {bucket}
  policy = "{{}}"
}}
resource "aws_s3_bucket_ownership_controls" "second" {{
  bucket = aws_s3_bucket_policy.first.id
  {more}
  rule {{
    object_ownership = "BucketOwnerEnforced"
  }}
}}
"""


@pytest.mark.parametrize("named", [BUCKET, '"logs"', "aws_s3_bucket.logs.bucket"])
@pytest.mark.parametrize("attribute", ["id", "bucket"])
def test_settings_in_a_row_name_the_bucket_by_one_another(tmp_path: Path, attribute: str, named: str) -> None:
    chain = LINK.format(bucket=named, more="") + versioning(f"aws_s3_bucket_ownership_controls.second.{attribute}")
    bucket = bucket_in(tmp_path, chain)
    assert plain(bucket.versioning) is True
    assert not bucket.ownership.defaulted  # type: ignore[union-attr] # it is known


def test_a_setting_of_one_bucket_names_no_other_one(tmp_path: Path) -> None:
    more = 'resource "aws_s3_bucket" "other" {}\n' + LINK.format(bucket="aws_s3_bucket.other.id", more="")
    account = account_in(
        tmp_path,
        'resource "aws_s3_bucket" "logs" {\n bucket = "logs"\n}\n'
        f"{more}{versioning('aws_s3_bucket_ownership_controls.second.id')}",
    )
    assert [plain(each.versioning) for each in account.log_buckets] == [False, True]


@pytest.mark.parametrize(
    ("kind", "end", "attribute", "versioned"),
    [
        ("aws_s3_bucket_logging", 'expected_bucket_owner = "111122223333"', "id", False),
        ("aws_s3_bucket_logging", 'expected_bucket_owner = "111122223333"', "bucket", True),
        ("aws_s3_bucket_acl", 'acl = "private"', "id", False),
        ("aws_s3_bucket_acl", 'acl = "private"', "bucket", True),
    ],
)
def test_an_id_of_several_parts_is_no_buckets_name(
    tmp_path: Path, kind: str, end: str, attribute: str, versioned: object
) -> None:
    link = f'resource "{kind}" "first" {{\n bucket = {BUCKET}\n {end}\n target_bucket = "a"\n}}\n'
    assert plain(bucket_in(tmp_path, link + versioning(f"{kind}.first.{attribute}")).versioning) is versioned


def test_settings_that_name_one_another_in_a_circle_name_nothing(tmp_path: Path) -> None:
    circle = versioning("aws_s3_bucket_logging.l.bucket") + (
        'resource "aws_s3_bucket_logging" "l" {\n bucket = aws_s3_bucket_versioning.v.bucket\n target_bucket = "a"\n}'
    )
    assert isinstance(bucket_in(tmp_path, circle).versioning, Unknown)


KEY = """
resource "aws_kms_key" "logs" {}
resource "aws_kms_key_policy" "logs" {
  key_id = aws_kms_key.logs.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })
}
resource "aws_kms_alias" "logs" {
  name          = "alias/logs"
  target_key_id = aws_kms_key_policy.logs.key_id
}
"""


RECORDED_IN_LOGS = """
resource "aws_ssm_document" "p" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { cloudWatchLogGroupName = "logs" }
  })
}
"""


@pytest.mark.parametrize(
    "named",
    ["aws_kms_key_policy.logs.id", "aws_kms_key_policy.logs.key_id", "aws_kms_alias.logs.target_key_arn",
     "aws_kms_alias.logs.target_key_id", "aws_kms_alias.logs.arn"],
)  # fmt: skip
def test_a_key_is_named_by_its_policy_or_alias(tmp_path: Path, named: str) -> None:
    group = f'resource "aws_cloudwatch_log_group" "g" {{\n name = "logs"\n kms_key_id = {named}\n}}\n'
    (key,) = account_in(tmp_path, KEY + group + RECORDED_IN_LOGS).keys
    assert plain(key.used_by) == ["aws_cloudwatch_log_group.g"]
    assert len(key.statements.items) == 1
    assert "alias/logs" in key.aliases.items


def test_the_arn_of_an_aliased_key_is_that_of_the_key(tmp_path: Path) -> None:
    named = "aws_kms_alias.logs.target_key_arn"
    group = f'resource "aws_cloudwatch_log_group" "g" {{\n name = "logs"\n kms_key_id = {named}\n}}\n'
    (found,) = account_in(tmp_path, KEY + group).log_groups
    assert str(plain(found.kms_key)) == "aws_kms_key.logs.arn"


@pytest.mark.parametrize(("owner", "versioned"), [({}, True), ({"expected_bucket_owner": {}}, None)])
def test_in_a_plan_a_new_bucket_is_named_by_the_id_of_a_setting(
    tmp_path: Path, owner: dict[str, Any], versioned: object
) -> None:
    later = {"after_unknown": {"id": True, "bucket": True}}
    (account,) = read(
        tmp_path,
        plan(
            document(SESSION % ""),
            change("aws_s3_bucket.b", {"bucket_prefix": "logs-"}, **later),
            change("aws_s3_bucket_logging.l", {"target_bucket": "a"}, **later),
            change("aws_s3_bucket_versioning.v", {"versioning_configuration": [{"status": "Enabled"}]}, **later),
            configuration={
                "resources": [
                    block("aws_s3_bucket.b"),
                    block("aws_s3_bucket_logging.l", bucket={"references": ["aws_s3_bucket.b.id"]}, **owner),
                    block("aws_s3_bucket_versioning.v", bucket={"references": ["aws_s3_bucket_logging.l.id"]}),
                ]
            },
        ),
    )
    (bucket,) = account.log_buckets
    assert (bucket.versioning.value if isinstance(bucket.versioning, Known) else None) is versioned
