from pathlib import Path

import pytest

from ssm_hardening.verification.providers import Finder
from ssm_hardening.verification.runner import CheckOutcome
from ssm_hardening.verification.twin import AGAIN, APPLY, PLAN, Twin, apply_to_twin

SOUND = 'resource "terraform_data" "a" {\n  input = "a"\n}\n'


def outcomes(folder: Path, code: str, *, executable: Path | None = None) -> dict[str, CheckOutcome]:
    (folder / "main.tf").write_text(code, encoding="utf-8")
    twin = Twin(executable=executable, environment={})
    return {check.name: check.outcome for check in apply_to_twin(folder, twin, progress=lambda _: None).checks}


def test_without_terraform_nothing_passes(tmp_path: Path) -> None:
    assert set(outcomes(tmp_path, SOUND).values()) == {CheckOutcome.SKIPPED}


@pytest.mark.terraform
def test_what_applies_and_then_rests_passes(tmp_path: Path, terraform: Path) -> None:
    found = outcomes(tmp_path, SOUND, executable=terraform)
    assert found == {PLAN: CheckOutcome.PASSED, APPLY: CheckOutcome.PASSED, AGAIN: CheckOutcome.PASSED}
    assert [path.name for path in tmp_path.iterdir()] == ["main.tf"]


@pytest.mark.terraform
def test_what_has_something_to_do_again_fails(tmp_path: Path, terraform: Path) -> None:
    found = outcomes(tmp_path, SOUND.replace('"a"\n}', "timestamp()\n}"), executable=terraform)
    assert found == {PLAN: CheckOutcome.PASSED, APPLY: CheckOutcome.PASSED, AGAIN: CheckOutcome.FAILED}


@pytest.mark.terraform
def test_what_cannot_be_planned_is_not_applied(tmp_path: Path, terraform: Path) -> None:
    found = outcomes(tmp_path, SOUND.replace('"a"\n}', "var.nobody_knows\n}"), executable=terraform)
    assert found == {PLAN: CheckOutcome.FAILED}


@pytest.mark.terraform
def test_without_a_provider_the_twin_is_skipped(folder: Path, terraform: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    finder = Finder(tmp_path / "empty", terraform)
    twin = Twin(executable=terraform, environment={}, providers=finder)
    tried = apply_to_twin(folder, twin, progress=lambda _: None)
    [check] = tried.checks
    assert not tried.begun
    assert (check.name, check.outcome) == (PLAN, CheckOutcome.SKIPPED)
    assert finder.providers().problem in check.message
