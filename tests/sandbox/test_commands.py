"""Run Command in the simulated account: as AWS answers, with recorded output, and nothing is run."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssm_hardening.sandbox.server import Sandbox
from tests.sandbox.conftest import Client
from tests.sandbox.test_systems_manager import code_of

LINUX, WINDOWS = "AWS-RunShellScript", "AWS-RunPowerShellScript"
PROBE = {"commands": ["#!/bin/sh", "echo ssm-harden/host/1", "touch /tmp/never-run"]}


@pytest.fixture
def ssm(sandbox: Sandbox, client: Client) -> Any:
    sandbox.reset("walkthrough")
    return client("ssm")


@pytest.fixture
def nodes(ssm: Any) -> dict[str, str]:
    """The walkthrough's instances by platform."""
    known = ssm.describe_instance_information()["InstanceInformationList"]
    return {each["PlatformType"]: each["InstanceId"] for each in known}


def send(ssm: Any, document: str, **given: Any) -> str:
    told = {"Parameters": PROBE} | given
    return str(ssm.send_command(DocumentName=document, **told)["Command"]["CommandId"])


def final(ssm: Any, command: str, node: str) -> Any:
    return [ssm.get_command_invocation(CommandId=command, InstanceId=node) for _ in range(3)][-1]


def test_a_command_takes_its_time_and_says_no_more_than_it_knows(ssm: Any, nodes: dict[str, str]) -> None:
    node = nodes["Linux"]
    command = send(ssm, LINUX, InstanceIds=[node], Comment="look")
    told = [ssm.get_command_invocation(CommandId=command, InstanceId=node) for _ in range(3)]
    assert [each["Status"] for each in told] == ["Pending", "InProgress", "Success"]
    assert [each["ResponseCode"] for each in told] == [-1, -1, 0]
    assert told[0]["StandardOutputContent"] == told[1]["StandardOutputContent"] == ""
    document = json.loads(told[2]["StandardOutputContent"])
    assert document["schema"] == "ssm-harden/host/1"
    assert document["node"]["id"] == node
    assert document["probe"]["platform"] == "linux"
    assert told[2]["ExecutionEndDateTime"].endswith("Z")
    [listed] = ssm.list_commands()["Commands"]
    assert (listed["Status"], listed["Comment"], listed["TargetCount"]) == ("Success", "look", 1)


def test_only_a_probe_for_the_platform_has_an_answer(ssm: Any, nodes: dict[str, str]) -> None:
    windows = final(ssm, send(ssm, WINDOWS, InstanceIds=[nodes["Windows"]]), nodes["Windows"])
    assert json.loads(windows["StandardOutputContent"])["probe"]["platform"] == "windows"
    other = final(ssm, send(ssm, WINDOWS, InstanceIds=[nodes["Linux"]]), nodes["Linux"])
    assert (other["Status"], other["StandardOutputContent"]) == ("Success", "")
    plain = send(ssm, LINUX, InstanceIds=[nodes["Linux"]], Parameters={"commands": ["id"]})
    assert final(ssm, plain, nodes["Linux"])["StandardOutputContent"] == ""


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"InstanceIds": ["i-00000000000000000"]}, "InvalidInstanceId"),
        ({"InstanceIds": ["@lost"]}, "InvalidInstanceId"),
        ({"InstanceIds": ["@Windows"]}, "UnsupportedPlatformType"),
        ({"InstanceIds": ["@Linux"], "Parameters": {}}, "InvalidParameters"),
        ({"InstanceIds": ["@Linux"], "DocumentName": "mine"}, "InvalidDocument"),
        ({"InstanceIds": ["@Linux"], "DocumentName": "SSM-SessionManagerRunShell"}, "InvalidDocument"),
        ({}, "ValidationException"),
    ],
)
def test_refusals(sandbox: Sandbox, ssm: Any, nodes: dict[str, str], given: dict[str, Any], code: str) -> None:
    lost = "i-0123456789abcdef0"
    sandbox.put(instance_information=[{"InstanceId": lost, "PingStatus": "ConnectionLost", "PlatformType": "Linux"}])
    known = {**nodes, "lost": lost}
    ids = [known[each[1:]] if each.startswith("@") else each for each in given.get("InstanceIds", [])]
    asked = {"DocumentName": LINUX, "Parameters": PROBE} | given | ({"InstanceIds": ids} if ids else {})
    with pytest.raises(ClientError) as refused:
        ssm.send_command(**asked)
    assert code_of(refused) == code


def test_what_was_not_sent_is_not_known(ssm: Any, nodes: dict[str, str]) -> None:
    command = send(ssm, LINUX, InstanceIds=[nodes["Linux"]])
    with pytest.raises(ClientError) as other:
        ssm.get_command_invocation(CommandId=command, InstanceId=nodes["Windows"])
    assert code_of(other) == "InvocationDoesNotExist"
    with pytest.raises(ClientError) as unknown:
        ssm.list_commands(CommandId="00000000-0000-4000-8000-000000000000")
    assert code_of(unknown) == "InvalidCommandId"


def test_output_is_cut_as_run_command_cuts_it(sandbox: Sandbox, ssm: Any, nodes: dict[str, str]) -> None:
    sandbox.put(command_output={nodes["Linux"]: {"StandardOutputContent": "x" * 30_000, "StandardErrorContent": "e"}})
    command = send(ssm, LINUX, InstanceIds=[nodes["Linux"]])
    told = final(ssm, command, nodes["Linux"])
    assert len(told["StandardOutputContent"]) == 24_000
    assert told["StandardOutputContent"].endswith("x--output truncated--")
    assert told["StandardErrorContent"] == "e"
    [listed] = ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"]
    assert len(listed["CommandPlugins"][0]["Output"]) == 2_500


def test_targets_by_tag_and_cancelling(ssm: Any, nodes: dict[str, str]) -> None:
    target = {"Key": "tag:Name", "Values": ["session-manager-linux-prod"]}
    command = send(ssm, LINUX, Targets=[target])
    assert [each["InstanceId"] for each in ssm.list_command_invocations(CommandId=command)["CommandInvocations"]] == [
        nodes["Linux"]
    ]
    ssm.cancel_command(CommandId=command)
    told = ssm.get_command_invocation(CommandId=command, InstanceId=nodes["Linux"])
    assert (told["Status"], told["StandardOutputContent"]) == ("Cancelled", "")
    assert ssm.list_commands(CommandId=command)["Commands"][0]["Status"] == "Cancelled"


def hardening(flag: str) -> str:
    step = {"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": ["#!/bin/sh", flag]}}
    return json.dumps({"schemaVersion": "2.2", "mainSteps": [step]})


@pytest.mark.parametrize(
    ("flag", "node", "hardened"),
    [
        ("SSM_HARDEN_REMOVE_PRIVILEGES='true'", "session-manager-linux-prod", True),
        ("SSM_HARDEN_REMOVE_PRIVILEGES='false'", "session-manager-linux-prod", False),
        ("SSM_HARDEN_REMOVE_PRIVILEGES='true'", "session-manager-windows-prod", False),
    ],
)
def test_an_association_that_takes_rights_away_changes_what_its_nodes_say(
    ssm: Any, nodes: dict[str, str], flag: str, node: str, *, hardened: bool
) -> None:
    def output(platform: str, document: str) -> str:
        told = final(ssm, send(ssm, document, InstanceIds=[nodes[platform]]), nodes[platform])
        return str(told["StandardOutputContent"])

    before = output("Linux", LINUX), output("Windows", WINDOWS)
    ssm.create_document(Name="ssm-harden-host-baseline-linux", DocumentType="Command", Content=hardening(flag))
    targets = [{"Key": "tag:Name", "Values": [node]}]
    made = ssm.create_association(Name="ssm-harden-host-baseline-linux", Targets=targets)["AssociationDescription"]
    after = output("Linux", LINUX), output("Windows", WINDOWS)
    assert (after[0] != before[0]) is hardened
    assert after[1] == before[1]
    ssm.delete_association(AssociationId=made["AssociationId"])
    assert output("Linux", LINUX) == before[0]
