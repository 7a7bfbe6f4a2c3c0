"""Where a subnet's default route leads."""

from collections.abc import Sequence

from ssm_hardening.sources.aws.entry import Entry
from ssm_hardening.values import Absent, Inventory, Known, Text, Unknown, Value, Why

_TARGETS = (
    ("GatewayId", "igw-", "internet-gateway"),
    ("NatGatewayId", "", "nat-gateway"),
    ("TransitGatewayId", "", "transit-gateway"),
    ("InstanceId", "", "instance"),
    ("NetworkInterfaceId", "", "instance"),
)


def way_out(subnet: Entry, tables: Inventory[Entry]) -> Value[Text]:
    """Return the kind of the default route's target; Absent where the subnet has none.

    A table that is associated with the subnet counts, else the main one of its VPC.
    """
    id_, vpc = subnet.data.get("SubnetId"), subnet.data.get("VpcId")
    own = [each for each in tables if _is_associated(each, id_)]
    main = [each for each in tables if each.data.get("VpcId") == vpc and _is_main(each)]
    if own:
        return _default_route(own[0], subnet)
    if tables.gap is not None:
        return tables.gap
    if main:
        return _default_route(main[0], subnet)
    return Unknown(Why.UNAVAILABLE, subnet.at, "ec2:DescribeRouteTables: no route table of this subnet was shown")


def _is_associated(table: Entry, subnet: object) -> bool:
    return any(each.data.get("SubnetId") == subnet for each in table.entries("Associations"))


def _is_main(table: Entry) -> bool:
    return any(each.data.get("Main") is True for each in table.entries("Associations"))


def _default_route(table: Entry, subnet: Entry) -> Value[Text]:
    """Return where everything goes that no other route takes. IPv6 counts where the subnet has nothing else.

    What a route with the state `blackhole` takes is dropped: it leads nowhere.
    """
    native = subnet.data.get("Ipv6Native") is True
    key, everything = ("DestinationIpv6CidrBlock", "::/0") if native else ("DestinationCidrBlock", "0.0.0.0/0")
    routes = [each for each in table.entries("Routes") if each.data.get(key) == everything]
    live = [each for each in routes if str(each.data.get("State")).lower() != "blackhole"]
    return Known(_kind(live), table.at) if live else Absent(table.at)


def _kind(routes: Sequence[Entry]) -> str:
    target = routes[0].data
    return next((kind for key, head, kind in _TARGETS if _names(target.get(key), head)), "other")


def _names(id_: object, head: str) -> bool:
    return isinstance(id_, str) and id_ != "" and id_.startswith(head)
