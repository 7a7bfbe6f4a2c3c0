"""What reaches the logs within a bucket: expiry by lifecycle rules, and the bucket's policy."""

from pathlib import Path

import pytest

from ssm_hardening.core.values import Unknown, Why
from tests.read.facts.configurations import bucket_in, may_be, plain

BUCKET = "aws_s3_bucket.logs.id"


def lifecycle(rule: str) -> str:
    return f"""
resource "aws_s3_bucket_lifecycle_configuration" "logs" {{
  bucket = aws_s3_bucket.logs.id
  {rule}
}}
variable "days" {{}}
resource "aws_ssm_document" "prefs" {{
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({{
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = {{ s3BucketName = aws_s3_bucket.logs.id, s3KeyPrefix = "sessions" }}
  }})
}}
"""


def expiring(days: object, narrowed: str = "", status: str = "Enabled") -> str:
    return f'rule {{\n id = "x"\n status = "{status}"\n {narrowed}\n expiration {{\n days = {days}\n }}\n }}\n'


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        (expiring(30), 30),
        (expiring(30) + expiring(10), 10),
        (expiring(30) + expiring(10, status="Disabled"), 30),
        (expiring(30, 'filter {\n prefix = "sessions/"\n }'), 30),
        (expiring(30, 'filter {\n prefix = ""\n }'), 30),
        (expiring(30, 'prefix = "sess"'), 30),
        (expiring(30, 'filter {\n prefix = "other/"\n }'), None),
        (expiring(30, 'filter {\n prefix = "sessions/a/"\n }'), None),
        (expiring("var.days"), Why.UNRESOLVED_INPUT),
    ],
)
def test_the_shortest_expiry_that_reaches_session_logs(tmp_path: Path, rules: str, days: object) -> None:
    assert plain(bucket_in(tmp_path, lifecycle(rules)).expiration_days) == days


@pytest.mark.parametrize(
    "narrowed",
    [
        'filter {\n prefix = "sessions/admin"\n }',
        'filter {\n tag {\n key = "a"\n value = "b"\n }\n }',
        "filter {\n object_size_greater_than = 500\n }",
    ],
)
def test_an_expiry_that_may_reach_session_logs(tmp_path: Path, narrowed: str) -> None:
    bucket = bucket_in(tmp_path, lifecycle(expiring(30) + expiring(7, narrowed)))
    assert may_be(bucket.expiration_days) == [30, 7]


def test_an_expiry_that_may_reach_but_is_longer_decides_nothing(tmp_path: Path) -> None:
    narrowed = 'filter {\n prefix = "sessions/admin"\n }'
    assert plain(bucket_in(tmp_path, lifecycle(expiring(30) + expiring(90, narrowed))).expiration_days) == 30


POLICY = """
data "aws_iam_policy_document" "tls" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
"""


def test_a_policy_of_its_own(tmp_path: Path) -> None:
    document = "data.aws_iam_policy_document.tls.json"
    policy = f'resource "aws_s3_bucket_policy" "p" {{\n bucket = {BUCKET}\n policy = {document}\n}}'
    bucket = bucket_in(tmp_path, POLICY + policy)
    assert [plain(each.effect) for each in bucket.statements] == ["Deny"]
    assert plain(bucket.tls_only) is True


def test_a_policy_that_cannot_be_told_is_a_gap(tmp_path: Path) -> None:
    policy = f'variable "p" {{}}\nresource "aws_s3_bucket_policy" "p" {{\n bucket = {BUCKET}\n policy = var.p\n}}'
    bucket = bucket_in(tmp_path, policy)
    assert bucket.statements.gap is not None
    assert isinstance(bucket.tls_only, Unknown)


def test_a_policy_of_a_bucket_that_cannot_be_told_is_a_gap(tmp_path: Path) -> None:
    more = 'resource "aws_s3_bucket_policy" "p" {\n bucket = var.b\n policy = "{}"\n}\nvariable "b" {}'
    inline = (
        'policy = jsonencode({ Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "*", Principal = "*" }] })'
    )
    bucket = bucket_in(tmp_path, more, inline)
    assert bucket.statements.items == ()
    assert bucket.statements.gap is not None
