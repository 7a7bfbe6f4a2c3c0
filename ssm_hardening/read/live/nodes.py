"""The nodes: EC2 instances, what Systems Manager heard of their agents, and nodes registered from elsewhere."""

from collections.abc import Callable, Iterable, Mapping

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Instance
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Description, first_gap, last_name
from ssm_hardening.read.live.asking import Answered, AwsApi, Missing
from ssm_hardening.read.live.node_facts import Heard, hybrid_node, instance

ASKED_FOR_CONNECTION = 50
"""GetConnectionStatus takes one node at a time: where more are registered, none is asked about."""

_STATES = ("pending", "running", "stopping", "stopped")
_HYBRID = "mi-"


def instances(aws: AwsApi) -> Inventory[Instance]:
    """Return the instances that are not terminated, and every node registered with Systems Manager."""
    machines, registered = aws.each(lambda read: read(aws), (_machines, _registered))
    agents = {str(each.data["InstanceId"]): each for each in registered}
    connected = _connections(aws, registered)
    roles = _roles(aws, machines.items)

    def heard(id_: str) -> Heard:
        at = _about(aws, calls.DESCRIBE_INSTANCE_INFORMATION, id_)
        silent = Absent(at) if registered.gap is None else registered.gap
        return Heard(agents.get(id_, silent), connected.get(id_, silent))

    found = [
        instance(each, heard(id_), role=_role(each, roles))
        for id_, each in ((str(each.data["InstanceId"]), each) for each in _with_hidden(aws, machines, agents))
    ]
    found += [hybrid_node(each, heard(id_).connected) for id_, each in agents.items() if id_.startswith(_HYBRID)]
    return Inventory(tuple(sorted(found, key=lambda each: each.address)), first_gap(machines.gap, registered.gap))


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
    at = ApiOrigin(aws.who.root, str(call))
    found = [each for held in reservations for each in Description(held, at).entries("Instances")]
    return _identified(aws, call, found, reservations.gap)


def _registered(aws: AwsApi) -> Inventory[Description]:
    call = calls.DESCRIBE_INSTANCE_INFORMATION
    found = aws.all(call, "InstanceInformationList", aws.who.root, {"PaginationConfig": {"PageSize": 50}})
    entries = [Description(each, ApiOrigin(aws.who.root, str(call))) for each in found]
    return _identified(aws, call, entries, found.gap)


def _identified(
    aws: AwsApi, call: calls.ApiCall, found: list[Description], gap: Unknown | None
) -> Inventory[Description]:
    """Return the entries, each with its own ARN as origin; one without an id is a gap."""
    named: list[Description] = []
    for each in found:
        match each.text("InstanceId"):
            case Known(str() as id_):
                named.append(Description(each.data, _about(aws, call, id_)))
            case Known() | Absent():
                gap = first_gap(gap, each.malformed("InstanceId"))
            case Unknown() as malformed:
                gap = first_gap(gap, malformed)
    return Inventory(tuple(named), gap)


def _about(aws: AwsApi, call: calls.ApiCall, id_: str) -> ApiOrigin:
    service, kind = ("ssm", "managed-instance") if id_.startswith(_HYBRID) else ("ec2", "instance")
    return ApiOrigin(aws.who.arn(service, f"{kind}/{id_}"), str(call))


def _connections(aws: AwsApi, registered: Inventory[Description]) -> Mapping[str, Value[bool]]:
    """Return for each registered node whether Session Manager can reach it now."""
    ids = [str(each.data["InstanceId"]) for each in registered]
    if len(ids) > ASKED_FOR_CONNECTION:
        call = calls.GET_CONNECTION_STATUS
        why = f"{call}: {len(ids)} nodes are registered; asked about up to {ASKED_FOR_CONNECTION} only"
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


def _roles(aws: AwsApi, machines: tuple[Description, ...]) -> Mapping[str, Value[Text]]:
    """Return the role of each instance profile, by the profile's ARN."""
    arns = {each.value for each in (_profile_arn(machine) for machine in machines) if isinstance(each, Known)}
    profiles = sorted(str(arn) for arn in arns)
    return dict(zip(profiles, aws.each(_role_reader(aws), profiles), strict=True))


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


def _role(machine: Description, roles: Mapping[str, Value[Text]]) -> Value[Text]:
    match _profile_arn(machine):
        case Known(arn):
            return roles[str(arn)]
        case Absent() | Unknown() as nothing:
            return nothing
