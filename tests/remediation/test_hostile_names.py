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
def test_names_read_from_code_stay_text(tmp_path: Path) -> None:
    """Both ways to write them become modules of one root, which Terraform initialises and validates once."""
    folders = [*written(tmp_path / "into", into=True), *written(tmp_path / "out", into=False)]
    assert len(folders) == 3
    for each in folders:
        terraform(each, "fmt", "-check", "-diff")
    calls = (called(f"m{number}", each, tmp_path) for number, each in enumerate(folders))
    (tmp_path / "main.tf").write_text("".join(calls))
    terraform(tmp_path, "init", "-backend=false", "-no-color", *tools.init_options())
    terraform(tmp_path, "validate", "-no-color")


def written(folder: Path, *, into: bool) -> list[Path]:
    """Remedy code in a folder; return the roots that come of it."""
    code, out = folder / "code", folder / "generated"
    code.mkdir(parents=True)
    (code / "main.tf").write_text(DOCUMENT)
    loop = remedied(code, into=into)
    assert loop.again().outcome == "passed", loop.again().details
    loop.apply()
    if into:
        return [code]
    for path, text in loop.generated.files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, newline="")
    return [code, out]


def called(name: str, root: Path, base: Path) -> str:
    blocks = [block for path in sorted(root.glob("*.tf")) for block in parse(path.name, path.read_bytes()).body.blocks]
    inputs = [block.labels[0] for block in blocks if block.type == "variable"]
    given = "".join(f"  {each} = var.unknown\n" for each in inputs)
    declared = 'variable "unknown" {\n  type = any\n}\n' if name == "m0" else ""
    return f'{declared}module "{name}" {{\n  source = "./{root.relative_to(base)}"\n{given}}}\n'


def terraform(folder: Path, *words: str) -> None:
    answer = subprocess.run(
        [tools.terraform(), *words], cwd=folder, capture_output=True, check=False, env=tools.environment(os.environ)
    )
    assert answer.returncode == 0, (answer.stdout + answer.stderr).decode()


def test_a_plan_is_the_same_whatever_the_order_of_findings(tmp_path: Path) -> None:
    from ssm_hardening.read.code.reader import read_terraform

    (tmp_path / "main.tf").write_text(DOCUMENT)
    loop = remedied(tmp_path, into=True)
    accounts = read_terraform([tmp_path]).accounts
    turned = replace(loop.audit, findings=tuple(reversed(loop.audit.findings)))
    assert plan_remediation(turned, accounts, into=True, read_file=read_text) == plan_remediation(
        loop.audit, accounts, into=True, read_file=read_text
    )
