"""The VPCs of nodes and endpoints: their ranges, the attributes of DNS, and who else is in them."""

from collections.abc import Iterable, Sequence

from ssm_hardening.model import Vpc
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Caller
from ssm_hardening.sources.aws.data import answered, entries, given, sent
from ssm_hardening.sources.aws.entry import Entry, listed
from ssm_hardening.sources.converting import record, switch
from ssm_hardening.values import Inventory, Items, Known, Text, Unknown, Value

_ENDPOINT = "vpc_endpoint"
"""The type of the network interfaces of endpoints."""


def vpc_fact(caller: Caller, entry: Entry, nodes: Iterable[str]) -> Vpc:
    """Return a VPC. `nodes` are the ids of the instances that are nodes."""
    id_ = str(entry.data["VpcId"])
    return Vpc(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=Known(id_, entry.at),
        exists=Known(True, entry.at),
        cidrs=listed(_ranges(entry), at=entry.at),
        dns_support=_attribute(caller, entry, "enableDnsSupport", "EnableDnsSupport"),
        dns_hostnames=_attribute(caller, entry, "enableDnsHostnames", "EnableDnsHostnames"),
        workloads=_workloads(caller, entry, frozenset(nodes)),
    )


def _ranges(entry: Entry) -> list[Value[Text]]:
    more = [each.text("CidrBlock") for each in entry.entries("CidrBlockAssociationSet")]
    return [entry.text("CidrBlock"), *(each for each in more if each != entry.text("CidrBlock"))]


def _attribute(caller: Caller, entry: Entry, name: str, key: str) -> Value[bool]:
    asked = {"VpcId": str(entry.data["VpcId"]), "Attribute": name}
    answer = answered(caller.ask(calls.DESCRIBE_VPC_ATTRIBUTE, entry.at.arn, asked))
    return sent(sent(answer, key, convert=record), "Value", convert=switch)


def _workloads(caller: Caller, entry: Entry, nodes: frozenset[str]) -> Value[Items]:
    """Return the network interfaces of whoever else is there, by id and description."""
    call = calls.DESCRIBE_NETWORK_INTERFACES
    at = ApiOrigin(entry.at.arn, str(call))
    asked = {"Filters": [{"Name": "vpc-id", "Values": [str(entry.data["VpcId"])]}]}
    found: Inventory[Value[object]] = entries(caller.all(call, "NetworkInterfaces", at.arn, asked), at)
    others = [sent(each, "NetworkInterfaceId") for each in found if _is_other(each, nodes)]
    return listed(_sorted(others, found.gap), at=at)


def _sorted(names: Sequence[Value[Text]], gap: Unknown | None) -> list[Value[Text]]:
    known = sorted((each for each in names if isinstance(each, Known)), key=lambda each: str(each.value))
    unread = [each for each in names if isinstance(each, Unknown)]
    return [*known, *unread, *(() if gap is None else (gap,))]


def _is_other(interface: Value[object], nodes: frozenset[str]) -> bool:
    owner = given(given(interface, "Attachment", convert=record), "InstanceId")
    if isinstance(owner, Known) and str(owner.value) in nodes:
        return False
    kind = given(interface, "InterfaceType")
    return not (isinstance(kind, Known) and kind.value == _ENDPOINT)
