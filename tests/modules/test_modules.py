"""The Terraform modules as texts: documented, typed, and held against destruction."""

import re
from pathlib import Path

import pytest

MODULES = Path(__file__).parents[2] / "modules"
EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.name for path in MODULES.iterdir() if path.is_dir())
EVERY_MODULE = pytest.mark.parametrize("name", NAMES)
MAX_VARIABLES = 15
_COMMAND = re.compile(r'document_type\s*= "Command"')
PRECIOUS = ('"aws_kms_key"', '"aws_s3_bucket"', '"aws_cloudwatch_log_group"', '"aws_ssm_document"')
"""What holds evidence or keys, or session preferences: made again, it would have lost what it held."""


@EVERY_MODULE
def test_every_checkov_skip_has_a_reason(name: str) -> None:
    skips = [
        line.strip()
        for file in MODULES.joinpath(name).rglob("*.tf")
        for line in file.read_text(encoding="utf-8").splitlines()
        if "checkov:skip" in line
    ]
    assert [skip for skip in skips if not re.fullmatch(r"#checkov:skip=CKV2?_AWS_\d+:\S.{20,}", skip)] == []


def declared(name: str, kind: str) -> list[str]:
    text = (MODULES / name / f"{kind}s.tf").read_text(encoding="utf-8")
    return re.findall(rf'^{kind} "([^"]+)"', text, re.MULTILINE)


@EVERY_MODULE
def test_readme_has_a_row_for_each_input_and_output(name: str) -> None:
    readme = (MODULES / name / "README.md").read_text(encoding="utf-8")
    wanted = declared(name, "variable") + declared(name, "output")
    assert wanted
    assert [item for item in wanted if f"\n| `{item}` |" not in readme] == []


@EVERY_MODULE
def test_every_variable_is_typed_described_and_few(name: str) -> None:
    text = (MODULES / name / "variables.tf").read_text(encoding="utf-8")
    blocks = re.split(r"^variable ", text, flags=re.MULTILINE)[1:]
    assert 0 < len(blocks) <= MAX_VARIABLES
    assert [
        block for block in blocks if "description" not in block or not re.search(r"^  type ", block, re.MULTILINE)
    ] == []
    assert "any" not in re.findall(r"^  type\s+= (\w+)", text, re.MULTILINE)


@EVERY_MODULE
def test_what_holds_evidence_cannot_be_destroyed(name: str) -> None:
    main = (MODULES / name / "main.tf").read_text(encoding="utf-8")
    blocks = re.split(r"^resource ", main, flags=re.MULTILINE)[1:]
    guarded = [block for block in blocks if block.startswith(PRECIOUS) and _COMMAND.search(block) is None]
    assert guarded or name not in {"log-bucket", "log-group", "session-keys", "session-preferences"}
    assert [block for block in guarded if "prevent_destroy = true" not in block] == []
