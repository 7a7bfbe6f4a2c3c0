"""Run Command: commands come and go as AWS's do, and nothing is ever run."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.moto_api._internal import mock_random
from moto.ssm.responses import SimpleSystemManagerResponse

from ssm_hardening.sandbox.services.nodes import MARKER, is_hardened, probe_output, tags_of
from ssm_hardening.sandbox.services.state import STATES, Item, Refusal, Regional, page

SCRIPTS = {
    "AWS-RunShellScript": ("aws:runShellScript", {"Linux", "MacOS"}),
    "AWS-RunPowerShellScript": ("aws:runPowerShellScript", {"Windows", "Linux", "MacOS"}),
}
"""AWS's documents that run what they are given: their plugin, the platforms that they are for."""

MOST_OUTPUT = 24_000
_MOST_LISTED = 2_500
_CUT = "--output truncated--"
_MOST_NODES = 50
_STEPS = ("Pending", "InProgress")
"""What the first askers are told."""


class Commands(SimpleSystemManagerResponse):
    """Operations of `ssm` on commands."""

    @property
    def ours(self) -> Regional:
        """The items of the caller's account in the Region called."""
        return STATES[self.current_account, self.region]

    def send_command(self) -> ActionResult:
        """Send a command to nodes that are online; each will have succeeded when it has been asked for twice."""
        document = self._document()
        nodes = self._nodes(document)
        command = self._command(document, nodes)
        invocations = {node["InstanceId"]: self._invocation(command, node) for node in nodes}
        self.ours.commands.append({"command": command, "invocations": invocations})
        return ActionResult({"Command": command})

    def get_command_invocation(self) -> ActionResult:
        """Say how a command goes on one node."""
        sent = self._sent(str(self._get_param("CommandId")))
        found = sent["invocations"].get(self._get_param("InstanceId"))
        if found is None:
            raise Refusal("InvocationDoesNotExist", "The command ID and managed node ID you specified do not match.")
        return ActionResult(_step(found))

    def list_commands(self) -> ActionResult:
        """List commands, latest first."""
        found = [self._overview(sent) for sent in self._asked_for()]
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"Commands": paged["items"], "NextToken": paged["NextToken"]})

    def list_command_invocations(self) -> ActionResult:
        """List what came of commands on each node; the output, cut short, where details are asked for."""
        details = self._get_param("Details") is True
        found = [
            _listed(sent["command"], invocation, details=details)
            for sent in self._asked_for()
            for node, invocation in sent["invocations"].items()
            if self._get_param("InstanceId") in {None, node}
        ]
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"CommandInvocations": paged["items"], "NextToken": paged["NextToken"]})

    def cancel_command(self) -> ActionResult:
        """Cancel a command where it has not ended."""
        invocations = self._sent(str(self._get_param("CommandId")))["invocations"]
        for node in self._get_param("InstanceIds") or list(invocations):
            if node not in invocations:
                raise Refusal("InvalidInstanceId", f"This command was not sent to {node}.")
            if _status(invocations[node]) in _STEPS:
                ended = {"Status": "Cancelled", "StatusDetails": "Cancelled", "ResponseCode": -1}
                empty = {"StandardOutputContent": "", "StandardErrorContent": ""}
                invocations[node].update(asked=len(_STEPS), answer=invocations[node]["answer"] | ended | empty)
        return EmptyResult()

    def _document(self) -> str:
        name = str(self._get_param("DocumentName")).split(":document/", 1)[-1]
        if name in SCRIPTS:
            if not (self._get_param("Parameters") or {}).get("commands"):
                raise Refusal("InvalidParameters", "The parameter commands is required.")
            return name
        found = self.ssm_backend._documents.get(name)
        if found is None and not name.startswith("AWS"):
            raise Refusal("InvalidDocument", f"Document with name {name} does not exist.")
        if found is not None and found.get_default_version().document_type != "Command":
            raise Refusal("InvalidDocument", f"Document with name {name} is not a Command document.")
        return name

    def _nodes(self, document: str) -> list[Item]:
        """Return the nodes that are online; those that are named must all be, and be of the document's platforms."""
        known = {node["InstanceId"]: node for node in self.ours.instance_information}
        online = [node for node in known.values() if node.get("PingStatus") == "Online"]
        ids: Sequence[str] = self._get_param("InstanceIds") or []
        targets: Sequence[Item] = self._get_param("Targets") or []
        if bool(ids) is bool(targets):
            raise Refusal("ValidationException", "Give either InstanceIds or Targets.")
        if len(ids) > _MOST_NODES:
            raise Refusal("ValidationException", f"InstanceIds must have length less than or equal to {_MOST_NODES}")
        lost = [id_ for id_ in ids if known.get(id_) not in online]
        if lost:
            raise Refusal("InvalidInstanceId", f"Instances [[{', '.join(lost)}]] not in a valid state for account")
        chosen = [known[id_] for id_ in ids] if ids else [node for node in online if self._is_meant(targets, node)]
        fit = [node for node in chosen if node.get("PlatformType") in _platforms(document)]
        if ids and len(fit) < len(chosen):
            raise Refusal("UnsupportedPlatformType", f"{document} does not support the platform of the given nodes.")
        return fit

    def _command(self, document: str, nodes: Sequence[Item]) -> Item:
        now = datetime.now(UTC)
        return {
            "CommandId": str(mock_random.uuid4()),
            "DocumentName": document,
            "DocumentVersion": self._get_param("DocumentVersion") or "$DEFAULT",
            "Comment": self._get_param("Comment") or "",
            "ExpiresAfter": now + timedelta(seconds=self._get_param("TimeoutSeconds") or 3600),
            "Parameters": self._get_param("Parameters") or {},
            "InstanceIds": [node["InstanceId"] for node in nodes] if self._get_param("InstanceIds") else [],
            "Targets": self._get_param("Targets") or [],
            "RequestedDateTime": now,
            "Status": "Pending",
            "StatusDetails": "Pending",
            "TimeoutSeconds": self._get_param("TimeoutSeconds") or 3600,
            "MaxConcurrency": self._get_param("MaxConcurrency") or "50",
            "MaxErrors": self._get_param("MaxErrors") or "0",
            "TargetCount": len(nodes),
            "CompletedCount": 0,
            "ErrorCount": 0,
        }

    def _invocation(self, command: Item, node: Item) -> Item:
        now = datetime.now(UTC)
        answer = {
            "CommandId": command["CommandId"],
            "InstanceId": node["InstanceId"],
            "Comment": command["Comment"],
            "DocumentName": command["DocumentName"],
            "DocumentVersion": command["DocumentVersion"],
            "PluginName": SCRIPTS.get(command["DocumentName"], ("aws:runDocument", set()))[0],
            "ResponseCode": 0,
            "ExecutionStartDateTime": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "ExecutionElapsedTime": "PT1.042S",
            "ExecutionEndDateTime": (now + timedelta(seconds=1)).isoformat(timespec="milliseconds")[:-6] + "Z",
            "Status": "Success",
            "StatusDetails": "Success",
            "StandardOutputContent": self._output(command, node),
            "StandardErrorContent": "",
            **self.ours.command_output.get(node["InstanceId"], {}),
        }
        return {"asked": 0, "answer": answer | {"StandardOutputContent": _cut(answer["StandardOutputContent"])}}

    def _output(self, command: Item, node: Item) -> str:
        wanted = {"Linux": "AWS-RunShellScript", "Windows": "AWS-RunPowerShellScript"}.get(node.get("PlatformType", ""))
        script = "\n".join(command["Parameters"]["commands"])
        if command["DocumentName"] != wanted or MARKER not in script:
            return ""
        done = is_hardened(node, self.ours.associations, targeted=self._is_associated, content=self._content)
        return probe_output(node, script, hardened=done)

    def _content(self, name: str) -> str:
        found = self.ssm_backend._documents.get(name)
        return "" if found is None else str(found.get_default_version().content)

    def _is_associated(self, association: Item, node: Item) -> bool:
        if association.get("InstanceId"):
            return bool(association["InstanceId"] == node["InstanceId"])
        return self._is_meant(association.get("Targets") or [], node)

    def _is_meant(self, targets: Sequence[Item], node: Item) -> bool:
        """Say whether all targets hold for the node."""
        tags = tags_of(self.current_account, self.region, node["InstanceId"])
        return targets != [] and all(_holds(target["Key"], target["Values"], node, tags) for target in targets)

    def _sent(self, command: str) -> Item:
        for sent in self.ours.commands:
            if sent["command"]["CommandId"] == command:
                return sent
        raise Refusal("InvalidCommandId", "The specified command ID is not valid. Verify the ID and try again.")

    def _asked_for(self) -> list[Item]:
        command, node = self._get_param("CommandId"), self._get_param("InstanceId")
        found = [self._sent(str(command))] if command else self.ours.commands[::-1]
        return [sent for sent in found if node is None or node in sent["invocations"]]

    def _overview(self, sent: Item) -> Item:
        statuses = [_status(one) for one in sent["invocations"].values()]
        ended = [status for status in statuses if status not in _STEPS]
        whole = next((step for step in (*_STEPS, "Failed", "Cancelled") if step in statuses), "Success")
        failed = sum(status != "Success" for status in ended)
        told = {"Status": whole, "StatusDetails": whole, "CompletedCount": len(ended), "ErrorCount": failed}
        return {**sent["command"], **told}


def _platforms(document: str) -> set[str]:
    return SCRIPTS.get(document, ("", {"Linux", "Windows", "MacOS"}))[1]


def _holds(key: str, values: Sequence[str], node: Item, tags: Any) -> bool:
    match key:
        case "InstanceIds":
            return "*" in values or node["InstanceId"] in values
        case "tag-key":
            return any(value in tags for value in values)
        case _:
            return key.startswith("tag:") and tags.get(key.removeprefix("tag:")) in values


def _status(invocation: Item) -> str:
    asked: int = invocation["asked"]
    return _STEPS[asked] if asked < len(_STEPS) else str(invocation["answer"]["Status"])


def _step(invocation: Item) -> Item:
    """Return the invocation as it is now, which goes on by being asked for."""
    status = _status(invocation)
    answer: Item = invocation["answer"]
    invocation["asked"] += 1
    if status not in _STEPS:
        return answer
    unsaid = {"StandardOutputContent": "", "StandardErrorContent": "", "ResponseCode": -1, "ExecutionEndDateTime": ""}
    return {**answer, **unsaid, "Status": status, "StatusDetails": status, "ExecutionElapsedTime": ""}


def _listed(command: Item, invocation: Item, *, details: bool) -> Item:
    answer, status = invocation["answer"], _status(invocation)
    output = answer["StandardOutputContent"][:_MOST_LISTED] if status not in _STEPS else ""
    plugin = {
        "Name": answer["PluginName"],
        "Status": status,
        "StatusDetails": status,
        "ResponseCode": answer["ResponseCode"],
        "Output": output,
    }
    return {
        "CommandId": command["CommandId"],
        "InstanceId": answer["InstanceId"],
        "Comment": command["Comment"],
        "DocumentName": command["DocumentName"],
        "RequestedDateTime": command["RequestedDateTime"],
        "Status": status,
        "StatusDetails": status,
        "CommandPlugins": [plugin] if details else [],
    }


def _cut(output: str) -> str:
    """Keep what Run Command keeps, in the agent's own manner."""
    return output if len(output) < MOST_OUTPUT else output[: MOST_OUTPUT - len(_CUT)] + _CUT
