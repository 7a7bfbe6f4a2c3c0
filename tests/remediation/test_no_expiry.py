"""No remedy lets anything expire in a store that exists: how long recordings are kept is the the owner decides."""

import re
from pathlib import Path

import pytest

from ssm_hardening.report.audit_json import remediation_json
from ssm_hardening.verification.runner import CheckOutcome
from tests.remediation.loop import Loop, remedied

BUCKET = """\
resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName        = aws_s3_bucket.records.id
      s3KeyPrefix         = "sessions"
      s3EncryptionEnabled = true
    }
  })
}

resource "aws_s3_bucket" "records" {
  bucket = "records-of-sessions"
}
"""
RULE = """
resource "aws_s3_bucket_lifecycle_configuration" "records" {
  bucket = aws_s3_bucket.records.id

  rule {
    id     = "other"
    status = "Enabled"
    filter {
      prefix = "other/"
    }
    expiration {
      days = 7
    }
  }
}
"""
GROUP = """
resource "aws_cloudwatch_log_group" "records" {
  name = "/sessions/records"
}
"""
EXPIRES = re.compile(r"^\+.*(expir|noncurrent|retention_in_days|lifecycle_configuration)", re.MULTILINE)


def code(folder: Path, *parts: str) -> Loop:
    (folder / "main.tf").write_text("".join(parts))
    return remedied(folder, into=False)


@pytest.mark.parametrize("more", ["", RULE], ids=["without a lifecycle", "with one for another prefix"])
def test_a_bucket_of_the_code_gets_no_expiry(more: str, tmp_path: Path) -> None:
    loop = code(tmp_path, BUCKET, more)
    assert not EXPIRES.search("".join(edit.diff for edit in loop.plan.edits))
    assert "S3-05" not in {target.rule for target in loop.plan.targets}
    assert "S3-05" not in {rule for edit in loop.plan.edits for rule in edit.closes}
    assert loop.again().outcome is CheckOutcome.PASSED


def test_a_log_group_of_the_code_gets_no_retention(tmp_path: Path) -> None:
    named = BUCKET.replace("s3KeyPrefix ", 'cloudWatchLogGroupName = "/sessions/records"\n      s3KeyPrefix ')
    loop = code(tmp_path, named, GROUP)
    assert "CW-02" in {target.rule for target in loop.plan.targets}
    assert not EXPIRES.search("".join(edit.diff for edit in loop.plan.edits))


def test_the_owner_is_handed_the_lines_to_add(tmp_path: Path) -> None:
    loop = code(tmp_path, BUCKET)
    (step,) = [each for each in loop.plan.manual if "S3-05" in each.closes]
    assert 'resource "aws_s3_bucket_lifecycle_configuration" "ssm_harden_records" {' in step.lines
    assert 'prefix = "sessions/"' in step.lines
    assert "the owner decides" in step.why
    assert f"      {step.lines.splitlines()[0]}\n" in loop.generated.files["DETAILS.md"]
    shown = [each for stage in remediation_json(loop.plan)["stages"] for each in stage["manual"]]
    assert step.lines in [each["lines"] for each in shown]


def test_the_lines_do_what_the_rule_asks_for(tmp_path: Path) -> None:
    loop = code(tmp_path, BUCKET)
    (step,) = [each for each in loop.plan.manual if "S3-05" in each.closes]
    again = code(tmp_path, BUCKET, "\n", step.lines)
    assert not [each for each in again.plan.manual if "S3-05" in each.closes]


def test_a_prefix_that_is_not_known_is_left_to_be_written(tmp_path: Path) -> None:
    loop = code(tmp_path, BUCKET.replace('      s3KeyPrefix         = "sessions"\n', ""))
    (step,) = [each for each in loop.plan.manual if "S3-05" in each.closes]
    assert 'prefix = "PREFIX/"' in step.lines


def test_a_bucket_of_ours_keeps_its_lifecycle(tmp_path: Path) -> None:
    bare = BUCKET.partition('\nresource "aws_s3_bucket"')[0]
    for line in ("s3BucketName        = aws_s3_bucket.records.id", 's3KeyPrefix         = "sessions"'):
        bare = bare.replace(f"      {line}\n", "")
    loop = code(tmp_path, bare)
    (bucket,) = [each for each in loop.plan.modules if each.module == "log-bucket"]
    assert "retention_days" not in bucket.inputs  # the module's own default: 365
