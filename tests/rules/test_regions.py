"""Documents, stores and keys belong to a Region: what a document of another one names is told by its Region."""

from pathlib import Path

import pytest

from ssm_hardening.judge.engine import run
from ssm_hardening.report.verdicts import verdict_name
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Failed, Severity
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.judge.test_regions import EU, US, provider
from tests.read.facts.configurations import accounts_in

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


def document(inputs: str, more: str = "") -> str:
    return f"""resource "aws_ssm_document" "d" {{
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({{ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {{ {inputs} }} }})
  {more}
}}
"""


def verdicts(folder: Path, rule: str, *parts: str) -> dict[str, str]:
    found = run([load_rule(rule)], accounts_in(folder, "\n".join(parts)), BUILT_IN["baseline"]).findings
    return {
        f"{each.region} {each.subject}": verdict_name(each) for each in found if verdict_name(each) != "not_applicable"
    }


def only(folder: Path, rule: str, *parts: str) -> str:
    (verdict,) = verdicts(folder, rule, *parts).values()
    return verdict


def arn(region: str, account: str = "111122223333", name: str = f"key/{KEY}") -> str:
    return f'kmsKeyId = "arn:aws:kms:{region}:{account}:{name}"'


@pytest.mark.parametrize(
    ("region", "name", "verdict"),
    [
        ("us-east-1", f"key/{KEY}", "passed"),
        ("eu-west-1", f"key/{KEY}", "failed"),
        ("eu-west-1", "alias/sessions", "failed"),
        ("us-east-1", "key/mrk-1234abcd12ab34cd56ef1234567890ab", "passed"),
        ("eu-west-1", "key/mrk-1234abcd12ab34cd56ef1234567890ab", "failed"),
    ],
)
def test_the_arn_of_a_key_names_its_region(tmp_path: Path, region: str, name: str, verdict: str) -> None:
    assert only(tmp_path, "KMS-01", US, document(arn(region, name=name))) == verdict
    expected = "failed" if verdict == "failed" else "passed"
    assert only(tmp_path, "PREF-14", US, document(arn(region, name=name))) == expected


def test_an_arn_is_of_no_region_that_is_not_named(tmp_path: Path) -> None:
    verdict = only(tmp_path, "KMS-01", 'provider "aws" {}', document(arn("us-east-1")))
    assert verdict == "undecided"


def test_every_session_is_refused_where_the_key_is_elsewhere(tmp_path: Path) -> None:
    accounts = accounts_in(tmp_path, US + document(arn("eu-west-1")))
    (found,) = run([load_rule("KMS-01")], accounts, BUILT_IN["baseline"]).findings
    assert isinstance(found.verdict, Failed)
    assert found.severity is Severity.HIGH
    assert "is in eu-west-1, and sessions in us-east-1 cannot use it" in found.verdict.message


FAR_KEY = 'resource "aws_kms_key" "k" {\n  provider = aws.eu\n  enable_key_rotation = true\n}\n'


def test_a_key_of_another_alias_is_of_its_region_and_used(tmp_path: Path) -> None:
    for named in (
        "kmsKeyId = aws_kms_key.k.arn",
        'kmsKeyId = "arn:aws:kms:eu-west-1:${data.aws_caller_identity.x.account_id}:key/${aws_kms_key.k.key_id}"',
    ):
        parts = (US, EU, FAR_KEY, 'data "aws_caller_identity" "x" {}', document(named))
        assert only(tmp_path, "KMS-01", *parts) == "failed"
        assert only(tmp_path, "PREF-14", *parts) == "failed"
        assert verdicts(tmp_path, "KMS-03", *parts) == {"eu-west-1 aws_kms_key.k": "passed"}


def test_an_alias_of_another_region_leads_to_a_key_there(tmp_path: Path) -> None:
    body = 'provider = aws.eu\n  name = "alias/s"\n  target_key_id = aws_kms_key.k.id'
    alias = f'resource "aws_kms_alias" "a" {{\n  {body}\n}}\n'
    assert only(tmp_path, "KMS-01", US, EU, FAR_KEY, alias, document("kmsKeyId = aws_kms_alias.a.arn")) == "failed"
    named = document(arn("eu-west-1", name="alias/s"))
    assert verdicts(tmp_path, "KMS-03", US, EU, FAR_KEY, alias, named) == {"eu-west-1 aws_kms_key.k": "passed"}
    here = document('kmsKeyId = "alias/s"')
    assert verdicts(tmp_path, "KMS-03", US, EU, FAR_KEY, alias, here) == {}


def test_a_replica_in_the_region_of_the_document_is_right(tmp_path: Path) -> None:
    replica = 'resource "aws_kms_replica_key" "r" {\n  primary_key_arn = aws_kms_key.k.arn\n}\n'
    assert (
        only(tmp_path, "KMS-01", US, EU, FAR_KEY, replica, document("kmsKeyId = aws_kms_replica_key.r.arn")) == "passed"
    )


def test_where_no_provider_names_the_region_nothing_is_claimed(tmp_path: Path) -> None:
    nowhere = provider("", "eu")
    assert only(tmp_path, "KMS-01", US, nowhere, FAR_KEY, document("kmsKeyId = aws_kms_key.k.arn")) == "undecided"


FAR_GROUP = (
    'resource "aws_cloudwatch_log_group" "g" {\n  provider = aws.eu\n  name = "/g"\n  retention_in_days = 400\n}\n'
)


def test_a_log_group_of_another_alias_is_of_its_region_and_used(tmp_path: Path) -> None:
    parts = (US, EU, FAR_GROUP, document("cloudWatchLogGroupName = aws_cloudwatch_log_group.g.name"))
    assert [only(tmp_path, rule, *parts) for rule in ("CW-01", "PREF-14")] == ["failed", "failed"]
    assert verdicts(tmp_path, "CW-03", *parts) == {"eu-west-1 aws_cloudwatch_log_group.g": "passed"}
    assert only(tmp_path, "CW-01", US, EU, FAR_GROUP, document('cloudWatchLogGroupName = "/g"')) == "undecided"


def test_an_argument_for_the_region_counts_like_an_alias(tmp_path: Path) -> None:
    group = FAR_GROUP.replace("provider = aws.eu", 'region = "eu-west-1"')
    named = "cloudWatchLogGroupName = aws_cloudwatch_log_group.g.name"
    assert only(tmp_path, "CW-01", US, group, document(named)) == "failed"
    assert only(tmp_path, "CW-01", US, group, document(named, 'region = "eu-west-1"')) == "passed"


FAR_BUCKET = 'resource "aws_s3_bucket" "b" {\n  provider = aws.WHERE\n  bucket = "b"\n}\n'


def test_a_bucket_may_be_in_any_region_and_is_judged_once(tmp_path: Path) -> None:
    for named in ("aws_s3_bucket.b.id", '"b"'):
        parts = (US, EU, FAR_BUCKET.replace("WHERE", "eu"), document(f"s3BucketName = {named}"))
        assert only(tmp_path, "S3-01", *parts) == "passed"
        assert verdicts(tmp_path, "S3-04", *parts) == {"eu-west-1 aws_s3_bucket.b": "failed"}


def test_a_bucket_of_another_account_is_none_of_this_account(tmp_path: Path) -> None:
    other = provider("eu-west-1", "other", 'allowed_account_ids = ["444455556666"]')
    parts = (US, other, FAR_BUCKET.replace("WHERE", "other"), document("s3BucketName = aws_s3_bucket.b.id"))
    assert only(tmp_path, "S3-01", *parts) == "undecided"


@pytest.mark.parametrize("rule", ["KMS-02", "KMS-03", "KMS-04", "KMS-05", "KMS-06", "KMS-07"])
def test_what_a_key_of_another_account_is_like_is_told_there(tmp_path: Path, rule: str) -> None:
    assert only(tmp_path, rule, US, document(arn("us-east-1", "444455556666"))) == "undecided"
    assert verdicts(tmp_path, rule, US, document(arn("us-east-1"))) == {}


def test_the_key_of_a_log_group_is_of_its_region_and_known(tmp_path: Path) -> None:
    group = 'resource "aws_cloudwatch_log_group" "g" {\n  name = "/g"\n  kms_key_id = KEY\n}\n'
    named = document("cloudWatchLogGroupName = aws_cloudwatch_log_group.g.name")
    lookup = 'data "aws_kms_alias" "k" {\n  name = "alias/${var.key}"\n}\nvariable "key" {}\n'
    keys = {
        "aws_kms_key.k.arn": "failed",
        f'"arn:aws:kms:eu-west-1:111122223333:key/{KEY}"': "failed",
        f'"arn:aws:kms:us-east-1:111122223333:key/{KEY}"': "passed",
        "data.aws_kms_alias.k.target_key_arn": "undecided",
    }
    for key, verdict in keys.items():
        assert only(tmp_path, "CW-02", US, EU, FAR_KEY, lookup, group.replace("KEY", key), named) == verdict, key
    assert (
        only(tmp_path, "KMS-01", US, lookup, document("kmsKeyId = data.aws_kms_alias.k.target_key_arn")) == "undecided"
    )


def test_patterns_of_keys_are_told_for_a_key_that_is_declared(tmp_path: Path) -> None:
    def operator(resource: str) -> str:
        return f"""
resource "aws_kms_key" "k" {{}}
resource "aws_iam_user" "u" {{ name = "u" }}
resource "aws_iam_user_policy" "u" {{
  user = aws_iam_user.u.name
  policy = jsonencode({{ Statement = [
    {{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }},
    {{ Effect = "Allow", Action = "kms:GenerateDataKey", Resource = "{resource}" }},
  ] }})
}}
"""

    named = document("kmsKeyId = aws_kms_key.k.arn")
    for region, verdict in (("us-east-1", "passed"), ("eu-west-1", "failed")):
        parts = (US, operator(f"arn:aws:kms:{region}:111122223333:key/*"), named)
        assert only(tmp_path, "KMS-07", *parts) == verdict
