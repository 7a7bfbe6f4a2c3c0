"""`tools list`: what was found, and where providers come from."""

import os
import shutil
from pathlib import Path

import pytest

from ssm_hardening.cli.verify import Tools
from tests.cli.running import ssm_harden


def providers(folder: Path, **given: str) -> str:
    env = {name: "" for name in os.environ if name.startswith(("TF_", "SSM_HARDEN_"))}
    ran = ssm_harden("tools", "list", cwd=folder, env=env | given, limited=False)
    assert (ran.code, ran.err) == (0, "")
    [line] = [line for line in ran.out.splitlines() if line.startswith("providers")]
    return line


def test_a_folder_that_was_named_is_told(tmp_path: Path) -> None:
    assert f"{tmp_path} (SSM_HARDEN_PLUGIN_DIR) does not contain " in providers(
        tmp_path, SSM_HARDEN_PLUGIN_DIR=str(tmp_path)
    )
    assert "SSM_HARDEN_PLUGIN_DIR: nowhere is not a folder" in providers(tmp_path, SSM_HARDEN_PLUGIN_DIR="nowhere")


def test_without_terraform_there_are_no_providers(tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to(shutil.which("sh") or "")
    assert "neither terraform nor tofu was found" in providers(tmp_path, PATH=str(tmp_path))


@pytest.mark.terraform
def test_a_configuration_of_terraforms_is_told(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    file = tmp_path / "my.rc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path}/mirror"\n  }}\n}}\n')
    told = providers(tmp_path, TF_CLI_CONFIG_FILE="my.rc")
    assert f"none of the locations in {file} has " in told


def test_one_object_for_a_run() -> None:
    tools = Tools()
    assert tools.providers is tools.providers
