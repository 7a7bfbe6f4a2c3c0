"""The re-audit says when a remedy does not do what it claims, or breaks something else."""

from dataclasses import replace
from pathlib import Path

import pytest

from ssm_hardening.remediation.plan import Aim, Edit, RemediationPlan
from ssm_hardening.verdicts.findings import Failed, Undecided
from ssm_hardening.verification.runner import CheckOutcome
from tests.remediation.loop import Loop, remedied

CODE = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName       = "example-logs"
      idleSessionTimeout = "15"
      maxSessionDuration = "600"
    }
  })
}
"""


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    (tmp_path / "main.tf").write_text(CODE)
    return remedied(tmp_path, into=True)


def with_edit(loop: Loop, old: str, new: str) -> Loop:
    def changed(edit: Edit) -> Edit:
        assert old in edit.after
        return replace(edit, after=edit.after.replace(old, new))

    stages = tuple(replace(stage, edits=tuple(changed(edit) for edit in stage.edits)) for stage in loop.plan.stages)
    return replace(loop, plan=replace(loop.plan, stages=stages))


def test_passes_where_every_target_is_turned(loop: Loop) -> None:
    check = loop.again()
    assert check.outcome is CheckOutcome.PASSED
    assert f"{len(loop.plan.targets)} findings now pass" in check.message


def test_leaves_the_code_as_it_was(loop: Loop) -> None:
    loop.again()
    assert [path.name for path in loop.folder.iterdir()] == ["main.tf"]
    assert (loop.folder / "main.tf").read_text() == CODE


def test_fails_where_a_target_is_not_turned(loop: Loop) -> None:
    check = with_edit(loop, "prevent_destroy = true", "prevent_destroy = false").again()
    assert check.outcome is CheckOutcome.FAILED
    assert any(line.startswith("PREF-15 aws_ssm_document.prefs") and "still failed" in line for line in check.details)


def test_fails_where_something_else_breaks(loop: Loop) -> None:
    check = with_edit(loop, '"15"', '"59"').again()
    assert check.outcome is CheckOutcome.FAILED
    assert any("PREF-07" in line and "new failure" in line for line in check.details)


def test_fails_where_the_edit_is_no_terraform(loop: Loop) -> None:
    check = with_edit(loop, "inputs = {", "inputs = {{{").again()
    assert check.outcome is CheckOutcome.FAILED


def test_fails_where_an_edited_file_is_not_part_of_the_code(loop: Loop) -> None:
    stages = tuple(
        replace(stage, edits=tuple(replace(edit, file="/nowhere/main.tf") for edit in stage.edits))
        for stage in loop.plan.stages
    )
    check = replace(loop, plan=replace(loop.plan, stages=stages)).again()
    assert check.outcome is CheckOutcome.FAILED
    assert "no root module includes it" in check.message


def test_a_target_that_is_gone_is_not_turned(loop: Loop) -> None:
    targets = (*loop.plan.targets, Aim("PREF-07", str(loop.folder), "aws_ssm_document.gone"))
    check = replace(loop, plan=replace(loop.plan, targets=targets)).again()
    assert "PREF-07 aws_ssm_document.gone" in check.details[0]
    assert "no longer evaluated" in check.details[0]


def test_a_plan_that_changes_nothing_is_skipped(loop: Loop) -> None:
    assert replace(loop, plan=RemediationPlan(stages=())).again().outcome is CheckOutcome.SKIPPED


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
def test_new_preferences_and_stores_leave_nothing_open(into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Code that uses Session Manager without preferences gets all modules, and what they make fails no rule."""
    (tmp_path / "main.tf").write_text(
        'provider "aws" {\n  region = "ap-southeast-2"\n}\n\nresource "aws_iam_role_policy_attachment" "core" {\n'
        '  role       = "node"\n  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"\n}\n'
    )
    loop = remedied(tmp_path, into=into)
    assert {target.rule for target in loop.plan.targets} == {"PREF-01"}
    assert len(loop.plan.modules) == 4
    assert any("Who manages the preferences" in question for question in loop.plan.questions)
    check = loop.again()
    assert check.outcome is CheckOutcome.PASSED, check.details
    assert not any(isinstance(each.verdict, Failed) for each in loop.audit.findings)
    assert any(isinstance(each.verdict, Undecided) for each in loop.audit.findings)
