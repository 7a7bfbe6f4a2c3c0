"""The real tools where the machine has them, and small scripts for the ways in which a tool can go wrong."""

import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssm_hardening.verification.mirrors import distrust
from ssm_hardening.verification.providers import PLUGIN_DIR
from ssm_hardening.verification.tools import CHECKOV, TERRAFORM
from tests import tools

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
