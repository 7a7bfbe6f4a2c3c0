"""The table of exit codes, command by command: 70 before 2 before 1 before 3 before 0."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ssm_hardening.cli.entry import run
from tests.cli.running import TOOL, environment

TABLE: list[tuple[str, int]] = [
    ("plan sound", 0),
    ("plan gaps", 1),
    ("plan gaps --fail-on critical", 0),
    ("plan gaps --fail-on high", 1),
    ("plan gaps sound", 1),
    ("plan open", 0),
    ("plan open --fail-on-undecided", 3),
    ("plan gaps open --fail-on-undecided", 1),
    ("plan gaps open --fail-on critical --fail-on-undecided", 3),
    ("plan broken", 2),
    ("plan broken --fail-on-undecided", 2),
    ("plan broken gaps", 1),
    ("plan both", 1),
    ("plan unrelated", 0),
    ("plan unrelated --fail-on-undecided", 0),
    ("plan gaps --format json", 1),
    ("plan gaps --only PREF-12", 0),
    ("plan gaps --only PREF-08", 1),
    ("plan gaps --only PREF-08 --skip PREF-08", 2),
    ("plan --plan-json plan.json", 1),
    ("plan --plan-json plan.json --fail-on critical", 0),
    ("plan --plan-json plan.json --plan-json nothing.json", 1),
    ("plan --plan-json nothing.json", 0),
    ("plan sound --plan-json plan.json", 1),
    ("plan --plan-json next.json", 2),
    ("plan --plan-json half.json", 2),
    ("plan --plan-json deep.json", 2),
    ("plan --plan-json latin.json", 2),
    ("plan --plan-json gaps", 2),
    ("plan --plan-json missing.json", 2),
    ("inspect --plan-json plan.json", 0),
    ("inspect --plan-json nothing.json", 0),
    ("inspect --plan-json plan.json --format json", 0),
    ("check sound", 0),
    ("check gaps", 1),
    ("check gaps/main.tf", 1),
    ("check gaps --fail-on critical", 0),
    ("check open", 0),
    ("check open --fail-on-undecided", 3),
    ("check gaps open --fail-on-undecided", 1),
    ("check broken", 2),
    ("check broken/main.tf", 2),
    ("check broken/main.tf gaps/main.tf", 2),
    ("check both/broken.tf", 2),
    ("check both/main.tf", 1),
    ("check both", 1),
    ("check bad.tfvars gaps", 2),
    ("check nowhere gaps", 2),
    ("check unrelated/main.tf", 0),
    ("check gaps --format json", 1),
    ("plan gaps --waivers bad.toml", 2),
    ("check gaps --waivers missing.toml", 2),
    ("check gaps --baseline list.json", 2),
    ("baseline create gaps --out new.json", 0),
    ("baseline create gaps --out list.json", 2),
    ("baseline create open --out new.json", 0),
    ("baseline create broken --out new.json", 2),
    ("diff list.json deep.json", 2),
    ("diff missing.json list.json", 2),
    ("inspect gaps", 0),
    ("inspect open", 0),
    ("inspect both", 0),
    ("inspect broken", 2),
    ("inspect unrelated", 0),
    ("rules", 0),
    ("explain PREF-03", 0),
    ("--help", 0),
    ("check --help", 0),
]


def code_of(line: str) -> int:
    try:
        return run(line.split())
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize(("line", "code"), TABLE, ids=[line for line, _ in TABLE])
@pytest.mark.usefixtures("place")
def test_table(line: str, code: int) -> None:
    assert code_of(line) == code


def answering(folder: Path, name: str, script: str) -> str:
    """Write a program that answers as told, and return its path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def programs(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for programs, on a PATH without terraform and checkov: a verifier that is missing is a skip."""
    folder = tmp_path_factory.mktemp("programs")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("SSM_HARDEN_CHECKOV", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    return folder


FINE = 'case "$1" in version) echo "Terraform v1.9.0";; validate) echo \'{"valid": true, "diagnostics": []}\';; esac'
NOT_FORMATTED = 'case "$1" in version) echo "Terraform v1.9.0";; fmt) echo main.tf; exit 3;; validate) echo "{}";; esac'


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("script", "line", "code"),
    [
        (FINE, "verify sound", 0),
        (FINE, "verify sound --fail-on-undecided", 3),
        (FINE, "verify gaps", 1),
        (NOT_FORMATTED, "verify sound", 1),
        (NOT_FORMATTED, "verify broken", 2),
        (FINE, "verify broken", 2),
        (FINE, "generate sound --out made", 0),
        (FINE, "generate broken --out made", 2),
        (FINE, "generate gaps --out full", 2),
        (FINE, "generate gaps --out made", 0),
        (FINE, "generate gaps --out made --fail-on-undecided", 3),
        (NOT_FORMATTED, "generate gaps --out made", 1),
    ],
)
def test_verifiers_decide(script: str, line: str, code: int, programs: Path) -> None:
    terraform = answering(programs, "terraform", script)
    assert code_of(f"{line} --terraform {terraform}") == code


def test_a_fault_of_ours_is_70_and_says_so(place: Path) -> None:
    """With a part of it replaced by one that fails: no wrong input is known that does it."""
    script = (
        "import sys, ssm_hardening.read.code.manner as manner\n"
        "manner.survey = lambda *_, **__: 1 / 0\n"
        "from ssm_hardening.cli.entry import main\n"
        "sys.argv = ['ssm-harden', 'check', 'gaps']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=place, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 70
    assert done.stdout == ""
    assert done.stderr.startswith("internal error: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in done.stderr
    assert "SSM_HARDEN_DEBUG" in done.stderr
    debugged = subprocess.run(
        [sys.executable, "-c", script],
        cwd=place,
        env=environment({"SSM_HARDEN_DEBUG": "1"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert debugged.returncode == 70
    assert "Traceback" in debugged.stderr


def test_a_crashed_rule_is_70_after_the_full_report(place: Path) -> None:
    script = (
        "import sys\n"
        "from dataclasses import replace\n"
        "from ssm_hardening.rules import catalogue\n"
        "def crashed(subject, context):\n"
        "    raise ZeroDivisionError('by a test')\n"
        "before = catalogue.load_rules\n"
        "def load_rules(**chosen):\n"
        "    return tuple(replace(r, judge=crashed) if r.info.id == 'PREF-07' else r for r in before(**chosen))\n"
        "catalogue.load_rules = load_rules\n"
        "from ssm_hardening.cli.entry import main\n"
        "sys.argv = ['ssm-harden', *sys.argv[1:]]\n"
        "main()\n"
    )
    for arguments in (("check", "gaps"), ("plan", "gaps"), ("check", "gaps", "--fail-on", "critical")):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=place,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 70
        assert "PREF-07" in done.stdout
        assert "PREF-08" in done.stdout
        assert "crashed" in done.stdout


def test_who_reads_only_the_first_line_is_no_fault(place: Path) -> None:
    reader, writer = os.pipe()
    with subprocess.Popen(
        [TOOL, "plan", "gaps"], cwd=place, env=environment(), stdout=writer, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(reader)
        os.close(writer)
        _, said = process.communicate()
    assert process.returncode == 141, "as if SIGPIPE had ended it: not a success, and not gaps"
    assert said == ""
