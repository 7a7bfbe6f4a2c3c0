"""The Terraform modules and their examples are clean for checkov, which judges all of them in one run."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.modules.test_modules import EVERY_MODULE, EXAMPLES, MODULES, NAMES

pytestmark = pytest.mark.checkov

OFFLINE = ("--skip-download", "--download-external-modules", "false")
LEFT_BEHIND = shutil.ignore_patterns(".terraform*", "*.tfstate*")


def checkov() -> str:
    named = os.environ.get("SSM_HARDEN_CHECKOV", "")
    program = shutil.which(named or "checkov")
    if program is not None:
        return program
    if named:
        pytest.fail(f"SSM_HARDEN_CHECKOV names {named}, which is no program")
    pytest.skip("checkov is not on PATH and SSM_HARDEN_CHECKOV names none")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of all modules, beside code that has failures."""
    folder = tmp_path_factory.mktemp("everything")
    shutil.copytree(MODULES, folder / "modules", ignore=LEFT_BEHIND)
    shutil.copytree(EXAMPLES / "careless", folder / "careless", ignore=LEFT_BEHIND)
    return folder


@pytest.fixture(scope="module")
def report(everything: Path) -> dict[str, Any]:
    answer = subprocess.run(
        [checkov(), "-d", str(everything), "--framework", "terraform", *OFFLINE, "--output", "json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 1, answer.stdout + answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    assert found["summary"]["parsing_errors"] == 0
    return found


def checks(report: dict[str, Any], outcome: str, folder: Path) -> list[str]:
    """Return what came out so for the code of that folder itself."""
    found = report["results"][f"{outcome}_checks"]
    return [
        f"{each['check_id']} {each['resource']}" for each in found if Path(each["file_abs_path"]).parent == folder
    ]


@pytest.mark.parametrize("part", ["", "examples/basic"], ids=["module", "example"])
@EVERY_MODULE
def test_checkov_finds_no_failure(report: dict[str, Any], everything: Path, name: str, part: str) -> None:
    folder = everything / "modules" / name / part
    assert checks(report, "passed", folder) != [], "checkov judged nothing"
    assert checks(report, "failed", folder) == []


def test_what_is_judged_is_the_modules_and_failures_are_told(report: dict[str, Any], everything: Path) -> None:
    """No failure is one of a folder that no test above looks at."""
    assert checks(report, "failed", everything / "careless") != []
    folders = {Path(each["file_abs_path"]).parent for each in report["results"]["failed_checks"]}
    looked_at = {everything / "modules" / name / part for name in NAMES for part in ("", "examples/basic")}
    assert folders - looked_at == {everything / "careless"}
