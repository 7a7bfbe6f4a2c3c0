"""Edits of code in the ways people write it: the right change, nothing else, and formatted as before."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ssm_hardening.remediation.hcl_edit import align
from ssm_hardening.remediation.plan import diff
from tests import tools
from tests.remediation.loop import Loop, remedied

HEAD = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"

"""


def loop_of(folder: Path, text: str, *, into: bool = True) -> Loop:
    (folder / "main.tf").write_text(text)
    return remedied(folder, into=into)


def after(loop: Loop) -> str:
    return next(edit.after for edit in loop.plan.edits if edit.file.endswith("main.tf"))


OBJECT = """\
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName       = "example-logs" # ours
      idleSessionTimeout = "60"           # an hour
    }
  })
}
"""


def test_aligns_what_was_aligned_and_keeps_comments(tmp_path: Path) -> None:
    text = after(loop_of(tmp_path, HEAD + OBJECT))
    assert '      s3BucketName                = "example-logs" # ours\n' in text
    assert '      idleSessionTimeout          = "15"           # an hour\n' in text
    assert "      cloudWatchStreamingEnabled  = true\n" in text


@pytest.mark.parametrize(("standard", "written"), [("baseline", "60"), ("strict", '"15"')])
def test_a_duration_that_is_a_number_is_mended_where_it_fails_either_way(
    tmp_path: Path, standard: str, written: str
) -> None:
    """Nobody knows whether the agent reads the number or takes 20 minutes, which baseline alone allows."""
    (tmp_path / "main.tf").write_text(HEAD + OBJECT.replace('"60"', "60"))
    loop = remedied(tmp_path, into=True, standard=standard)
    assert re.search(rf"idleSessionTimeout += {written} ", after(loop))
    assert ("PREF-07" in {each.rule for each in loop.plan.targets}) == (standard == "strict")


def test_keeps_colons_and_quotes(tmp_path: Path) -> None:
    content = (
        '  content = jsonencode({\n    "schemaVersion" : "1.0",\n    "sessionType" : "Standard_Stream",\n'
        '    "inputs" : {\n      "s3BucketName" : "example-logs",\n      "idleSessionTimeout" : "60"\n    }\n  })\n}\n'
    )
    text = after(loop_of(tmp_path, HEAD + content))
    assert '"idleSessionTimeout" : "15"' in text
    assert re.search(r'\n      "maxSessionDuration": "60"\n', text)


def test_fills_an_empty_object_and_a_missing_one(tmp_path: Path) -> None:
    for inputs in ("    inputs        = {}\n", ""):
        head = '  content = jsonencode({\n    schemaVersion = "1.0"\n    sessionType   = "Standard_Stream"\n'
        content = f"{head}{inputs}  }})\n}}\n"
        loop = loop_of(tmp_path, HEAD + content)
        assert "      s3BucketName" in after(loop)
        assert loop.again().outcome == "passed", loop.again().details


def test_edits_json_in_a_heredoc_and_keeps_its_indentation(tmp_path: Path) -> None:
    content = (
        '  content = <<-EOT\n    {\n      "schemaVersion": "1.0",\n      "sessionType": "Standard_Stream",\n'
        '      "inputs": {\n        "s3BucketName": "${var.bucket}",\n        "idleSessionTimeout": "60",\n'
        '        "runAsEnabled": ${var.run_as ? true : false}\n      }\n    }\n  EOT\n}\n'
        'variable "bucket" {\n  default = "example-logs"\n}\nvariable "run_as" {\n  default = false\n}\n'
    )
    loop = loop_of(tmp_path, HEAD + content)
    text = after(loop)
    assert '        "idleSessionTimeout": "15",\n' in text
    assert '${var.run_as ? true : false},\n        "' in text
    assert '"kmsKeyId": "${module.ssm_harden_session_keys.session_key_arn}"' in text
    assert any("runAsEnabled is ${var.run_as" in step.why for step in loop.plan.manual)
    assert loop.again().outcome == "passed", loop.again().details


def test_edits_a_local_value_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "locals.tf").write_text(
        'locals {\n  content = {\n    schemaVersion = "1.0"\n    sessionType   = "Standard_Stream"\n'
        '    inputs = {\n      s3BucketName       = "example-logs"\n      idleSessionTimeout = "60"\n    }\n  }\n}\n'
    )
    loop = loop_of(tmp_path, HEAD + "  content = jsonencode(local.content)\n}\n")
    files = {Path(edit.file).name: edit.after for edit in loop.plan.edits}
    assert '= "15"' in files["locals.tf"]
    assert "prevent_destroy = true" in files["main.tf"]
    assert loop.again().outcome == "passed", loop.again().details


def test_names_the_place_where_a_value_is_decided(tmp_path: Path) -> None:
    content = OBJECT.replace('"60"           # an hour', "var.idle") + 'variable "idle" {\n  default = "60"\n}\n'
    loop = loop_of(tmp_path, HEAD + content)
    [step] = [each for each in loop.plan.manual if "PREF-07" in each.closes]
    assert "idleSessionTimeout is var.idle" in step.why
    assert '"15"' in step.what
    assert "var.idle" in after(loop)


def test_a_file_is_not_edited(tmp_path: Path) -> None:
    (tmp_path / "prefs.json").write_text('{"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {}}')
    loop = loop_of(tmp_path, HEAD + '  content = file("${path.module}/prefs.json")\n}\n')
    assert any("PREF-03" in step.closes and "content is file(" in step.why for step in loop.plan.manual)
    assert "PREF-03" not in {target.rule for target in loop.plan.targets}


def test_no_key_is_switched_on_for_a_group_that_cannot_get_one(tmp_path: Path) -> None:
    """The agent refuses every session where the switch is on and the group has no key."""
    text = (
        HEAD + OBJECT.replace('s3BucketName       = "example-logs" # ours', "cloudWatchLogGroupName = local.g.name")
        + 'locals {\n  g = aws_cloudwatch_log_group.a\n}\nresource "aws_cloudwatch_log_group" "a" {\n'
        '  name       = "/a"\n  kms_key_id = var.key\n}\nvariable "key" {\n  default = ""\n}\n'
    )  # fmt: skip
    loop = loop_of(tmp_path, text)
    assert "cloudWatchEncryptionEnabled" not in after(loop)
    assert any("cloudWatchEncryptionEnabled" in step.what for step in loop.plan.manual)


def test_policy_statements_are_added_to_what_is_there(tmp_path: Path) -> None:
    bucket = (
        'resource "aws_s3_bucket" "logs" {\n  bucket = "example-logs"\n}\n\n'
        'resource "aws_s3_bucket_policy" "logs" {\n  bucket = aws_s3_bucket.logs.id\n'
        "  policy = data.aws_iam_policy_document.logs.json\n}\n\n"
        'data "aws_iam_policy_document" "logs" {\n  statement {\n    sid       = "Mine"\n'
        '    actions   = ["s3:GetObject"]\n    resources = ["${aws_s3_bucket.logs.arn}/*"]\n\n    principals {\n'
        '      type        = "AWS"\n      identifiers = ["arn:aws:iam::111122223333:role/auditor"]\n    }\n  }\n}\n'
    )
    loop = loop_of(tmp_path, HEAD + OBJECT.replace('"example-logs" # ours', "aws_s3_bucket.logs.id") + "\n" + bucket)
    text = after(loop)
    assert '"Mine"' in text
    assert '"DenyPlainHttp"' in text
    assert "aws_s3_bucket_policy" in text
    assert text.count('resource "aws_s3_bucket_policy"') == 1
    assert loop.again().outcome == "passed", loop.again().details


def test_retention_is_never_shortened_nor_begun(tmp_path: Path) -> None:
    group = 'resource "aws_cloudwatch_log_group" "a" {\n  name              = "/a"\n  retention_in_days = %s\n}\n'
    named = OBJECT.replace("s3BucketName       =", "cloudWatchLogGroupName =").replace(
        '"example-logs" # ours', "aws_cloudwatch_log_group.a.name"
    )
    assert "retention_in_days = 3653" in after(loop_of(tmp_path, HEAD + named + group % 3653))
    assert "retention_in_days = 0" in after(loop_of(tmp_path, HEAD + named + group % 0))
    assert "retention_in_days = 365\n" in after(loop_of(tmp_path, HEAD + named + group % 30))


def test_a_diff_says_where_a_line_has_no_end() -> None:
    assert diff("a.tf", "x", "y\n").splitlines()[-3:] == ["-x", "\\ No newline at end of file", "+y"]


def test_lines_that_were_not_aligned_stay_so() -> None:
    assert align("aa = 1\nb = 2\nccc = 3", {2}) == "aa = 1\nb = 2\nccc = 3"
    assert align("aa = 1\nb  = 2\nccc = 3", {2}) == "aa  = 1\nb   = 2\nccc = 3"
    assert align('a = "=" # x\nbb = 2 # y', {1}) == 'a  = "=" # x\nbb = 2   # y'


@pytest.mark.terraform
@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
@pytest.mark.parametrize("example", ["careless", "average"])
def test_edited_examples_stay_formatted_and_apply_as_a_diff(example: str, into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    tools.terraform()
    if shutil.which("git") is None:
        pytest.skip("git is not on PATH")
    folder = tmp_path / "code"
    shutil.copytree(Path(__file__).parents[2] / "examples" / example, folder)
    loop = remedied(folder, into=into)
    name = next(name for name in loop.generated.files if name.endswith(".diff"))
    (tmp_path / name).write_text(loop.generated.files[name])
    loop.apply()
    formatted = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", "-diff"], cwd=folder, capture_output=True, check=False
    )
    assert formatted.returncode == 0, formatted.stdout.decode()
    check = subprocess.run(
        ["git", "apply", "--check", "--reverse", "--unsafe-paths", f"--directory={Path('/')}", name],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr.decode()


def test_hands_a_key_to_a_module_of_the_users_own(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    shutil.copytree(Path(__file__).parents[2] / "examples" / "average", folder)
    for into in (True, False):
        loop = remedied(folder, into=into)
        files = {str(Path(edit.file).relative_to(folder)): edit.after for edit in loop.plan.edits}
        assert re.search(r"kms_key_id += var\.ssm_harden_log_group_key_arn", files["modules/logs/main.tf"])
        assert 'variable "ssm_harden_log_group_key_arn"' in files["modules/logs/ssm_harden_variables.tf"]
        given = r"module\.ssm_harden_session_keys\.log_group_key_arn" if into else r"var\.ssm_harden_log_group_key_arn"
        assert re.search(rf"ssm_harden_log_group_key_arn += {given}", files["main.tf"])
        assert ("ssm_harden_variables.tf" in files) is not into
        assert {"CW-02", "PREF-06"} <= {target.rule for target in loop.plan.targets}
        assert loop.again().outcome == "passed", loop.again().details


def test_a_module_that_others_call_too_gets_no_new_variable(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    shutil.copytree(Path(__file__).parents[2] / "examples" / "average", folder)
    main = folder / "main.tf"
    call = re.search(r'module "logs" \{.*?\n\}\n', main.read_text(), re.DOTALL)
    assert call is not None
    main.write_text(main.read_text() + "\n" + call[0].replace('"logs"', '"other"'))
    loop = remedied(folder, into=True)
    assert any("CW-02" in step.closes and "called more than once" in step.why for step in loop.plan.manual)
    assert loop.again().outcome == "passed", loop.again().details
