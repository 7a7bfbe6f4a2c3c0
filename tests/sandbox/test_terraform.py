"""Terraform against the simulated account: apply, an empty second plan, imports that change nothing."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.sandbox.server import Sandbox
from tests import tools
from tests.provider import served
from tests.sandbox.conftest import Client

DATA = Path(__file__).parent / "data" / "everything"

pytestmark = pytest.mark.terraform

Values = Mapping[str, Any]

IMPORT_IDS = {
    "aws_cloudtrail": "{arn}",
    "aws_cloudwatch_event_rule": "default/{name}",
    "aws_cloudwatch_event_target": "default/{rule}/{target_id}",
    "aws_iam_role_policy_attachment": "{role}/{policy_arn}",
    "aws_kms_alias": "{name}",
    "aws_route_table_association": "{subnet_id}/{route_table_id}",
    "aws_security_group_rule": "{security_group_id}_{type}_{protocol}_{from_port}_{to_port}_{source_security_group_id}",
}
"""Where it is not the id in the state."""

NOT_IMPORTED = {
    "aws_ec2_instance_metadata_defaults",  # the provider has no import for it
    "aws_ssm_activation",  # importing loses the activation code, so its plan replaces
}


class Folder:
    """A root module, and terraform run in it."""

    def __init__(self, path: Path, sandbox: Sandbox, plugins: list[str]) -> None:
        self.path = path
        self.environment = tools.environment(sandbox.environment(os.environ))
        self.run("init", *plugins)

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        ended = subprocess.run(
            [tools.terraform(), *arguments, "-no-color"],
            cwd=self.path, env=self.environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode in codes, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout

    def changes(self) -> dict[str, list[str]]:
        """Plan, and return what would be done: address → actions, "import" among them."""
        self.run("plan", "-out=plan")
        plan = json.loads(self.run("show", "-json", "plan"))
        found = {}
        for one in plan["resource_changes"]:
            change = one["change"]
            actions = [action for action in change["actions"] if action not in {"no-op", "read"}]
            found[one["address"]] = actions + (["import"] if "importing" in change else [])
        return {address: actions for address, actions in found.items() if actions}

    def resources(self) -> list[Values]:
        state = json.loads(self.run("show", "-json"))
        found: list[Values] = state["values"]["root_module"]["resources"]
        return [one for one in found if one["mode"] == "managed"]


@pytest.fixture
def plugins() -> list[str]:
    return tools.init_options()


def test_apply_then_an_empty_plan_then_imports_that_change_nothing(
    plugins: list[str], sandbox: Sandbox, client: Client, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    shutil.copytree(DATA, code)
    first = Folder(code, sandbox, plugins)
    with served(code, first.environment) as told:
        first.environment |= told
        first.run("apply", "-auto-approve")
        assert first.changes() == {}

        # An updated document becomes a new version, and the default one.
        first.run("apply", "-auto-approve", "-var", "idle=20", "-target=aws_ssm_document.preferences")
        described = client("ssm").describe_document(Name="SSM-SessionManagerRunShell")["Document"]
        assert (described["DefaultVersion"], described["LatestVersion"]) == ("2", "2")

        # The provider watches new lifecycle rules for a minute; what is imported it believes at once.
        add_lifecycle(client)
        again = tmp_path / "again"
        shutil.copytree(DATA, again)
        (again / "lifecycle.tf.later").rename(again / "lifecycle.tf")
        wanted = {one["address"]: import_id(one) for one in first.resources() if one["type"] not in NOT_IMPORTED}
        wanted["aws_s3_bucket_lifecycle_configuration.logs"] = "logs-of-everything"
        (again / "terraform.tfvars").write_text('idle = "20"\n')
        (again / "imports.tf").write_text("".join(map(block, wanted.items())))
        second = Folder(again, sandbox, plugins)
        second.environment |= told
        changes = {address: actions for address, actions in second.changes().items() if address in wanted}
    assert changes == {address: ["import"] for address in wanted}


def import_id(resource: Values) -> str:
    values = {**resource["values"]}
    return IMPORT_IDS.get(resource["type"], "{id}").format(**values)


def block(item: tuple[str, str]) -> str:
    return f'import {{\n  to = {item[0]}\n  id = "{item[1]}"\n}}\n'


def add_lifecycle(client: Client) -> None:
    client("s3").put_bucket_lifecycle_configuration(
        Bucket="logs-of-everything",
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "expire",
                    "Status": "Enabled",
                    "Filter": {"Prefix": "sessions/"},
                    "Expiration": {"Days": 400},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                },
                {
                    "ID": "move",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "Transitions": [{"Days": 90, "StorageClass": "STANDARD_IA"}],
                },
            ]
        },
    )
