"""VPCs of nodes and endpoints: ranges, the attributes of DNS, who else is in them, and where default routes lead."""

from collections.abc import Iterable

from ssm_hardening.core.logic import certainly
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Vpc
from ssm_hardening.read.converting import record, switch
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Description, answered, entries, given, listed, sent
from ssm_hardening.read.live.asking import AwsApi

_ENDPOINT = "vpc_endpoint"
"""The type of the network interfaces of endpoints."""


def vpc_fact(aws: AwsApi, entry: Description, nodes: Iterable[str]) -> Vpc:
    """Return a VPC. `nodes` are the ids of the instances that are nodes."""
    id_ = str(entry.data["VpcId"])
    return Vpc(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=Known(id_, entry.at),
        exists=Known(True, entry.at),
        cidrs=listed(_ranges(entry), at=entry.at),
        dns_support=_attribute(aws, entry, "enableDnsSupport", "EnableDnsSupport"),
        dns_hostnames=_attribute(aws, entry, "enableDnsHostnames", "EnableDnsHostnames"),
        workloads=_workloads(aws, entry, frozenset(nodes)),
    )


def _ranges(entry: Description) -> list[Value[Text]]:
    more = [each.text("CidrBlock") for each in entry.entries("CidrBlockAssociationSet")]
    return [entry.text("CidrBlock"), *(each for each in more if each != entry.text("CidrBlock"))]


def _attribute(aws: AwsApi, entry: Description, name: str, key: str) -> Value[bool]:
    asked = {"VpcId": str(entry.data["VpcId"]), "Attribute": name}
    answer = answered(aws.ask(calls.DESCRIBE_VPC_ATTRIBUTE, entry.at.arn, asked))
    return sent(sent(answer, key, convert=record), "Value", convert=switch)


def _workloads(aws: AwsApi, entry: Description, nodes: frozenset[str]) -> Value[Items]:
    """Return the network interfaces of whoever else is there, by id and description."""
    call = calls.DESCRIBE_NETWORK_INTERFACES
    at = call.at(entry.at.arn)
    asked = {"Filters": [{"Name": "vpc-id", "Values": [str(entry.data["VpcId"])]}]}
    found = entries(aws.all(call, "NetworkInterfaces", at.arn, asked), at)
    return listed((sent(each, "NetworkInterfaceId") for each in found if _is_other(each, nodes)), found.gap, at=at)


def _is_other(interface: Value[Datum], nodes: frozenset[str]) -> bool:
    owner = given(given(interface, "Attachment", convert=record), "InstanceId")
    of_node = certainly(owner, lambda id_: str(id_) in nodes)
    return not of_node and not certainly(given(interface, "InterfaceType"), lambda kind: kind == _ENDPOINT)


_TARGETS = (
    ("GatewayId", "igw-", "internet-gateway"),
    ("NatGatewayId", "", "nat-gateway"),
    ("TransitGatewayId", "", "transit-gateway"),
    ("InstanceId", "", "instance"),
    ("NetworkInterfaceId", "", "instance"),
)


def table_of(subnet: Description, tables: Inventory[Description]) -> "Description | Unknown":
    """Return the route table of a subnet: one that is associated with it, else the main one of its VPC."""
    id_, vpc = subnet.data.get("SubnetId"), subnet.data.get("VpcId")
    own = [each for each in tables if _is_associated(each, id_)]
    main = [each for each in tables if each.data.get("VpcId") == vpc and _is_main(each)]
    if own:
        return own[0]
    if tables.gap is not None:
        return tables.gap
    if main:
        return main[0]
    return Unknown(
        Why.UNAVAILABLE,
        subnet.at,
        "ec2:DescribeRouteTables: the route table of this subnet is missing from the response",
    )


def _is_associated(table: Description, subnet: object) -> bool:
    return any(each.data.get("SubnetId") == subnet for each in table.entries("Associations"))


def _is_main(table: Description) -> bool:
    return any(each.data.get("Main") is True for each in table.entries("Associations"))


def way_out(table: Description, subnet: Description) -> Value[Text]:
    """Return the kind of target of the route that takes what no other one takes; Absent where there is none.

    IPv6 counts where the subnet has nothing else. What a route with the state `blackhole`
    takes is dropped: it leads nowhere.
    """
    native = subnet.data.get("Ipv6Native") is True
    key, everything = ("DestinationIpv6CidrBlock", "::/0") if native else ("DestinationCidrBlock", "0.0.0.0/0")
    parts = (*_HALVES[everything], everything)
    lower, upper, default = (
        [_kind(each) for each in table.entries("Routes") if each.data.get(key) == part] for part in parts
    )
    kinds = {*lower, *upper} if lower and upper else set(default)
    if len(kinds) > 1:
        return Unknown(Why.OUT_OF_SCOPE, table.at, "which half of all addresses the services of AWS are in")
    kind = next(iter(kinds), None)
    return Absent(table.at) if kind is None else Known(kind, table.at)


_HALVES = {"0.0.0.0/0": ("0.0.0.0/1", "128.0.0.0/1"), "::/0": ("::/1", "8000::/1")}
"""Two routes that together take what a default route would."""


def _kind(route: Description) -> str | None:
    """Return the kind of a route's target; none where it drops everything."""
    if str(route.data.get("State")).lower() == "blackhole":
        return None
    return next((kind for key, head, kind in _TARGETS if _names(route.data.get(key), head)), "other")


def _names(id_: object, head: str) -> bool:
    return isinstance(id_, str) and id_ != "" and id_.startswith(head)
