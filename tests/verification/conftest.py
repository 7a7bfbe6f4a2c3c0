"""The real tools where the machine has them, and small scripts for the ways in which a tool can go wrong."""

import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssm_hardening.verification.cli_config import CLIENT_TIMEOUT
from ssm_hardening.verification.mirrors import distrust
from ssm_hardening.verification.providers import PLUGIN_DIR
from ssm_hardening.verification.tools import CHECKOV, TERRAFORM
from tests import tools
from tests.verification.making import Here
from tests.verification.registry import closed_port, point_to

FORMATTED = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

resource "aws_cloudwatch_log_group" "sessions" {
  name = "sessions"
}
"""


@pytest.fixture
def terraform() -> Path:
    return tools.terraform()


@pytest.fixture
def plugin_dir() -> Path:
    """A folder that holds hashicorp/aws, whatever else there is."""
    folder = tools.providers().folder
    if folder is None:
        pytest.skip("no provider mirror: providers come from the registry, or as Terraform finds them")
    return folder


@pytest.fixture
def safe() -> Iterator[Path]:
    """An empty folder that nobody else may write to, nor to any folder above it: not so a temporary one."""
    before = os.umask(0o022)
    try:
        with tempfile.TemporaryDirectory(prefix=".ssm-harden-tests-", dir=pwd.getpwuid(os.geteuid()).pw_dir) as name:
            folder = Path(os.path.realpath(name))
            reason = distrust(folder)
            if reason is not None:
                pytest.skip(f"the home folder is not safe for a mirror: {reason}")
            yield folder
    finally:
        os.umask(before)


@pytest.fixture
def checkov() -> Path:
    given = os.environ.get(CHECKOV)
    if not given:
        pytest.skip(f"no checkov: {CHECKOV} is not set")
    return Path(given)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of formatted, valid Terraform."""
    made = tmp_path / "code"
    made.mkdir()
    (made / "main.tf").write_text(FORMATTED)
    return made


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the user's whole PATH, beside an empty data folder and no named tool."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in (TERRAFORM, CHECKOV, PLUGIN_DIR):
        monkeypatch.delenv(name, raising=False)
    return programs


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a program of that name with that shell text."""

    def write(name: str, text: str) -> Path:
        program = tmp_path / "programs" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        return program

    return write


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and an environment that says nothing to Terraform."""
    for name in os.environ:
        if name.startswith(("TF_", "XDG_", "TERRAFORM_")) or name == PLUGIN_DIR:
            monkeypatch.delenv(name)
    made = tmp_path / "home"
    made.mkdir()
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "no-data"))
    monkeypatch.setenv(CLIENT_TIMEOUT, "1")
    return made


@pytest.fixture
def here(terraform: Path, home: Path, safe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    code = tmp_path / "needs"
    code.mkdir()
    (code / "main.tf").write_text(FORMATTED[: FORMATTED.index("resource")])
    return Here(terraform, home, safe, code, monkeypatch)


@pytest.fixture
def refused(home: Path) -> Path:
    """A CLI configuration by which the registry refuses the connection."""
    return point_to(closed_port(), home / ".terraformrc")
