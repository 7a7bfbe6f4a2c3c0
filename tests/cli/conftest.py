"""Folders of code to run the command in."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.cli.entry import run
from tests.cli.running import DOCUMENT, TOP, Ran, write

EMPTY_OUTPUT = 'output "nothing" {\n  value = 1\n}\n'
OPEN = 'resource "aws_ssm_document" "prefs" {\n  document_type = "Session"\n  name = "a"\n  content = var.x\n}\n'

PLAN = """{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{
  "address": "aws_ssm_document.prefs", "mode": "managed", "type": "aws_ssm_document", "name": "prefs",
  "values": {"name": "SSM-SessionManagerRunShell", "document_type": "Session", "content": "{}"}
}]}}}"""
NO_SESSIONS = '{"format_version": "1.0", "values": {"root_module": {}}}'

Here = Callable[..., Ran]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Here:
    """Run the command in this process, in the test's own folder or `cwd`: quicker, where no limit is under test."""
    for name in {
        "NO_COLOR",
        "COLUMNS",
        "SSM_HARDEN_DEBUG",
        "TF_WORKSPACE",
        *(name for name in os.environ if name.startswith("TF_VAR_")),
    }:
        monkeypatch.delenv(name, raising=False)

    def ran(*arguments: str, cwd: Path = tmp_path) -> Ran:
        monkeypatch.chdir(cwd)
        code = run(arguments)
        shown = capfd.readouterr()
        return Ran(code, shown.out, shown.err)

    return ran


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with code of every state; the table of exit codes is told over it."""
    write(tmp_path / "gaps", {"main.tf": DOCUMENT})
    write(tmp_path / "open", {"main.tf": OPEN + 'variable "x" {}\n'})
    write(tmp_path / "broken", {"main.tf": DOCUMENT + "a = = 1\n"})
    write(tmp_path / "both", {"main.tf": DOCUMENT, "broken.tf": "a = = 1\n"})
    write(tmp_path / "unrelated", {"main.tf": EMPTY_OUTPUT})
    write(tmp_path / "no_code", {"notes.txt": "hello\n"})
    write(tmp_path / "full", {"mine.txt": "mine\n"})
    (tmp_path / "empty").mkdir()
    (tmp_path / "sound").symlink_to(TOP / "examples" / "hardened")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "round").symlink_to("about")
    (tmp_path / "about").symlink_to("round")
    write(tmp_path, {"half.json": '{"schema": "ssm-harden/account/1", "accounts": [{"so', "list.json": "[]"})
    write(
        tmp_path, {"deep.json": "[" * 100_000, "latin.json": b"\xe4", "old.json": '{"schema": "ssm-harden/account/0"}'}
    )
    write(tmp_path, {"plan.json": PLAN, "next.json": PLAN.replace("1.2", "2.0"), "nothing.json": NO_SESSIONS})
    write(tmp_path, {"bad.toml": "a = [", "odd.toml": "[nonsense]\na = 1\n", "bad.tfvars": "a = = 1\n"})
    monkeypatch.chdir(tmp_path)
    for name in ("TF_VAR_x", "SSM_HARDEN_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path
