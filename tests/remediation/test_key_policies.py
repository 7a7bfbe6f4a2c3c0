"""A key's policy gets one statement more for CloudWatch Logs, in each form people write; nothing in it is replaced."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import tools
from tests.remediation.loop import Loop, remedied

HEAD = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName = aws_cloudwatch_log_group.sessions.name
    }
  })
}

resource "aws_cloudwatch_log_group" "sessions" {
  name       = "/${var.stage}/sessions"
  kms_key_id = aws_kms_key.sessions.arn
}

variable "stage" {
  type    = string
  default = "test"
}

data "aws_caller_identity" "mine" {}
"""
NEWLINE = "\n"
ROOT = "arn:aws:iam::${data.aws_caller_identity.mine.account_id}:root"
OTHER_DATA = 'data "aws_region" "mine" {}\n\ndata "aws_partition" "mine" {}\n'
OBJECT = f"""{{
        Sid       = "Mine"
        Effect    = "Allow"
        Principal = {{ AWS = "{ROOT}" }}
        Action    = "kms:*"
        Resource  = "*"
      }}"""
POLICY = f"""jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {OBJECT},
    ]
  }})"""
JSON = f"""{{
          "Sid": "Mine",
          "Effect": "Allow",
          "Principal": {{ "AWS": "{ROOT}" }},
          "Action": "kms:*",
          "Resource": "*"
        }}"""


def key(*lines: str) -> str:
    return 'resource "aws_kms_key" "sessions" {\n' + "".join(f"  {line}\n" for line in lines) + "}\n"


DOCUMENT = f"""\
data "aws_iam_policy_document" "key" {{
  statement {{
    sid       = "Mine"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {{
      type        = "AWS"
      identifiers = ["{ROOT}"]
    }}
  }}
}}
"""

FORMS = {
    "no_policy": key('description = "Sessions"'),
    "empty_block": 'resource "aws_kms_key" "sessions" {}\n',
    "inline": key(f"policy = {POLICY}"),
    "inline_own_data": OTHER_DATA + "\n" + key(f"policy = {POLICY}"),
    "brackets_together": key(
        'policy = jsonencode({\n    Version = "2012-10-17"\n'
        f"    Statement = [{OBJECT.replace(NEWLINE + '  ', NEWLINE)}]\n  }})"
    ),
    "one_object": key(
        'policy = jsonencode({\n    Version = "2012-10-17"\n    Statement = {\n      Sid       = "Mine"\n'
        f'      Effect    = "Allow"\n      Principal = {{ AWS = "{ROOT}" }}\n      Action    = "kms:*"\n'
        '      Resource  = "*"\n    }\n  })'
    ),
    "beside": key('description = "Sessions"')
    + '\nresource "aws_kms_key_policy" "sessions" {\n  key_id = aws_kms_key.sessions.id\n'
    + f"  policy = {POLICY}\n}}\n",
    "local": key("policy = local.policy") + f"\nlocals {{\n  policy = {POLICY}\n}}\n",
    "local_object": key("policy = jsonencode(local.policy)")
    + '\nlocals {\n  policy = {\n    Version   = "2012-10-17"\n    Statement = local.statements\n  }\n\n'
    + f"  statements = [\n    {OBJECT.replace(NEWLINE + '  ', NEWLINE)},\n  ]\n}}\n",
    "concat": key('policy = jsonencode({\n    Version   = "2012-10-17"\n    Statement = concat([local.mine], [])\n  })')
    + f"\nlocals {{\n  mine = {OBJECT.replace(NEWLINE + '    ', NEWLINE)}\n}}\n",
    "document": key("policy = data.aws_iam_policy_document.key.json") + "\n" + DOCUMENT,
    "heredoc": key(
        'policy = <<-EOT\n    {\n      "Version": "2012-10-17",\n      "Statement": [\n'
        f"        {JSON}\n      ]\n    }}\n  EOT"
    ),
    "heredoc_one_object": key(
        'policy = <<-EOT\n    {\n      "Version": "2012-10-17",\n      "Statement": '
        + JSON.replace("\n    ", "\n  ")
        + "\n    }\n  EOT"
    ),
}


def loop_of(folder: Path, text: str) -> Loop:
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(HEAD + "\n" + text)
    return remedied(folder, into=False)


@pytest.mark.parametrize("form", FORMS)
def test_adds_the_statement_and_keeps_every_other(form: str, tmp_path: Path) -> None:
    loop = loop_of(tmp_path, FORMS[form])
    assert "KMS-05" in {target.rule for target in loop.plan.targets}, loop.plan.manual
    check = loop.again()
    assert check.outcome == "passed", check.details
    files = {Path(edit.file).name: edit for edit in loop.plan.edits}
    text = files["main.tf"].after
    assert text.count("log-group:/${var.stage}/sessions") == 1
    assert ('"Mine"' in text) is ('"Mine"' in FORMS[form])
    assert "aws_cloudwatch_log_group.sessions.arn" not in text
    assert ("ssm_harden_data.tf" in files) is (form != "inline_own_data")
    loop.apply()
    assert "KMS-05" not in {edit for each in remedied(tmp_path, into=False).plan.edits for edit in each.closes}


@pytest.mark.terraform
def test_terraform_takes_every_form(tmp_path: Path) -> None:
    plugins = tools.init_options()
    calls = []
    for form, text in FORMS.items():
        loop = loop_of(tmp_path / form, text)
        loop.apply()
        handed = "".join(f'  {each.variable.name} = "sample"\n' for each in loop.plan.handovers)
        calls.append(f'module "{form}" {{\n  source = "./{form}"\n{handed}}}\n')
    (tmp_path / "main.tf").write_text("\n".join(calls))
    assert terraform(tmp_path, "init", "-input=false", "-no-color", "-backend=false", *plugins) == ""
    assert terraform(tmp_path, "validate", "-no-color") == ""
    for form in FORMS:
        assert terraform(tmp_path / form, "fmt", "-check", "-diff") == ""


def terraform(folder: Path, *words: str) -> str:
    """Return what terraform says where it is not content."""
    environment = tools.environment(os.environ)
    answer = subprocess.run([tools.terraform(), *words], cwd=folder, capture_output=True, check=False, env=environment)
    return "" if answer.returncode == 0 else (answer.stdout + answer.stderr).decode()
