"""The nodes: EC2 instances, what Systems Manager heard of their agents, and nodes registered from elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ssm_hardening.core.logic import certainly, chained, mapped
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Instance
from ssm_hardening.read.live import calls, fleets
from ssm_hardening.read.live.answers import Description, first_gap, identified, known_texts, last_name, listed
from ssm_hardening.read.live.asking import Answered, AwsApi, Missing

ASKED_FOR_CONNECTION = 50
"""GetConnectionStatus takes one node at a time: where more are registered, none is asked about."""

_STATES = ("pending", "running", "stopping", "stopped")
_HYBRID = "mi-"


def instances(aws: AwsApi) -> Inventory[Instance]:
    """Return the instances that are not terminated, what groups launch, and all nodes of Systems Manager."""
    reading: tuple[Callable[[AwsApi], Inventory[Any]], ...] = (_machines, _registered, fleets.launched)
    machines, registered, launched = aws.each(lambda read: read(aws), reading)
    agents = {str(each.data["InstanceId"]): each for each in registered}
    connected = _connections(aws, registered)
    roles = _roles(aws, [*known_texts(map(_profile_arn, machines)), *fleets.profile_names(launched)])

    def heard(id_: str) -> Heard:
        at = _about(aws, calls.DESCRIBE_INSTANCE_INFORMATION, id_)
        silent = Absent(at) if registered.gap is None else registered.gap
        return Heard(agents.get(id_, silent), connected.get(id_, silent))

    found = [
        instance(each, heard(id_), role=_role(_profile_arn(each), roles))
        for id_, each in ((str(each.data["InstanceId"]), each) for each in _with_hidden(aws, machines, agents))
    ]
    found += [hybrid_node(each, heard(id_).connected) for id_, each in agents.items() if id_.startswith(_HYBRID)]
    found += [fleets.node(each, _role(each.profile, roles), _ping(each.group, agents)) for each in launched]
    gap = first_gap(machines.gap, registered.gap, launched.gap)
    return Inventory(tuple(sorted(found, key=lambda each: each.address)), gap)


def _ping(group: Description, agents: Mapping[str, Description]) -> Value[Text]:
    """Return that an agent of a group's instances is online, if one is: then something leads out of its subnets."""
    heard = (agents.get(str(each.data.get("InstanceId"))) for each in group.entries("Instances"))
    pings = (each.text("PingStatus") for each in heard if each is not None)
    return next((ping for ping in pings if certainly(ping, lambda text: text == "Online")), Absent(group.at))


def _with_hidden(aws: AwsApi, machines: Inventory[Description], agents: Iterable[str]) -> list[Description]:
    """Return the machines and, where EC2 kept some back, those that Systems Manager alone knows.

    Where EC2 kept none back, what Systems Manager still remembers has been terminated.
    """
    if machines.gap is None:
        return list(machines)
    seen = {each.data["InstanceId"] for each in machines}
    hidden = [id_ for id_ in agents if not id_.startswith(_HYBRID) and id_ not in seen]
    at = {id_: _about(aws, calls.DESCRIBE_INSTANCES, id_) for id_ in hidden}
    return [*machines, *(Description({"InstanceId": id_}, at[id_], machines.gap) for id_ in hidden)]


def _machines(aws: AwsApi) -> Inventory[Description]:
    parameters = {
        "Filters": [{"Name": "instance-state-name", "Values": list(_STATES)}],
        "PaginationConfig": {"PageSize": 1000},
    }
    call = calls.DESCRIBE_INSTANCES
    reservations = aws.all(call, "Reservations", aws.who.root, parameters)
    at = call.at(aws.who.root)
    found = (each.data for held in reservations for each in Description(held, at).entries("Instances"))
    return _identified(aws, call, Inventory(tuple(found), reservations.gap))


def _registered(aws: AwsApi) -> Inventory[Description]:
    call = calls.DESCRIBE_INSTANCE_INFORMATION
    found = aws.all(call, "InstanceInformationList", aws.who.root, {"PaginationConfig": {"PageSize": 50}})
    return _identified(aws, call, found)


def _identified(aws: AwsApi, call: calls.ApiCall, found: Inventory[Any]) -> Inventory[Description]:
    """Return the entries, each with its own ARN as origin; one without an id is a gap."""
    at = call.at(aws.who.root)
    return identified(found, at, "InstanceId", arn=lambda _, id_: _about(aws, call, id_).arn)


def _about(aws: AwsApi, call: calls.ApiCall, id_: str) -> ApiOrigin:
    service, kind = ("ssm", "managed-instance") if id_.startswith(_HYBRID) else ("ec2", "instance")
    return call.at(aws.who.arn(service, f"{kind}/{id_}"))


def _connections(aws: AwsApi, registered: Inventory[Description]) -> Mapping[str, Value[bool]]:
    """Return for each registered node whether Session Manager can reach it now."""
    ids = [str(each.data["InstanceId"]) for each in registered]
    if len(ids) > ASKED_FOR_CONNECTION:
        call = calls.GET_CONNECTION_STATUS
        why = f"{call}: only asked about {ASKED_FOR_CONNECTION:,} of {len(ids):,} registered nodes"
        return {id_: Unknown(Why.OUT_OF_SCOPE, _about(aws, call, id_), why) for id_ in ids}
    return dict(zip(ids, aws.each(lambda id_: _connection(aws, id_), ids), strict=True))


def _connection(aws: AwsApi, id_: str) -> Value[bool]:
    at = _about(aws, calls.GET_CONNECTION_STATUS, id_)
    match aws.ask(calls.GET_CONNECTION_STATUS, at.arn, {"Target": id_}):
        case Answered(data, at):
            match Description(data, at).text("Status"):
                case Known("connected" | "Connected"):
                    return Known(True, at)
                case Known("notconnected" | "NotConnected"):
                    return Known(False, at)
                case _:
                    return Description(data, at).malformed("Status")
        case Missing(at):
            return Absent(at)
        case Unknown() as gap:
            return gap


def _roles(aws: AwsApi, profiles: Iterable[str]) -> Mapping[str, Value[Text]]:
    """Return the role of each instance profile, by the profile's name; profiles are given by name or ARN."""
    arns = {last_name(each): each for each in sorted(profiles)}
    whole = [
        arn if arn.startswith("arn:") else aws.who.arn("iam", f"instance-profile/{arn}", region=False)
        for arn in arns.values()
    ]
    return dict(zip(arns, aws.each(_role_reader(aws), whole), strict=True))


def _profile_arn(machine: Description) -> Value[Text]:
    return machine.text_or_absent("IamInstanceProfile", "Arn")


def _role_reader(aws: AwsApi) -> Callable[[str], Value[Text]]:
    def role(arn: str) -> Value[Text]:
        name = {"InstanceProfileName": last_name(arn)}
        match aws.ask(calls.GET_INSTANCE_PROFILE, arn, name, missing=("NoSuchEntity",)):
            case Answered({"InstanceProfile": {"Roles": [held]}}, at):
                return Description(held, at).text("RoleName")
            case Answered({"InstanceProfile": {"Roles": []}}, at) | Missing(at):
                return Absent(at)
            case Answered(data, at):
                return Description(data, at).malformed("InstanceProfile.Roles")
            case Unknown() as gap:
                return gap

    return role


def _role(profile: Value[Text], roles: Mapping[str, Value[Text]]) -> Value[Text]:
    return chained(profile, lambda named: roles[last_name(str(named.value))])


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
        imds_endpoint=machine.text_or_absent("MetadataOptions", "HttpEndpoint"),
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
    return mapped(arn, lambda text: last_name(str(text)))


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
    return mapped(agent.text("PlatformType"), lambda told: _PLATFORMS.get(str(told).lower(), told))


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
            detail = (
                f"{machine.at.call}: an instance that is not running has no address, but may get one when it starts"
            )
            return Unknown(Why.COMPUTED, machine.at, detail)
