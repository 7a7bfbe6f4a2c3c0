"""What could not be read is nothing to change."""

from pathlib import Path

from tests.remediation.loop import remedied

UNREAD = """\
module "sessions" {
  source  = "example/session-manager/aws"
  version = "1.2.3"
}

resource "aws_iam_policy" "operators" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }]
  })
}
"""


def test_a_module_that_was_not_read_gets_no_edit(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(UNREAD)
    plan = remedied(tmp_path, into=True).plan
    assert [edit.file for edit in plan.edits] == []


BESIDE = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = module.sessions.bucket }
  })
}

resource "aws_s3_bucket" "photos" {
  bucket = "example-photos"
}
"""


def test_a_bucket_that_may_have_nothing_to_do_with_sessions_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(UNREAD + BESIDE)
    plan = remedied(tmp_path, into=True).plan
    assert [step for stage in plan.stages for step in stage.manual if "S3-03" in step.closes] == []
