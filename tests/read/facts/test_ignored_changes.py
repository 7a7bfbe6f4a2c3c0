"""What `ignore_changes` leaves to others is not known from the code."""

from pathlib import Path

import pytest

from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.read.code.reader import read_terraform

DOCUMENT = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = jsonencode({ sessionType = "Standard_Stream", inputs = { s3BucketName = "x" } })

  lifecycle {
    prevent_destroy = true
    ignore_changes  = %s
  }
}
"""


@pytest.mark.parametrize("ignored", ["[content]", '["content"]', "all", '["*"]', "[tags, content]"])
def test_ignored_content_is_out_of_scope(tmp_path: Path, ignored: str) -> None:
    (tmp_path / "main.tf").write_text(DOCUMENT % ignored)
    (document,) = read_terraform([tmp_path]).accounts[0].session_documents.items
    match document.s3_bucket:
        case Unknown(why, detail=detail):
            assert why is Why.OUT_OF_SCOPE
            assert "content" in detail
        case other:
            pytest.fail(str(other))
    assert isinstance(document.name, Known)
    assert isinstance(document.prevent_destroy, Known)


@pytest.mark.parametrize("ignored", ["[]", "[tags]", '["tags"]'])
def test_content_is_known_where_only_others_are_ignored(tmp_path: Path, ignored: str) -> None:
    (tmp_path / "main.tf").write_text(DOCUMENT % ignored)
    (document,) = read_terraform([tmp_path]).accounts[0].session_documents.items
    assert isinstance(document.s3_bucket, Known)


def test_ignored_blocks_are_out_of_scope(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        DOCUMENT % "[]"
        + """
resource "aws_s3_bucket" "logs" {
  bucket = "x"

  versioning {
    enabled = true
  }

  lifecycle {
    ignore_changes = [versioning[0].enabled]
  }
}
"""
    )
    (bucket,) = read_terraform([tmp_path]).accounts[0].log_buckets.items
    assert isinstance(bucket.versioning, Unknown)


def test_a_role_of_ecs_exec_is_no_sign_of_session_manager(tmp_path: Path) -> None:
    policy = 'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Statement = [{ Action = [%s] }] })\n}\n'
    channels = '"ssmmessages:CreateControlChannel", "ssmmessages:OpenDataChannel"'
    for actions, signs in ((channels, 0), (f'{channels}, "ssm:UpdateInstanceInformation"', 2)):
        (tmp_path / "main.tf").write_text(policy % actions)
        accounts = read_terraform([tmp_path]).accounts
        assert sum(len(account.usage_signs) for account in accounts) == signs
