"""Systems Manager's view of the nodes: agents, properties, connection, inventory; and what our probes print there."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.ec2.models import ec2_backends

from ssm_hardening.sandbox.services.state import STATES, Item, Refusal, Regional, page

_KEYS = {
    "InstanceIds": "InstanceId",
    "AgentVersion": "AgentVersion",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "ActivationIds": "ActivationId",
    "IamRole": "IamRole",
    "ResourceType": "ResourceType",
    "AssociationStatus": "AssociationStatus",
    "SourceIds": "SourceId",
    "SourceTypes": "SourceType",
    "InstanceId": "InstanceId",
    "PlatformType": "PlatformType",
    "PlatformName": "PlatformName",
    "PlatformVersion": "PlatformVersion",
    "ComputerName": "ComputerName",
    "IPAddress": "IPAddress",
}
"""Filter key → member of the answer."""


class ManagedNodes(BaseResponse):
    """Operations of `ssm` on nodes."""

    @property
    def state(self) -> Regional:
        """The items of the caller's account in the Region called."""
        return STATES[self.current_account, self.region]

    def describe_instance_information(self) -> ActionResult:
        """Agents, 50 to a page."""
        wanted = _filters(self._get_param("Filters"), self._get_param("InstanceInformationFilterList"))
        found = [item for item in self.state.instance_information if self._matches(item, wanted)]
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"InstanceInformationList": paged["items"], "NextToken": paged["NextToken"]})

    def describe_instance_properties(self) -> ActionResult:
        """Return the agents once more, with what EC2 knows of their instances; up to 1,000 to a page."""
        wanted = _filters(self._get_param("FiltersWithOperator"), self._get_param("InstancePropertyFilterList"))
        found = [item for item in self.state.instance_information if self._matches(item, wanted)]
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=1000)
        items = [self._with_instance(item) for item in paged["items"]]
        return ActionResult({"InstanceProperties": items, "NextToken": paged["NextToken"]})

    def get_connection_status(self) -> ActionResult:
        """Say whether Session Manager reaches the node: as was put, else by its agent's ping."""
        target = self._get_param("Target")
        if not target:
            raise Refusal("ValidationException", "Target is required")
        known = self.state.connection_status.get(target)
        online = any(
            item["InstanceId"] == target and item.get("PingStatus") == "Online"
            for item in self.state.instance_information
        )
        return ActionResult({"Target": target, "Status": known or ("connected" if online else "notconnected")})

    def get_inventory(self) -> ActionResult:
        """Return the entities that were put, unfiltered."""
        paged = page(self.state.inventory, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"Entities": paged["items"], "NextToken": paged["NextToken"]})

    def _matches(self, item: Item, wanted: Mapping[str, Sequence[str]]) -> bool:
        for key, values in wanted.items():
            if key.startswith("tag:"):
                found = tags_of(self.current_account, self.region, item["InstanceId"]).get(key.removeprefix("tag:"))
            elif key in _KEYS:
                found = item.get(_KEYS[key])
            else:
                raise Refusal("InvalidInstanceInformationFilterValue", f"The filter key {key} is not valid.")
            if found not in values:
                return False
        return True

    def _with_instance(self, item: Item) -> Item:
        tags = tags_of(self.current_account, self.region, item["InstanceId"])
        known = {**item, "Name": tags.get("Name")}
        instance = _instances(self.current_account, self.region).get(item["InstanceId"])
        if instance is None:
            return known
        return {
            **known,
            "InstanceType": instance.instance_type,
            "KeyName": instance.key_name,
            "InstanceState": instance.state,
            "Architecture": instance.architecture,
            "LaunchTime": instance.launch_time,
        }


def tags_of(account: str, region: str, node: str) -> Mapping[str, str]:
    """Return the tags of a node, which may have been registered from elsewhere."""
    if node.startswith("mi-"):
        return STATES[account, region].tags["ManagedInstance", node]
    tags = ec2_backends[account][region].describe_tags(filters={"resource-id": [node]})
    return {tag["key"]: tag["value"] for tag in tags}


def _instances(account: str, region: str) -> Mapping[str, Any]:
    reservations = ec2_backends[account][region].all_reservations()
    return {instance.id: instance for reservation in reservations for instance in reservation.instances}


def _filters(*given: Sequence[Mapping[str, Any]] | None) -> dict[str, Sequence[str]]:
    """Return key → accepted values, from the two spellings in which AWS takes filters."""
    found: dict[str, Sequence[str]] = {}
    for filters in given:
        for one in filters or ():
            found[one.get("Key") or one["key"]] = one.get("Values") or one["valueSet"]
    return found


MARKER = "ssm-harden/host/1"
"""What only our probes say of themselves."""

_HOSTS = Path(__file__).resolve().parent.parent / "seeds" / "hosts"
_REMOVES = re.compile(r"SSM_HARDEN_REMOVE_PRIVILEGES\s*=\s*'true'")
_USERS = re.compile(r"^(?:SSM_HARDEN_USERS=|\$SsmHardenUsers = )(.*)$", re.MULTILINE)
_FILES = {"Linux": "linux", "Windows": "windows"}
_ACTIONS = {"Linux": "aws:runShellScript", "Windows": "aws:runPowerShellScript"}


def probe_output(node: Item, script: str, *, hardened: bool) -> str:
    """Return what the probe printed on a node of this platform, before or after the remedy; empty where none is known.

    `node` is as DescribeInstanceInformation describes it. Of the users that were looked at, those are told of whom the
    `script` asks for.
    """
    if node.get("PlatformType") not in _FILES:
        return ""
    name = f"{_FILES[node['PlatformType']]}-{'after' if hardened else 'before'}.json"
    text = (_HOSTS / name).read_text(encoding="utf-8")
    document = json.loads(text)
    told = document["identities"]
    told["items"] = [each for each in told["items"] if each["name"] in _users(script)]
    document["node"]["id"] = node["InstanceId"]
    return "{" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in document.items()) + "}\n"


def _users(script: str) -> list[str]:
    """Return whom a probe asks for: it names them in one line."""
    found = _USERS.search(script)
    return [] if found is None else re.findall(r"[a-z_][a-z0-9_-]*", found[1])


def is_hardened(
    node: Item, associations: Iterable[Item], *, targeted: Callable[[Item, Item], bool], content: Callable[[str], str]
) -> bool:
    """Say whether an association has taken the node's users their rights: its document is our remedy, told to do so.

    `targeted` says of an association and a node whether they meet, `content` returns that of a document by name, empty
    where there is none.
    """
    documents = {str(each.get("Name")) for each in associations if targeted(each, node)}
    return any(_removes(content(name), str(node.get("PlatformType"))) for name in sorted(documents))


def _removes(content: str, platform: str) -> bool:
    try:
        steps = json.loads(content)["mainSteps"]
    except (ValueError, KeyError, TypeError):
        return False
    return any(_REMOVES.search(line) for step in steps for line in _lines(step, platform))


def _lines(step: Mapping[str, Any], platform: str) -> list[str]:
    if step.get("action") != _ACTIONS.get(platform):
        return []
    return [str(line) for line in step.get("inputs", {}).get("runCommand", [])]
