"""From what EC2 and Systems Manager say of a node to the fact."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ssm_hardening.core.values import Absent, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Instance
from ssm_hardening.read.live.answers import Description, last_name, listed

V = TypeVar("V", str, int, bool, Text)

_PLATFORMS = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What Systems Manager heard of a node's agent, and whether its session channel is open.

    `agent` is Absent where the agent never registered.
    """

    agent: Description | Absent | Unknown
    connected: Value[bool]

    def tell(self, read: Callable[[Description], Value[V]]) -> Value[V]:
        """Return what is read from what the agent reported, where it did."""
        return read(self.agent) if isinstance(self.agent, Description) else self.agent


def instance(machine: Description, heard: Heard, *, role: Value[Text]) -> Instance:
    """Return an EC2 instance. `machine` holds its InstanceId; `role` is that of its profile."""
    return Instance(
        address=machine.at.arn,
        declaration=machine.at.arn,
        origin=machine.at,
        name=Known(str(machine.data["InstanceId"]), machine.at),
        exists=Known(True, machine.at),
        label=_tag(machine, "Name"),
        kind=Known("ec2", machine.at),
        platform=_platform(machine, heard),
        state=machine.text("State", "Name"),
        profile=_named(machine.text_or_absent("IamInstanceProfile", "Arn")),
        role=role,
        security_groups=_groups(machine),
        subnet=machine.text("SubnetId"),
        public_ip=_public_ip(machine),
        key_name=machine.text_or_absent("KeyName"),
        imds_tokens=machine.text("MetadataOptions", "HttpTokens"),
        imds_hop_limit=machine.number("MetadataOptions", "HttpPutResponseHopLimit"),
        agent_version=heard.tell(lambda agent: agent.text("AgentVersion")),
        agent_latest=heard.tell(lambda agent: agent.flag("IsLatestVersion")),
        ping=heard.tell(lambda agent: agent.text("PingStatus")),
        connected=heard.connected,
        tags=_tags(machine),
    )


def hybrid_node(agent: Description, connected: Value[bool]) -> Instance:
    """Return a node that was registered through an activation: EC2 knows nothing of it."""
    none = agent.absent()
    return Instance(
        address=agent.at.arn,
        declaration=agent.at.arn,
        origin=agent.at,
        name=Known(str(agent.data["InstanceId"]), agent.at),
        exists=Known(True, agent.at),
        label=agent.text_or_absent("Name"),
        kind=Known("managed", agent.at),
        platform=_agent_platform(agent),
        state=none,
        profile=none,
        role=_named(agent.text_or_absent("IamRole")),
        security_groups=none,
        subnet=none,
        public_ip=none,
        key_name=none,
        imds_tokens=none,
        imds_hop_limit=none,
        agent_version=agent.text("AgentVersion"),
        agent_latest=agent.flag("IsLatestVersion"),
        ping=agent.text("PingStatus"),
        connected=connected,
    )


def _named(arn: Value[Text]) -> Value[Text]:
    match arn:
        case Known(text, at):
            return Known(last_name(str(text)), at)
        case Absent() | Unknown():
            return arn


def _tag(machine: Description, key: str) -> Value[Text]:
    found = [each for each in machine.entries("Tags") if each.data.get("Key") == key]
    return found[0].text_or_absent("Value") if found else machine.absent()


def _tags(machine: Description) -> Value[Record]:
    """Return all tags as one record; one without a key leaves them open."""
    found: dict[str, Value[Text]] = {}
    gap = machine.gap
    for each in machine.entries("Tags"):
        match each.text("Key"), each.data.get("Value"):
            case Known(key), str() as value:
                found[str(key)] = Known(value, machine.at)
            case Known(key), _:
                found[str(key)] = Known("", machine.at)
            case Unknown() as unread, _:
                gap = unread if gap is None else gap
            case _:
                continue
    return Known(Record(dict(sorted(found.items())), gap), machine.at)


def _platform(machine: Description, heard: Heard) -> Value[Text]:
    """Return what the agent says it runs on; where there is none, what EC2 knows of the image."""
    told = heard.tell(_agent_platform)
    return told if isinstance(told, Known) else _image_platform(machine)


def _agent_platform(agent: Description) -> Value[Text]:
    match agent.text("PlatformType"):
        case Known(str() as told, at):
            return Known(_PLATFORMS.get(told.lower(), told), at)
        case other:
            return other


def _image_platform(machine: Description) -> Value[Text]:
    """Return what EC2 tells: it names Windows alone, and Macs have instance types of their own."""
    match machine.text_or_absent("Platform"), machine.text("InstanceType"):
        case Known(at=at), _:
            return Known("Windows", at)
        case Absent(), Known(str() as type_, at):
            return Known("macOS" if type_.startswith("mac") else "Linux", at)
        case _, other:
            return other


def _groups(machine: Description) -> Value[Items]:
    """Return the groups of all network interfaces; the instance itself lists those of the first."""
    if machine.gap is not None:
        return machine.gap
    held = (machine, *machine.entries("NetworkInterfaces"))
    named = [
        group.text("GroupId") for each in held for group in (*each.entries("SecurityGroups"), *each.entries("Groups"))
    ]
    return listed(named, at=machine.at)


def _public_ip(machine: Description) -> Value[bool]:
    """Say whether the instance has a public IPv4 address, or may get one when it starts."""
    held = (machine, *machine.entries("NetworkInterfaces"))
    found = [
        each.text_or_absent(*path) for each in held for path in (("PublicIpAddress",), ("Association", "PublicIp"))
    ]
    match next((each for each in found if not isinstance(each, Absent)), None), machine.text("State", "Name"):
        case Known(at=at), _:
            return Known(True, at)
        case Unknown() as gap, _:
            return gap
        case None, Known("running"):
            return Known(False, machine.at)
        case None, Unknown() as gap:
            return gap
        case _:
            detail = f"{machine.at.call}: an instance that does not run shows no address; it may get one when it starts"
            return Unknown(Why.COMPUTED, machine.at, detail)
