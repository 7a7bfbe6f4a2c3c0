"""Sends the probe with Run Command and collects what it prints. The output is evidence: it is never logged."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ssm_hardening.core.errors import UsageError, counted
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.read.hosts import evidence
from ssm_hardening.read.hosts.scripts import script
from ssm_hardening.read.hosts.sending import DOCUMENTS, GET_COMMAND_INVOCATION, SEND_COMMAND, OnlineNode
from ssm_hardening.read.live.asking import Answered, AwsApi, Data, Missing

COMMENT = "ssm-harden host probe, read-only"

_MOST_NODES = 50
"""Nodes that one SendCommand may name."""

_DELIVERY_SECONDS = 60
_EXECUTION_SECONDS = 60
_DEADLINE_SECONDS = _DELIVERY_SECONDS + _EXECUTION_SECONDS + 30.0
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.5, 5.0, 1.5

_RUNNING = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_MOST_OUTPUT = 24_000
_CUT = "--output truncated--"
_ENDED = "ExecutionEndDateTime"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """What came of one node: its evidence, a document of the schema with the member `collected`, or a problem.

    `denied`: AWS refused the call.
    """

    node: str
    evidence: Mapping[str, Any] | None = None
    problem: str = ""
    denied: bool = False


@dataclass(frozen=True, slots=True)
class _Sent:
    """A command on its way to a node."""

    node: OnlineNode
    command: str


def run(caller: AwsApi, nodes: Sequence[OnlineNode], users: Sequence[str] = ()) -> Iterator[ProbeResult]:
    """Send the probe to the nodes and yield one answer for each, as they come.

    `users` are OS users that Run As may take, beside ssm-user. Raises UsageError for a name that is none.
    """
    waiting: dict[str, _Sent] = {}
    for platform, group in groupby(sorted(nodes, key=lambda node: node.platform), key=lambda node: node.platform):
        document, probe = DOCUMENTS[platform]
        # Windows has no Run As.
        text = script(probe, () if probe == "windows" else users)
        for found in _sent(caller, document, text, tuple(group)):
            if isinstance(found, ProbeResult):
                yield found
            else:
                waiting[found.node.id] = found
    yield from _collected(caller, waiting)


def _sent(caller: AwsApi, document: str, text: str, nodes: tuple[OnlineNode, ...]) -> Iterator[_Sent | ProbeResult]:
    if len(nodes) > _MOST_NODES:
        yield from _sent(caller, document, text, nodes[:_MOST_NODES])
        yield from _sent(caller, document, text, nodes[_MOST_NODES:])
        return
    match caller.ask(SEND_COMMAND, caller.who.root, _parameters(document, text, nodes), missing=("InvalidInstanceId",)):
        case Answered({"Command": {"CommandId": str(command)}}):
            yield from (_Sent(node, command) for node in nodes)
        case Answered():
            yield from (
                ProbeResult(node=node.id, problem=f"{SEND_COMMAND}: the response has no command ID") for node in nodes
            )
        case Missing() if len(nodes) == 1:
            yield ProbeResult(node=nodes[0].id, problem=f"{SEND_COMMAND}: InvalidInstanceId: the node went offline")
        case Missing():
            # AWS refuses all for the sake of one that went offline meanwhile, and does not say in fields which.
            half = len(nodes) // 2
            yield from _sent(caller, document, text, nodes[:half])
            yield from _sent(caller, document, text, nodes[half:])
        case Unknown() as gap:
            yield from (_refused(node, gap) for node in nodes)


def _parameters(document: str, text: str, nodes: Sequence[OnlineNode]) -> Data:
    return {
        "DocumentName": document,
        "InstanceIds": [node.id for node in nodes],
        "Comment": COMMENT,
        "TimeoutSeconds": _DELIVERY_SECONDS,
        # Otherwise one node that fails keeps others from being asked.
        "MaxConcurrency": str(_MOST_NODES),
        "MaxErrors": str(_MOST_NODES),
        "Parameters": {"commands": text.split("\n"), "executionTimeout": [str(_EXECUTION_SECONDS)]},
    }


def _collected(caller: AwsApi, waiting: dict[str, _Sent]) -> Iterator[ProbeResult]:
    pause, end = _FIRST_PAUSE, time.monotonic() + _DEADLINE_SECONDS
    last: dict[str, str] = {}
    while waiting and time.monotonic() < end:
        time.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
        for found in caller.each(lambda sent: _asked(caller, sent), tuple(waiting.values())):
            match found:
                case ProbeResult(node=node):
                    del waiting[node]
                    yield found
                case (str(node), str(reason)):
                    last[node] = reason
    for node, sent in waiting.items():
        told = f"no response within {_DEADLINE_SECONDS:.0f} s; the command ID is {sent.command}"
        yield ProbeResult(node=node, problem=f"{told} ({last[node]})" if last.get(node) else told)


def _asked(caller: AwsApi, sent: _Sent) -> ProbeResult | tuple[str, str]:
    """Return the node's answer, or its id and how things stand where there is none yet."""
    arn = caller.who.arn("ssm", f"managed-instance/{sent.node.id}")
    parameters = {"CommandId": sent.command, "InstanceId": sent.node.id}
    match caller.ask(GET_COMMAND_INVOCATION, arn, parameters, missing=("InvocationDoesNotExist",)):
        case Answered({"Status": str(status)}) if status in _RUNNING:
            return sent.node.id, status
        case Answered(data):
            return _ended(caller, sent, data)
        case Missing():
            # It takes a moment until all of AWS knows of a command.
            return sent.node.id, "InvocationDoesNotExist"
        case Unknown(why=Why.DENIED) as gap:
            return _refused(sent.node, gap)
        case Unknown(detail=detail):
            return sent.node.id, detail


def _refused(node: OnlineNode, gap: Unknown) -> ProbeResult:
    return ProbeResult(node=node.id, problem=gap.detail, denied=gap.why is Why.DENIED)


def _ended(caller: AwsApi, sent: _Sent, data: Data) -> ProbeResult:
    problem = _problem(data)
    if problem:
        return ProbeResult(node=sent.node.id, problem=problem)
    try:
        document = evidence.loads(str(data["StandardOutputContent"]).encode("utf-8", "replace"), file="the output")
    except UsageError as error:
        return ProbeResult(node=sent.node.id, problem=error.message)
    if document.platform.lower() != sent.node.platform.lower():
        return ProbeResult(
            node=sent.node.id, problem=f"the probe reports {document.platform}, but AWS reports {sent.node.platform}"
        )
    return ProbeResult(node=sent.node.id, evidence={**document.data, "collected": _collection(caller, sent, data)})


def _problem(data: Data) -> str:
    """Say why an ended command is no evidence; empty where nothing speaks against it."""
    status, output = data.get("Status"), str(data.get("StandardOutputContent", ""))
    if status != "Success":
        return f"Run Command: {data.get('StatusDetails') or status}, exit code {data.get('ResponseCode')}"
    if len(output) >= _MOST_OUTPUT or output.rstrip().endswith(_CUT):
        return f"Run Command truncated the output to {_MOST_OUTPUT:,} characters"
    complaints = str(data.get("StandardErrorContent", "")).strip()
    if complaints:
        errors = counted(len(complaints), "character")
        return f"the probe printed {errors} of errors to stderr; run it on the node to see them"
    return "" if output.strip() else "the probe printed nothing"


def _collection(caller: AwsApi, sent: _Sent, data: Data) -> Mapping[str, str]:
    """Return what AWS itself says of the answer; what the node says of itself it may say wrongly."""
    return {
        "instance": sent.node.id,
        "account": caller.who.account,
        "region": caller.who.region,
        "command": sent.command,
        "at": str(data.get(_ENDED) or datetime.now(UTC).isoformat(timespec="seconds")),
    }
