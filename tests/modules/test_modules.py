"""The Terraform modules and examples: formatted, valid, documented, and clean for checkov."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import tools

MODULES = Path(__file__).parents[2] / "modules"
EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.name for path in MODULES.iterdir() if path.is_dir())
EVERY_MODULE = pytest.mark.parametrize("name", NAMES)
MAX_VARIABLES = 15
HOLD_NOTHING = {
    "auditor-role",
    "host-baseline",
    "instance-role",
    "node-security-group",
    "operator-role",
    "private-endpoints",
}
"""Modules that make no key, store or preferences: what they make can be made again without a loss."""


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = tools.terraform()
    environment = tools.environment({name: text for name, text in os.environ.items() if not name.startswith("AWS_")})
    return subprocess.run(
        [program, f"-chdir={folder}", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
    )


def said(answer: subprocess.CompletedProcess[str]) -> str:
    return answer.stdout + answer.stderr


def initialise(folder: Path) -> None:
    answer = terraform(folder, "init", "-backend=false", "-input=false", "-no-color", *tools.init_options())
    assert answer.returncode == 0, said(answer)


@pytest.fixture
def copied(name: str, tmp_path: Path) -> Path:
    copy = tmp_path / name
    shutil.copytree(MODULES / name, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    return copy


@pytest.mark.terraform
@EVERY_MODULE
def test_is_formatted(copied: Path) -> None:
    answer = terraform(copied, "fmt", "-check", "-recursive", "-diff")
    assert answer.returncode == 0, said(answer)


@pytest.mark.terraform
@EVERY_MODULE
def test_is_valid_and_passes_its_own_tests(copied: Path) -> None:
    initialise(copied)
    valid = terraform(copied, "validate", "-no-color")
    assert valid.returncode == 0, said(valid)
    tested = terraform(copied, "test", "-no-color")
    assert tested.returncode == 0, said(tested)
    passed = re.search(r"(\d+) passed, 0 failed", tested.stdout)
    assert passed is not None, tested.stdout
    assert int(passed[1]) > 0, "the module has no test that ran"


@pytest.mark.terraform
@EVERY_MODULE
def test_example_is_valid(copied: Path) -> None:
    example = copied / "examples" / "basic"
    initialise(example)
    valid = terraform(example, "validate", "-no-color")
    assert valid.returncode == 0, said(valid)


@pytest.mark.terraform
@pytest.mark.parametrize("example", ["careless", "average", "hardened"])
def test_example_configuration_is_formatted_and_valid(example: str, tmp_path: Path) -> None:
    copy = tmp_path / example
    shutil.copytree(EXAMPLES / example, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    formatted = terraform(copy, "fmt", "-check", "-recursive", "-diff")
    assert formatted.returncode == 0, said(formatted)
    initialise(copy)
    valid = terraform(copy, "validate", "-no-color")
    assert valid.returncode == 0, said(valid)


def checkov() -> str:
    named = os.environ.get("SSM_HARDEN_CHECKOV", "")
    program = shutil.which(named or "checkov")
    if program is not None:
        return program
    if named:
        pytest.fail(f"SSM_HARDEN_CHECKOV names {named}, which is no program")
    pytest.skip("checkov is not on PATH and SSM_HARDEN_CHECKOV names none")


def failed_checks(report: str) -> list[str]:
    answer = json.loads(report)
    assert isinstance(answer, dict)
    assert answer["summary"]["parsing_errors"] == 0
    assert answer["summary"]["passed"] > 0, "checkov judged nothing"
    return [f"{check['check_id']} {check['resource']}" for check in answer["results"]["failed_checks"]]


@pytest.mark.checkov
@pytest.mark.parametrize("part", ["", "examples/basic"], ids=["module", "example"])
@EVERY_MODULE
def test_checkov_finds_no_failure(name: str, part: str) -> None:
    command = [checkov(), "-d", str(MODULES / name / part), "--framework", "terraform"]
    offline = ["--skip-download", "--download-external-modules", "false"]
    answer = subprocess.run(
        [*command, *offline, "--output", "json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode in (0, 1), said(answer)
    assert failed_checks(answer.stdout) == []


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


@pytest.mark.parametrize("name", [name for name in NAMES if name not in HOLD_NOTHING])
def test_what_holds_evidence_cannot_be_destroyed(name: str) -> None:
    main = (MODULES / name / "main.tf").read_text(encoding="utf-8")
    blocks = re.split(r"^resource ", main, flags=re.MULTILINE)[1:]
    precious = ('"aws_kms_key"', '"aws_s3_bucket"', '"aws_cloudwatch_log_group"', '"aws_ssm_document"')
    guarded = [block for block in blocks if block.startswith(precious)]
    assert guarded
    assert [block for block in guarded if "prevent_destroy = true" not in block] == []
