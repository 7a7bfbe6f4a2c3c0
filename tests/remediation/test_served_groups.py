"""The key of our making serves each log group that it is given to, the new one and those that exist."""

from pathlib import Path

import pytest

from ssm_hardening.hcl.syntax import parse
from ssm_hardening.hcl.writing import describe
from tests.remediation.loop import Loop, remedied

BUCKET_ONLY = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "example-logs"
    }
  })
}
"""
CUSTOM = """\

resource "aws_ssm_document" "custom%(name)s" {
  name          = "Example-%(name)s"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName           = "example-logs"
      cloudWatchLogGroupName = aws_cloudwatch_log_group.%(name)s.name
    }
  })
}

resource "aws_cloudwatch_log_group" "%(name)s" {
  name              = %(value)s
  retention_in_days = 365
}
"""
TWO = CUSTOM % {"name": "one", "value": '"/one"'} + CUSTOM % {"name": "two", "value": '"/two"'}


def inputs_of_keys(loop: Loop) -> dict[str, str]:
    name = "ssm_harden.tf" if loop.plan.into else "main.tf"
    blocks = parse(name, loop.generated.files[name].encode()).body.blocks
    [call] = [block for block in blocks if "session_keys" in block.labels[0]]
    return {each.name: describe(each.value) for each in call.body.attributes}


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
def test_a_new_group_and_existing_ones(into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    (tmp_path / "main.tf").write_text(BUCKET_ONLY + TWO)
    loop = remedied(tmp_path, into=into)
    inputs = inputs_of_keys(loop)
    assert inputs["log_group_name"] == '"/aws/ssm/session-logs"'
    assert inputs["further_log_group_names"] == '["/one", "/two"]'
    assert {target.subject for target in loop.plan.targets if target.rule == "CW-02"} == {
        "aws_cloudwatch_log_group.one",
        "aws_cloudwatch_log_group.two",
    }
    check = loop.again()
    assert check.outcome == "passed", check.details


def test_existing_groups_alone(tmp_path: Path) -> None:
    preferences = BUCKET_ONLY.replace("}\n  })", '  cloudWatchLogGroupName = "/elsewhere"\n    }\n  })')
    (tmp_path / "main.tf").write_text(preferences + TWO)
    inputs = inputs_of_keys(remedied(tmp_path, into=True))
    assert inputs["log_group_name"] == '"/one"'
    assert inputs["further_log_group_names"] == '["/two"]'


def test_names_that_are_not_known_are_asked_for(tmp_path: Path) -> None:
    variable = '\nvariable "group" {\n  type = string\n}\n'
    (tmp_path / "main.tf").write_text(BUCKET_ONLY + CUSTOM % {"name": "one", "value": "var.group"} + variable)
    loop = remedied(tmp_path, into=True)
    assert inputs_of_keys(loop)["further_log_group_names"] == "var.ssm_harden_further_log_group_names"
    assert "ssm_harden_further_log_group_names" in {variable.name for variable in loop.plan.variables}
    check = loop.again()
    assert check.outcome == "passed", check.details
