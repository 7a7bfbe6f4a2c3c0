"""The hook as pre-commit runs it: changed files as arguments, at the top of the repository."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import DOCUMENT, TOP, Ran, ssm_harden, write

ROOT = 'module "sessions" {\n  source = "../modules/sessions"\n}\n'


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    import yaml

    (found,) = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())
    assert found["id"] == "ssm-harden-check"
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "main.tf",
        "a/b/main.tf",
        "x.tofu",
        "x.tf.json",
        "x.tofu.json",
        "terraform.tfvars",
        "a/x.auto.tfvars",
        "x.tfvars.json",
    ],
)
def test_files_that_are_checked(name: str, hook: dict[str, Any]) -> None:
    assert re.search(hook["files"], name)


@pytest.mark.parametrize(
    "name", ["main.tf.bak", "README.md", "x.json", "tf", "maintf", ".terraform.lock.hcl", "x.tfstate"]
)
def test_files_that_are_not(name: str, hook: dict[str, Any]) -> None:
    assert not re.search(hook["files"], name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path / "prod", {"main.tf": ROOT, "terraform.tfvars": ""})
    write(tmp_path / "modules" / "sessions", {"main.tf": DOCUMENT})
    write(tmp_path / "other", {"main.tf": DOCUMENT})
    return tmp_path


def commit(hook: dict[str, Any], repository: Path, *files: str) -> Ran:
    tool, *arguments = hook["entry"].split()
    assert tool == "ssm-harden"
    assert hook["require_serial"]
    return ssm_harden(*arguments, *files, cwd=repository)


def test_a_changed_module_is_judged_through_its_callers(hook: dict[str, Any], repository: Path) -> None:
    ran = commit(hook, repository, "modules/sessions/main.tf")
    assert ran.code == 1
    assert "modules/sessions/main.tf:4: low PREF-08 " in ran.out
    assert "other/main.tf" not in ran.out


@pytest.mark.parametrize("changed", ["prod/main.tf", "prod/terraform.tfvars"])
def test_a_changed_root_is_judged_with_what_it_calls(changed: str, hook: dict[str, Any], repository: Path) -> None:
    ran = commit(hook, repository, changed)
    assert ran.code == 1
    assert "modules/sessions/main.tf:4: low PREF-08 " in ran.out


def test_many_files_are_one_answer(hook: dict[str, Any], repository: Path) -> None:
    ran = commit(hook, repository, "prod/main.tf", "modules/sessions/main.tf", "other/main.tf")
    assert ran.code == 1
    assert ran.out.count("modules/sessions/main.tf:4: low PREF-08 ") == 1
    assert "other/main.tf:4: low PREF-08 " in ran.out


def test_a_file_that_is_broken_stops_the_commit(hook: dict[str, Any], repository: Path) -> None:
    write(repository, {"new/main.tf": DOCUMENT + "a = = 1\n"})
    ran = commit(hook, repository, "new/main.tf")
    assert ran.code == 2
    assert ran.out.startswith("new/main.tf:6: cannot be read: ")


def test_a_file_that_is_fine_lets_it_pass(hook: dict[str, Any], repository: Path) -> None:
    write(repository, {"unrelated/main.tf": 'output "x" {\n  value = 1\n}\n'})
    assert commit(hook, repository, "unrelated/main.tf").code == 0
