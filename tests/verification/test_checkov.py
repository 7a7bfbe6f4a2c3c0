import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.verification.checkov import CheckovVerifier
from ssm_hardening.verification.processes import environment, run
from ssm_hardening.verification.runner import Check, CheckOutcome

real = pytest.mark.checkov
Script = Callable[[str, str], Path]


def quiet(_: str) -> None:
    pass


ENCRYPTED = """\
variable "key" {
  type = string
}

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "sessions"
  retention_in_days = 400
  kms_key_id        = var.key
}
"""
SKIPPED = """\
resource "aws_cloudwatch_log_group" "{name}" {{
  #checkov:skip=CKV_AWS_158{reason}
  name              = "{name}"
  retention_in_days = 400
}}
"""

# Runs a program with a folder for temporary files that others may write to.
AS_THE_SHELL_DOES = "import os, sys; os.environ['TMPDIR'] = sys.argv[1]; os.execv(sys.argv[2], sys.argv[2:])"


def answer(tool: Path | None, folder: Path, *, limit: float = 300) -> Check:
    (check,) = CheckovVerifier(tool, limit).verify(folder, progress=quiet)
    assert check.name == "checkov"
    return check


@real
def test_clean_code_passes_and_a_skip_with_its_reason(checkov: Path, folder: Path) -> None:
    (folder / "main.tf").write_text(ENCRYPTED)
    (folder / "more.tf").write_text(SKIPPED.format(name="later", reason=":the key comes later"))
    check = answer(checkov, folder)
    assert check.outcome is CheckOutcome.PASSED, check
    assert "5 passed, 0 failed, 1 skipped" in check.message
    assert [each.endswith("(the key comes later)") for each in check.details] == [True]
    assert sorted(path.name for path in folder.iterdir()) == ["main.tf", "more.tf"]


@real
def test_no_settings_of_the_user_switch_a_check_off_nor_in_a_local_module_outside(
    checkov: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    for place in (home, here, folder):
        place.mkdir(exist_ok=True)
        (place / ".checkov.yaml").write_text("skip-check: [CKV_AWS_158, CKV_AWS_338, CKV_AWS_66]\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CKV_IGNORED_DIRECTORIES", "code")
    monkeypatch.chdir(here)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text((folder / "main.tf").read_text())
    (folder / "calls.tf").write_text('module "m" {\n  source = "../m"\n}\n')
    check = answer(checkov, folder)
    assert check.outcome is CheckOutcome.FAILED
    start = f"{folder}/main.tf:10: CKV_AWS_158 aws_cloudwatch_log_group.sessions: "
    assert any(each.startswith(start) for each in check.details)
    assert any(f"{tmp_path}/m/main.tf:10: CKV_AWS_158 module.m." in each for each in check.details)


@real
def test_a_skip_without_its_reason_fails(checkov: Path, folder: Path) -> None:
    skips = (SKIPPED.format(name="none", reason=""), SKIPPED.format(name="blank", reason=": "))
    (folder / "main.tf").write_text("\n".join(skips))
    check = answer(checkov, folder)
    assert check.outcome is CheckOutcome.FAILED, check
    assert "2 skipped" in check.message
    assert [each.endswith("skipped without a reason") for each in check.details] == [True, True]


@real
def test_a_file_that_was_not_parsed_fails(checkov: Path, folder: Path) -> None:
    (folder / "main.tf").write_text(ENCRYPTED)
    (folder / "broken.tf").write_text('resource "a" {\n')
    check = answer(checkov, folder)
    assert check.outcome is CheckOutcome.FAILED
    assert check.details == (f"{folder}/broken.tf: cannot be parsed",)


class _Planted:
    """Unpickled, it writes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (self.marker, "w")


@real
def test_a_cache_that_another_user_planted_runs_nothing(
    checkov: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, marker = tmp_path / "shared", tmp_path / "marker"
    shared.mkdir()
    monkeypatch.setenv("TMPDIR", str(shared))
    words = ["-d", str(folder), "--framework", "terraform", "--skip-download"]
    unguarded = [sys.executable, "-c", AS_THE_SHELL_DOES, str(shared), str(checkov), *words]
    run(unguarded, cwd=tmp_path, env=environment(), timeout=300)
    (planted,) = shared.glob(".lark_cache_*")
    planted.write_bytes(b"\n" + pickle.dumps(_Planted(marker)))
    saved = planted.read_bytes()
    (folder / "main.tf").write_text(ENCRYPTED)
    check = answer(checkov, folder)
    assert not marker.exists(), "what was planted ran"
    assert check.outcome is CheckOutcome.PASSED, check
    assert planted.read_bytes() == saved
    run(unguarded, cwd=tmp_path, env=environment(), timeout=300)
    assert marker.exists(), "the plant does not work, so this test shows nothing"


@real
def test_nothing_to_check_is_no_pass(checkov: Path, folder: Path) -> None:
    (folder / "main.tf").write_text('variable "x" {\n  type = string\n}\n')
    check = answer(checkov, folder)
    assert (check.outcome, "nothing to check" in check.message) == (CheckOutcome.SKIPPED, True)


@real
def test_code_that_checkov_does_not_read_is_no_pass(checkov: Path, folder: Path) -> None:
    (folder / "main.tf").write_text(ENCRYPTED)
    (folder / "more.tofu").write_text('resource "aws_cloudwatch_log_group" "open" {\n}\n')
    remote = (
        'module "m" {\n  source = "git::https://example.com/x.git?ref=0123456789abcdef0123456789abcdef01234567"\n}\n'
    )
    (folder / "remote.tf").write_text(remote)
    check = answer(checkov, folder)
    assert check.outcome is CheckOutcome.SKIPPED, check
    assert check.details[0] == f"{folder}/more.tofu"
    assert check.details[1].startswith(f'{folder}/remote.tf:1: module "m" from git::')


def test_a_missing_tool_is_a_visible_skip(folder: Path) -> None:
    check = answer(None, folder)
    assert check.outcome is CheckOutcome.SKIPPED
    assert "ssm-harden tools install" in check.message


RECORD = {"check_id": "A_1", "check_name": "n", "resource": "r", "file_abs_path": "/x.tf", "file_line_range": [2, 3]}


def report(**results: list[Any]) -> dict[str, Any]:
    empty: dict[str, list[Any]] = {"passed_checks": [], "failed_checks": [], "skipped_checks": [], "parsing_errors": []}
    return {"check_type": "terraform", "results": empty | results}


@pytest.mark.parametrize(
    ("printed", "code", "expected"),
    [
        ('{"results": {"pass', 0, (CheckOutcome.FAILED, "is not a checkov report")),
        ("", 2, (CheckOutcome.FAILED, "exit code 2")),
        ("[]", 0, (CheckOutcome.FAILED, "is not a checkov report")),
        ("7", 0, (CheckOutcome.FAILED, "is not a checkov report")),
        ('{"results": {"failed_checks": []}}', 0, (CheckOutcome.FAILED, "is not a checkov report")),
        (json.dumps([report(passed_checks=[RECORD]), 7]), 0, (CheckOutcome.FAILED, "is not a checkov report")),
        (json.dumps(report(failed_checks=[7])), 1, (CheckOutcome.FAILED, "1 failed")),
        (
            json.dumps([report(passed_checks=[RECORD]), report(failed_checks=[RECORD])]),
            1,
            (CheckOutcome.FAILED, "1 passed, 1"),
        ),
        (json.dumps(report(skipped_checks=[RECORD])), 0, (CheckOutcome.FAILED, "1 without a reason")),
        (json.dumps(report(passed_checks=[RECORD])), 1, (CheckOutcome.FAILED, "but the exit code is 1")),
        (json.dumps(report(passed_checks=[RECORD])), 2, (CheckOutcome.FAILED, "exit code 2")),
        (json.dumps(report(passed_checks=[RECORD])), 0, (CheckOutcome.PASSED, "1 passed, 0 failed, 0 skipped")),
    ],
)
def test_every_shape_of_answer_ends_in_an_outcome(
    folder: Path, script: Script, printed: str, code: int, expected: tuple[CheckOutcome, str]
) -> None:
    outcome, told = expected
    printing = folder.with_name("answer")
    printing.write_text(printed)
    check = answer(script("checkov", f'cat "{printing}"; exit {code}'), folder)
    assert (check.outcome, told in check.message) == (outcome, True), check


def test_hanging_fails(folder: Path, script: Script) -> None:
    # The version is asked for too, so only the scan may hang.
    tool = script("checkov", 'case "$1" in --version) echo 1.2.3;; *) sleep 600;; esac')
    check = answer(tool, folder, limit=1)
    assert (check.outcome, check.message) == (CheckOutcome.FAILED, "checkov 1.2.3: timed out after 1 s")


def test_keys_of_the_platform_are_not_passed_on(
    folder: Path, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BC_API_KEY", "secret")
    monkeypatch.setenv("CKV_PARSE_ERROR_FAIL", "x")
    answer(script("checkov", f'env >> "{tmp_path}/log"'), folder)
    names = {line.partition("=")[0] for line in (tmp_path / "log").read_text().splitlines()}
    assert "PATH" in names
    assert not {name for name in names if name.startswith(("BC_", "CKV_", "AWS_"))}
