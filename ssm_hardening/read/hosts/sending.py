"""Where the probe is sent, and what that takes: the calls, the policy that allows them, and the nodes to ask.

The auditor may make those of the calls alone that read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.values import Unknown
from ssm_hardening.read.live.asking import AwsApi
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


_ID = re.compile(r"m?i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_TAG = re.compile(r"tag:([^=]{1,128})=(.{0,256})", re.DOTALL)
_ONLINE = "Online"
_MOST_IDS = 50
"""Ids in one filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineNode:
    """A node that is online. `platform` is AWS's name (`Linux`, `Windows`, `MacOS`), `computer` the node's own."""

    id: str
    platform: str
    computer: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A target that is not asked, and why."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The nodes to ask, by id, and what cannot be asked."""

    nodes: tuple[OnlineNode, ...]
    left_out: tuple[LeftOut, ...] = ()


def choose(caller: AwsApi, targets: Sequence[str]) -> Chosen:
    """Look up the targets: ids of nodes, and `tag:KEY=VALUE`.

    Raises UsageError for a target that is neither, and where Systems Manager does not tell its nodes.
    """
    wanted = tuple(dict.fromkeys(targets))
    for target in wanted:
        _check(target)
    ids = [target for target in wanted if _ID.fullmatch(target)]
    registered = {str(each.get("InstanceId")): each for each in _by_ids(caller, ids)}
    left_out = [
        LeftOut(id_, "not registered with Systems Manager in this account and Region")
        for id_ in ids
        if id_ not in registered
    ]
    for target in wanted:
        tag = _TAG.fullmatch(target)
        if tag is None:
            continue
        found = _listed(caller, f"tag:{tag[1]}", [tag[2]])
        registered |= {str(each.get("InstanceId")): each for each in found}
        left_out += [] if found else [LeftOut(target, "no node registered with Systems Manager has this tag")]
    nodes, refused = _sorted_out(registered.values())
    return Chosen(nodes, (*left_out, *refused))


def _check(target: str) -> None:
    if not _ID.fullmatch(target) and not _TAG.fullmatch(target):
        raise UsageError(f"{target!r} is not a valid target", hint="use a node ID (i-… or mi-…), or tag:KEY=VALUE")


def _by_ids(caller: AwsApi, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for start in range(0, len(ids), _MOST_IDS):
        some = ids[start : start + _MOST_IDS]
        found = _listed(caller, "InstanceIds", some)
        # One id that AWS does not like must not hide the others.
        yield from found or (each for one in some for each in _listed(caller, "InstanceIds", [one]))


def _listed(caller: AwsApi, key: str, values: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    call = DESCRIBE_INSTANCE_INFORMATION
    parameters = {"Filters": [{"Key": key, "Values": list(values)}], "PaginationConfig": {"PageSize": 50}}
    missing = ("InvalidInstanceId", "InvalidInstanceInformationFilterValue")
    found = caller.all(call, "InstanceInformationList", caller.who.root, parameters, missing=missing)
    match found.gap:
        case Unknown(detail=detail):
            raise UsageError(f"cannot look up the nodes: {detail}", hint=f"allow {call.action}")
        case None:
            return tuple(found)


def _sorted_out(registered: Iterable[Mapping[str, Any]]) -> tuple[tuple[OnlineNode, ...], list[LeftOut]]:
    nodes: list[OnlineNode] = []
    left_out: list[LeftOut] = []
    for each in sorted(registered, key=lambda each: str(each.get("InstanceId"))):
        id_, platform, ping = (str(each.get(name, "")) for name in ("InstanceId", "PlatformType", "PingStatus"))
        if ping != _ONLINE:
            left_out.append(LeftOut(id_, f"its agent is not online ({ping or 'no ping status'})"))
        elif platform not in DOCUMENTS or not _ID.fullmatch(id_):
            left_out.append(LeftOut(id_, f"there is no probe for its platform ({platform or 'unknown'})"))
        else:
            nodes.append(OnlineNode(id=id_, platform=platform, computer=str(each.get("ComputerName", ""))))
    return tuple(nodes), left_out
