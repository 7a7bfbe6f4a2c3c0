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
