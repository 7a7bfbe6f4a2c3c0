"""The calls that `host run` makes, none of which the auditor may make beyond reading, and the policy that they take."""

from collections.abc import Mapping
from typing import Any

from ssm_hardening.read.live.calls import DESCRIBE_INSTANCE_INFORMATION, GET_CALLER_IDENTITY, ApiCall

SEND_COMMAND = ApiCall("ssm", "SendCommand")
GET_COMMAND_INVOCATION = ApiCall("ssm", "GetCommandInvocation")

CALLS = (GET_CALLER_IDENTITY, DESCRIBE_INSTANCE_INFORMATION, SEND_COMMAND, GET_COMMAND_INVOCATION)
"""In the order in which they are made."""

DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "Linux": ("AWS-RunShellScript", "linux"),
    "MacOS": ("AWS-RunShellScript", "macos"),
    "Windows": ("AWS-RunPowerShellScript", "windows"),
}
"""Platform as AWS names it → the document that runs a script there, and the probe's platform."""

TAG = "ssm-harden-probe"
"""The tag of the nodes that the example policy is for; `true` where the probe may be sent."""


def sender_policy() -> dict[str, Any]:
    """Return a policy document for whoever sends the probe: the two documents of AWS's, and nodes with the tag alone.

    GetCommandInvocation and DescribeInstanceInformation cannot be narrowed to resources.
    """
    reads = sorted(call.action for call in CALLS if call is not SEND_COMMAND)
    documents = sorted({f"arn:aws:ssm:*::document/{document}" for document, _ in DOCUMENTS.values()})
    nodes = ["arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:managed-instance/*"]
    tagged = {"StringEquals": {f"ssm:resourceTag/{TAG}": "true"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allowed("FindNodesAndReadAnswers", reads, "*"),
            _allowed("SendScripts", [SEND_COMMAND.action], documents),
            {**_allowed("ToTaggedNodes", [SEND_COMMAND.action], nodes), "Condition": tagged},
        ],
    }


def _allowed(sid: str, actions: list[str], resources: str | list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
