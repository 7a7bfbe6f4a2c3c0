"""What a plan says that it closes is audited again by name; what only an apply shows is said to be expected."""

from dataclasses import replace
from pathlib import Path

import pytest

from ssm_hardening.cli.entry import run
from ssm_hardening.core.errors import ExitCode
from ssm_hardening.remediation import plan as plans
from ssm_hardening.remediation.plan import Aim, Edit, ModuleCall, RemediationPlan, Stage
from ssm_hardening.remediation.rights.guards import GUARDED
from ssm_hardening.verification.runner import CheckOutcome
from tests.passing import passing_tools
from tests.remediation import fenced as f
from tests.remediation.loop import Loop, remedied

FROM_VARIABLE = 'variable "content" {\n  type = string\n}\n'
NO_EDIT = """
locals {
  minutes = "55"
}
"""
DOCUMENT = f.document(s3BucketName='"records"', s3EncryptionEnabled="true", idleSessionTimeout='"55"')


def code(folder: Path, text: str, *, into: bool = False) -> Loop:
    (folder / "main.tf").write_text(text)
    return remedied(folder, into=into)


def rules(loop: Loop) -> set[str]:
    return {target.rule for target in loop.plan.targets}


SHAPES = {
    "no destination": f.document(idleSessionTimeout='"55"'),
    "an edit that cannot be made": f.document(idleSessionTimeout="local.minutes") + NO_EDIT,
    "a role of the code": f.PROVIDER + f.ROLE + f.CORE + f.document(idleSessionTimeout='"15"'),
    "a role that lacks what is known": f.PROVIDER + f.ROLE + f.MINIMUM + DOCUMENT + f.bucket('"records"'),
    "a bucket of the code": DOCUMENT.replace('"records"', "aws_s3_bucket.records.id") + f.bucket('"records"'),
    "no preferences": f.PROVIDER + f.ROLE + f.CORE,
}


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_rule_that_is_said_to_be_closed_is_audited_by_name(shape: str, into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    loop = code(tmp_path, SHAPES[shape], into=into)
    check = loop.again()
    assert check.outcome is not CheckOutcome.FAILED, check.details
    assert set(plans.closed(loop.plan)) <= rules(loop)
    for rule in plans.closed(loop.plan):
        assert rule in check.message
    for rule in plans.expected(loop.plan):
        assert rule in check.message
        assert "after the apply" in check.message


def test_a_role_of_code_that_another_root_serves_is_expected_and_not_closed(tmp_path: Path) -> None:
    loop = code(tmp_path, f.PROVIDER + f.ROLE + f.MINIMUM + DOCUMENT + f.bucket('"records"'))
    (call,) = [each for each in loop.plan.modules if each.module == "instance-role"]
    assert (call.closes, call.expects) == ((), ("ROLE-03",))
    assert "Expected to pass after the apply: ROLE-03." in loop.generated.files["main.tf"]
    assert "ROLE-03" not in plans.closed(loop.plan)


def test_what_is_wider_in_code_is_no_modules_to_close(tmp_path: Path) -> None:
    loop = code(tmp_path, f.PROVIDER + f.ROLE + f.CORE + DOCUMENT + f.bucket('"records"'), into=True)
    assert "ROLE-02" not in {*plans.closed(loop.plan), *plans.expected(loop.plan)}
    assert [step for step in loop.plan.manual if "ROLE-02" in step.closes]


def test_a_gap_that_a_person_closes_in_part_is_not_claimed(tmp_path: Path) -> None:
    broken = f.document(s3BucketName='"records"', s3EncryptionEnabled='"true"', s3Enkryption="true")
    loop = code(tmp_path, broken)
    assert [step for step in loop.plan.manual if "PREF-02" in step.closes]
    assert "PREF-02" not in plans.closed(loop.plan)


@pytest.mark.parametrize("by", ["call", "edit"])
def test_a_claim_without_a_verdict_is_no_pass(by: str, tmp_path: Path) -> None:
    loop = code(tmp_path, DOCUMENT)
    call = ModuleCall(label="x", module="log-group", inputs={}, closes=("CW-03",))
    edit = Edit(file=str(tmp_path / "main.tf"), diff="", after=DOCUMENT, closes=("CW-03",), before=DOCUMENT)
    stage = Stage(number=1, title="", modules=(call,) if by == "call" else (), edits=(edit,) if by == "edit" else ())
    for targets in ((), (Aim("PREF-07", str(tmp_path), "aws_ssm_document.preferences"),)):
        check = replace(loop, plan=RemediationPlan(stages=(stage,), targets=targets)).again()
        assert check.outcome is CheckOutcome.FAILED
        assert "CW-03" in check.message


def role_03(folder: Path, *options: str) -> tuple[str, ...]:
    """Return the command that generates what is expected to close ROLE-03, with tools that are content."""
    (folder / "main.tf").write_text(f.PROVIDER + f.ROLE + f.MINIMUM + DOCUMENT + f.bucket('"records"'))
    wanted = ("generate", str(folder), "--out", str(folder / "out"), "--only", "ROLE-03", "-q")
    return (*wanted, *passing_tools(folder / "tools"), *options)


@pytest.mark.slow
def test_the_command_says_the_same_as_its_check(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = run(role_03(tmp_path))
    told = " ".join(capfd.readouterr().out.split())
    assert code == ExitCode.OK
    assert "checkov 3.2.0: 1 passed, 0 failed" in told
    assert "fixes nothing by itself; expected to fix ROLE-03 (only an audit after the apply can confirm it)" in told
    assert "an audit of the account after the apply is needed to confirm ROLE-03" in told


@pytest.mark.slow
def test_what_is_only_expected_is_undecided_where_that_counts(tmp_path: Path) -> None:
    assert run(role_03(tmp_path, "--fail-on-undecided")) == ExitCode.UNDECIDED


def operator(*actions: str) -> str:
    trust = '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole" }'
    return f"""
resource "aws_iam_role" "operators" {{
  name               = "operators"
  assume_role_policy = jsonencode({{ Statement = [{trust}] }})
}}
resource "aws_iam_role_policy" "operators" {{
  role   = aws_iam_role.operators.name
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = {list(actions)}, Resource = "*" }}] }})
}}
""".replace("'", '"')


LENDS = ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction")


def test_the_guard_claims_the_ways_to_more_that_it_denies(tmp_path: Path) -> None:
    loop = code(tmp_path, f.PROVIDER + operator("ssm:StartSession", *LENDS))
    assert "OPER-07" in plans.expected(loop.plan)
    assert loop.again().outcome is not CheckOutcome.FAILED


def test_what_the_guard_leaves_open_is_a_manual_step(tmp_path: Path) -> None:
    loop = code(tmp_path, f.PROVIDER + operator("ssm:StartSession", "iam:AddUserToGroup", *LENDS))
    assert "OPER-07" not in {*plans.expected(loop.plan), *rules(loop)}
    steps = [step for step in loop.plan.manual if "OPER-07" in step.closes]
    assert [step.what.partition(":")[0] for step in steps] == ["aws_iam_role.operators"]
    assert loop.again().outcome is not CheckOutcome.FAILED


def test_the_guard_denies_what_is_said_of_it() -> None:
    module = (Path(__file__).parents[2] / "modules" / "operator-role" / "main.tf").read_text(encoding="utf-8")
    assert all(f'"{action}"' in module for action in GUARDED)
