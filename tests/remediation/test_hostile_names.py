"""Names are other people's data: whatever they hold arrives as text, in HCL, in comments and in Markdown."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.remediation.plan import ManualStep, ModuleCall, RemediationPlan, Stage, Variable
from ssm_hardening.remediation.planning import plan_remediation
from ssm_hardening.remediation.rendering import render
from tests import tools
from tests.remediation.loop import read_text, remedied

HOSTILE = (
    'x"\n}',
    '${file("/etc/passwd")}',
    "%{ if true }x%{ endif }",
    "*/ x /* #",
    "$${x}\\",
    'a\r\nresource "aws_iam_user" "x" {}',
    "\u2028</script>|`[x](http://example.com)`",
)  # fmt: skip


def plan_with(name: str) -> RemediationPlan:
    call = ModuleCall(
        label="log_group",
        module="log-group",
        inputs={"name": name, "kms_key_arn": name, "tags": None},
        closes=("CW-01", name),
        note=name,
    )
    step = ManualStep(what=name, why=name, at=name, closes=("CW-01",))
    variable = Variable("x", "string", name, name, 'var.x != ""', name)
    stage = Stage(number=1, title=name, modules=(call,), manual=(step,), checks=(name,))
    return RemediationPlan(stages=(stage,), variables=(variable,), questions=(name,))


@pytest.mark.parametrize("name", HOSTILE)
def test_arrives_as_text(name: str) -> None:
    files = render(plan_with(name)).files
    main = parse("main.tf", files["main.tf"].encode())
    [block] = main.body.blocks
    given = {attribute.name: attribute.value for attribute in block.body.attributes}
    assert isinstance(given["name"], ast.Literal)
    assert given["name"].value == name
    [variable] = parse("variables.tf", files["variables.tf"].encode()).body.blocks
    described = {attribute.name: attribute.value for attribute in variable.body.attributes}
    assert isinstance(described["description"], ast.Literal)
    assert described["description"].value == name
    assert "\n}\n" not in files["README.md"]
    assert "\nresource" not in files["README.md"]
    assert "](http" not in files["README.md"].replace("\\", "").replace(f"`{name}`", "") or "\\[" in files["README.md"]


@pytest.mark.terraform
@pytest.mark.parametrize("name", HOSTILE)
def test_terraform_formats_and_parses_it(name: str, tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on PATH")
    for path, text in render(plan_with(name)).files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, newline="")
    answer = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", "-diff"], cwd=tmp_path, capture_output=True, check=False
    )
    assert answer.returncode == 0, (answer.stdout + answer.stderr).decode()


DOCUMENT = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName           = aws_s3_bucket.logs.id
      s3KeyPrefix            = "x$${file(\\"/etc/passwd\\")}\\"\\n}"
      cloudWatchLogGroupName = aws_cloudwatch_log_group.a.name
    }
  })
}

resource "aws_s3_bucket" "logs" {
  bucket = "example-logs"
}

resource "aws_cloudwatch_log_group" "a" {
  name              = "/example/sessions"
  retention_in_days = 30
}
"""


@pytest.mark.terraform
@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
def test_names_read_from_code_stay_text(into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    program, plugins = tools.terraform(), tools.init_options()
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "main.tf").write_text(DOCUMENT)
    loop = remedied(folder, into=into)
    assert loop.again().outcome == "passed", loop.again().details
    loop.apply()
    folders = [folder]
    if not into:
        folders.append(tmp_path / "out")
        for path, text in loop.generated.files.items():
            (tmp_path / "out" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "out" / path).write_text(text, newline="")
    environment = tools.environment(os.environ)
    for each in folders:
        for words in (["fmt", "-check", "-diff"], ["init", "-backend=false", *plugins], ["validate"]):
            answer = subprocess.run(
                [program, *words, *(["-no-color"] if words[0] != "fmt" else [])],
                cwd=each, capture_output=True, check=False, env=environment,
            )  # fmt: skip
            assert answer.returncode == 0, (answer.stdout + answer.stderr).decode()


def test_a_plan_is_the_same_whatever_the_order_of_findings(tmp_path: Path) -> None:
    from ssm_hardening.sources.terraform.reader import read_terraform

    (tmp_path / "main.tf").write_text(DOCUMENT)
    loop = remedied(tmp_path, into=True)
    accounts = read_terraform([tmp_path]).accounts
    turned = replace(loop.audit, findings=tuple(reversed(loop.audit.findings)))
    assert plan_remediation(turned, accounts, into=True, read_file=read_text) == plan_remediation(
        loop.audit, accounts, into=True, read_file=read_text
    )
