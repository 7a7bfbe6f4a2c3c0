"""The scripts of the module host-baseline as texts: what they are written in, and what they say of themselves."""

import re
import shutil
import subprocess

import pytest

from ssm_hardening.verdicts.standards import Thresholds
from tests.hosts.powershell import faults
from tests.modules.test_modules import MODULES

MODULE = MODULES / "host-baseline"
SCRIPTS = sorted(MODULE.joinpath("scripts").iterdir())
EVERY_SCRIPT = pytest.mark.parametrize("script", [path.name for path in SCRIPTS])
OF_SH = [path.name for path in SCRIPTS if path.suffix == ".sh"]
OF_POWERSHELL = [path.name for path in SCRIPTS if path.suffix == ".ps1"]
RESERVED = {"", "0", "130"}
"""No status of ours: none, success, and what a signal ends with."""


def text_of(script: str) -> str:
    return (MODULE / "scripts" / script).read_text(encoding="utf-8")


def test_there_is_a_way_back_for_each_platform() -> None:
    assert [path.name for path in SCRIPTS] == ["linux-rollback.sh", "linux.sh", "windows-rollback.ps1", "windows.ps1"]


@pytest.mark.parametrize("script", OF_SH)
@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_shellcheck_finds_nothing(script: str, shell: str) -> None:
    program = shutil.which("shellcheck")
    if program is None:
        pytest.skip("shellcheck is not on PATH")
    options = ["--norc", f"--shell={shell}", "--severity=style"]
    answer = subprocess.run(
        [program, *options, str(MODULE / "scripts" / script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (answer.returncode, answer.stdout) == (0, "")


@pytest.mark.parametrize("script", OF_POWERSHELL)
def test_powershell_can_parse_it(script: str) -> None:
    assert faults(b"if ($x { exit 1"), "the grammar knows an error"
    assert faults(text_of(script).encode()) == ()


@EVERY_SCRIPT
def test_nothing_in_it_is_a_parameter_of_a_document(script: str) -> None:
    assert "{{" not in text_of(script)
    assert text_of(script).isascii()


@EVERY_SCRIPT
def test_its_head_and_the_readme_name_every_status(script: str) -> None:
    text = text_of(script)
    found = re.findall(r"\b(?:problem|exit|Stop-Baseline|Stop-Rollback) ([0-9]+)\b", text)
    used = {*found, *(["10"] if re.search(r"^ +exit 10$", text, re.MULTILINE) else [])} - RESERVED
    head = text.partition("\n\n")[0]
    assert used == set(re.findall(r"^#   ([0-9]+) ", head, re.MULTILINE))
    readme = MODULE.joinpath("README.md").read_text(encoding="utf-8")
    assert used <= set(re.findall(r"^\| ([0-9]+) \|", readme, re.MULTILINE))


def test_the_two_for_linux_know_one_another() -> None:
    """Write the stub alike, or the way back would take it for somebody else's."""
    stubs = {re.findall(r"^STUB='(.+)'$", text_of(script), re.MULTILINE)[0] for script in OF_SH}
    states = {re.findall(r"^STATE=(.+)$", text_of(script), re.MULTILINE)[0] for script in OF_SH}
    assert len(stubs) == len(states) == 1


def test_groups_that_are_root_by_another_name_are_those_of_the_rules() -> None:
    (told,) = re.findall(r"^      (root \| .+)\)$", text_of("linux.sh"), re.MULTILINE)
    assert set(told.split(" | ")) == set(Thresholds().privileged_groups)
