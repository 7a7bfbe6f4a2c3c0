"""The host baseline from Terraform to the node: what is applied, and the document's own script on a real node."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.sandbox.server import Sandbox, running
from tests.hosts.baseline import CONFIG_FILE, at, is_as_it_came, sudo_of
from tests.hosts.roots import Node
from tests.modules.test_modules import MODULES
from tests.remediation.live import Terraform

pytestmark = pytest.mark.terraform

NAME = "ssm-harden-host-baseline"
ROOT = """
variable "remove_privileges" { type = bool }

module "host_baseline" {
  source = "./host-baseline"

  targets           = [{ key = "InstanceIds", values = ["i-0a1b2c3d4e5f60718"] }]
  run_as_user       = "session-operator"
  agent_settings    = { session_logs_retention_hours = 24 }
  remove_privileges = var.remove_privileges

  install_transcript_tools = false
}
"""
SCRIPT = "/run/document.sh"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as started, pytest.MonkeyPatch.context() as patch:
        for name, text in started.environment().items():
            patch.setenv(name, text)
        yield started


@pytest.fixture(scope="module")
def applied(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Apply what only adds."""
    folder = tmp_path_factory.mktemp("baseline")
    shutil.copytree(
        MODULES / "host-baseline", folder / "host-baseline", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*")
    )
    folder.joinpath("main.tf").write_text(ROOT)
    say(folder, remove_privileges=False)
    with Terraform(folder, sandbox).served() as terraform:
        terraform.plan_and_apply()
        yield terraform


def say(folder: Path, *, remove_privileges: bool) -> None:
    folder.joinpath("terraform.tfvars.json").write_text(json.dumps({"remove_privileges": remove_privileges}))


def systems_manager(sandbox: Sandbox) -> Any:
    from boto3.session import Session

    return Session().client("ssm", region_name=sandbox.region)


def step_of(sandbox: Sandbox, name: str) -> Any:
    (step,) = json.loads(systems_manager(sandbox).get_document(Name=name)["Content"])["mainSteps"]
    return step


def run_on(node: Node, sandbox: Sandbox, name: str) -> int:
    """Run a document's script as the agent would: its lines in a file that root executes."""
    node.write(SCRIPT, "\n".join(step_of(sandbox, name)["inputs"]["runCommand"]), 0o700)
    return node.enter(f"exec {SCRIPT}").returncode


def associated(sandbox: Sandbox) -> dict[str, str]:
    """Which version of each document is associated."""
    found = systems_manager(sandbox).list_associations()["Associations"]
    return {each["Name"]: each["DocumentVersion"] for each in found}


def test_it_adds_then_restricts_and_each_plan_after_is_empty(applied: Terraform, sandbox: Sandbox, node: Node) -> None:
    applied.second_plan()
    assert associated(sandbox) == {f"{NAME}-linux": "1", "AWS-UpdateSSMAgent": "$DEFAULT"}
    at(node, CONFIG_FILE).unlink()
    assert run_on(node, sandbox, f"{NAME}-linux") == 16, "the agent has no service manager here to restart it"
    assert is_as_it_came(node)
    assert json.loads(at(node, CONFIG_FILE).read_text())["Ssm"]["SessionLogsRetentionDurationHours"] == 24
    node.ran("id session-operator")

    say(applied.folder, remove_privileges=True)
    applied.plan_and_apply()
    applied.second_plan()
    assert associated(sandbox) == {f"{NAME}-linux": "2", f"{NAME}-windows": "2", "AWS-UpdateSSMAgent": "$DEFAULT"}
    assert run_on(node, sandbox, f"{NAME}-linux") == 16
    assert sudo_of(node) == []
    assert "$env:SSM_HARDEN_REMOVE_PRIVILEGES = 'true'" in step_of(sandbox, f"{NAME}-windows")["inputs"]["runCommand"]

    assert run_on(node, sandbox, f"{NAME}-linux-rollback") == 16
    assert is_as_it_came(node)
    assert not at(node, CONFIG_FILE).exists()
