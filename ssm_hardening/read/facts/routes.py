"""Route tables: which one a subnet uses, where its default route leads, and which of them an object names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from itertools import chain

from ssm_hardening.core.logic import as_items, certainly, literal
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model import Fact
from ssm_hardening.read.converting import by_branch, either
from ssm_hardening.read.facts.arguments import numbered_fact, text_in, texts_in
from ssm_hardening.read.facts.attachments import Attachments, attachments, attachments_by, certain, doubt_in, joined
from ssm_hardening.read.graph import Config, Resource, Root

VPC = "aws_vpc"
ASSOCIATION = "aws_route_table_association"
TABLE = "aws_route_table"
DEFAULT_TABLE = "aws_default_route_table"
ROUTE = "aws_route"
MAIN = "aws_main_route_table_association"
PROPAGATION = "aws_vpn_gateway_route_propagation"
NAT = "aws_nat_gateway"

_EVERYWHERE = "0.0.0.0/0"
_EVERYWHERE_6 = "::/0"
_HALVES = {_EVERYWHERE: ("0.0.0.0/1", "128.0.0.0/1"), _EVERYWHERE_6: ("::/1", "8000::/1")}
_MAIN_TABLE, _DEFAULT_TABLE = "main_route_table_id", "default_route_table_id"
_BY_TARGET = {
    "transit_gateway_id": "transit-gateway",
    "instance_id": "instance",
    "network_interface_id": "instance",
}
_OTHER_TARGETS = (
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "local_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
)


@dataclass(frozen=True, slots=True)
class _Named:
    """The route tables of a root by address, and which of them are a VPC's main and its default one.

    A VPC's default table is the one that it was created with, its main one until another table takes that place.
    """

    tables: Mapping[str, Resource]
    mains: Attachments
    defaults: Attachments

    def canonical(self, table: Value[Text]) -> Value[Text]:
        """Return the one name of a table that may have several, `aws_vpc.v.main_route_table_id` among them."""
        return by_branch(table, self._canonical)

    def _canonical(self, table: Known[Text]) -> Value[Text]:
        match table.value:
            case Reference(address=address) if address in self.tables:
                return replace(table, value=Reference(address, "id"))
            case Reference(attribute="main_route_table_id") as vpc:
                return self.main_of(replace(table, value=vpc))
            case Reference(attribute="default_route_table_id") as vpc:
                return self._default_of(vpc, table.at)
            case _:
                return table

    def main_of(self, vpc: Known[Text]) -> Value[Text]:
        """Return the main table of a VPC."""
        if not isinstance(vpc.value, Reference):
            return Unknown(Why.COMPUTED, vpc.at, f"the main route table of {vpc.value}")
        chosen = self.mains.of(_named(vpc.value, vpc.at))
        doubt = doubt_in(chosen)
        if doubt is not None:
            return doubt
        if not chosen.items:
            return self._default_of(vpc.value, vpc.at)
        return by_branch(text_in(chosen.items[0].resource.config, "route_table_id"), self._chosen)

    def _chosen(self, table: Known[Text]) -> Value[Text]:
        """Return the table that was made a main one; where that is the VPC's own, it is the default one."""
        match table.value:
            case Reference(attribute="main_route_table_id" | "default_route_table_id") as vpc:
                return self._default_of(vpc, table.at)
            case _:
                return self._canonical(table)

    def _default_of(self, vpc: Reference, at: Origin) -> Value[Text]:
        taken = self.defaults.of(_named(vpc, at))
        doubt = doubt_in(taken)
        if doubt is not None:
            return doubt
        if taken.items:
            return Known(Reference(taken.items[0].resource.address, "id"), at)
        return Known(Reference(vpc.address, _DEFAULT_TABLE if _is_declared(vpc) else _MAIN_TABLE), at)


@dataclass(frozen=True, slots=True)
class RouteTables:
    """The route tables of a root with the routes of their own, those that gateways propagate, and the NAT gateways."""

    named: _Named
    associations: Attachments
    routes: Attachments
    propagations: Attachments
    nats: Mapping[str, Resource]

    def table_of(self, subnet: Fact, vpc: Value[Text]) -> Value[Text]:
        """Return the table that a subnet uses: its own, or the main one of its VPC."""
        found = self.associations.of(subnet)
        doubts = [each.doubt for each in found if each.doubt is not None]
        match certain(found), doubts:
            case [one], []:
                return self.named.canonical(text_in(one, "route_table_id"))
            case [], [] if found.gap is None:
                return by_branch(vpc, self.named.main_of)
            case _, [doubt, *_]:
                return doubt
            case _:
                several = Unknown(Why.UNSUPPORTED, subnet.origin, f"{subnet.address} has more than one route table")
                return several if found.gap is None else found.gap

    def listed(self, tables: Value[Items]) -> Value[Items]:
        """Return a list of tables with the one name of each."""
        if not isinstance(tables, Known):
            return tables
        members = tuple(self.named.canonical(each) for each in tables.value.items)
        return replace(tables, value=Items(members, tables.value.rest))

    def way_out(self, table: Value[Text], *, ipv6: bool) -> Value[Text]:
        """Return where the default route of a table leads; Absent where it has none."""
        return by_branch(table, lambda known: self._way_out(known, _EVERYWHERE_6 if ipv6 else _EVERYWHERE))

    def _way_out(self, table: Known[Text], everywhere: str) -> Value[Text]:
        match table.value:
            case Reference(address=address) if address in self.named.tables:
                resource = self.named.tables[address]
                return self._of(numbered_fact(resource), everywhere, resource)
            case Reference() as vpc if vpc.attribute == _DEFAULT_TABLE:
                return self._of(_named(vpc, table.at), everywhere)
            case Reference() as other:
                gap = Unknown(Why.COMPUTED, table.at, f"the routes of {other}")
                found = self._of(_named(other, table.at), everywhere)
                return found if isinstance(found, Known) else gap
            case other:
                return Unknown(Why.COMPUTED, table.at, f"the routes of {other}")

    def _of(self, fact: Fact, everywhere: str, *written: Resource) -> Value[Text]:
        """Return the way out by the routes within tables, and those of their own that name `fact`.

        A table has one route for a destination, so that one that is known leaves no room for others.
        """
        apart = self.routes.of(fact)
        inline = joined(resource.config.blocks("route") for resource in written)
        doubts = (each.doubt for each in apart)
        gaps = (inline.gap, apart.gap, *doubts, *self._propagated(fact, written))
        gap = next((each for each in gaps if each is not None), None)
        routes = (*inline, *certain(apart))
        halved = self._by_halves(routes, everywhere)
        if halved is not None:
            return halved
        ways = [self._way_of(route, everywhere) for route in routes]
        nothing: Value[Text] = Absent(fact.origin) if gap is None else gap
        leading = (each for kind in (Known, Unknown) for each in ways if isinstance(each, kind))
        return next(leading, nothing)

    def _by_halves(self, routes: Sequence[Config], everywhere: str) -> Value[Text] | None:
        """Return where two routes lead that have half of all addresses each: they go before a default route."""
        halves = [[each for each in routes if _is_to(each, half)] for half in _HALVES[everywhere]]
        if not all(halves):
            return None
        ways = [self._target(each) for each in chain(*halves)]
        several = Unknown(Why.OUT_OF_SCOPE, ways[0].at, "which half of all addresses the services of AWS are in")
        return ways[0] if len(set(map(literal, ways))) == 1 else several

    def _propagated(self, fact: Fact, written: tuple[Resource, ...]) -> Iterator[Unknown]:
        """Yield the gap where VPN gateways add routes to a table: they may add a default route."""
        listed = (texts_in(each.config, "propagating_vgws") for each in written)
        inline = (value for value in listed if isinstance(value, Unknown) or as_items(value) != Items(()))
        apart = self.propagations.of(fact)
        if apart.items or apart.gap is not None or any(True for _ in inline):
            yield Unknown(Why.OUT_OF_SCOPE, fact.origin, f"the routes that a VPN gateway propagates to {fact.address}")

    def _way_of(self, route: Config, everywhere: str) -> Value[Text]:
        """Return the kind of a route's target; Absent where it is not the default route."""
        names = ("ipv6_cidr_block", "destination_ipv6_cidr_block")
        if everywhere == _EVERYWHERE:
            names = ("cidr_block", "destination_cidr_block")
        found = (text_in(route, name) for name in names)
        written: Value[Text] | None = next((each for each in found if not _is_empty(each)), None)
        if written is not None:
            return by_branch(written, lambda known: self._towards(known, route, everywhere))
        listed = text_in(route, "destination_prefix_list_id")
        if _is_empty(listed):
            return Absent(route.at)
        return Unknown(Why.OUT_OF_SCOPE, route.at, "which addresses the prefix list of a route contains")

    def _towards(self, destination: Known[Text], route: Config, everywhere: str) -> Value[Text]:
        match destination.value:
            case str() as text if text == everywhere:
                return self._target(route)
            case str() as text if _is_private(text):
                return Absent(destination.at)
            case str() as text:
                detail = f"whether the route to {text} leads to AWS services"
                return Unknown(Why.OUT_OF_SCOPE, destination.at, detail)
            case other:
                gap = Unknown(Why.COMPUTED, destination.at, f"a route to {other}")
                return either(gap, (self._target(route), Absent(destination.at)))

    def _target(self, route: Config) -> Value[Text]:
        nat = text_in(route, "nat_gateway_id")
        if not _is_empty(nat):
            return by_branch(nat, self._nat)
        for name, kind in _BY_TARGET.items():
            if not _is_empty(text_in(route, name)):
                return Known(kind, route.at)
        gateway = text_in(route, "gateway_id")
        others = any(not isinstance(route.get(name), Absent) for name in _OTHER_TARGETS)
        unknown = Unknown(Why.COMPUTED, route.at, "the target of a default route")
        return by_branch(gateway, _gateway, absent=lambda _: Known("other", route.at) if others else unknown)

    def _nat(self, gateway: Known[Text]) -> Value[Text]:
        """Return what a NAT gateway is as a way out: a private one leads to other networks only."""
        named = gateway.value.address if isinstance(gateway.value, Reference) else ""
        if named not in self.nats:
            return Known("nat-gateway", gateway.at)
        kind = text_in(self.nats[named].config, "connectivity_type")
        if isinstance(kind, Unknown):
            return kind
        return Known("other" if literal(kind) == "private" else "nat-gateway", gateway.at)


def route_tables_of(root: Root) -> RouteTables:
    """Return the route tables of a root with their routes."""
    named = _Named(
        {each.address: each for each in root.resources(TABLE, DEFAULT_TABLE)},
        attachments(root.resources(MAIN), "vpc_id"),
        attachments(root.resources(DEFAULT_TABLE), "default_route_table_id"),
    )

    def of_table(type_: str) -> Attachments:
        return attachments_by(
            root.resources(type_), lambda each: (named.canonical(text_in(each.config, "route_table_id")),)
        )

    nats = {each.address: each for each in root.resources(NAT)}
    associations = attachments(root.resources(ASSOCIATION), "subnet_id")
    return RouteTables(named, associations, of_table(ROUTE), of_table(PROPAGATION), nats)


def _is_declared(vpc: Reference) -> bool:
    """Say whether this is a VPC that the code creates, whose default table has no routes but its own."""
    return resource_type(vpc) == VPC and ".data." not in f".{vpc.address}"


def _named(reference: Reference, at: Origin) -> Fact:
    """Return a VPC or a table as an object that route tables may name."""
    exists = Known(True, at)
    return Fact(
        address=reference.address, declaration=reference.address, origin=at, name=Known(reference, at), exists=exists
    )


def _is_private(text: str) -> bool:
    """Say whether a range holds no address of the internet, so that no service of AWS has its public endpoint there."""
    try:
        return not ip_network(text, strict=False).is_global
    except ValueError:
        return False


def _is_to(route: Config, destination: str) -> bool:
    names = ("cidr_block", "destination_cidr_block", "ipv6_cidr_block", "destination_ipv6_cidr_block")
    return any(literal(text_in(route, name)) == destination for name in names)


def _is_empty(value: Value[Text]) -> bool:
    """Say whether nothing is written; Terraform takes an empty text for nothing here."""
    return isinstance(value, Absent) or certainly(value, lambda text: text == "")


def _gateway(known: Known[Text]) -> Value[Text]:
    match known.value:
        case str() as text:
            return Known("internet-gateway" if text.startswith("igw-") else "other", known.at)
        case Reference() as reference if resource_type(reference).endswith("internet_gateway"):
            return Known("internet-gateway", known.at)
        case Reference() as reference if resource_type(reference) == "aws_vpn_gateway":
            return Known("other", known.at)
        case other:
            return Unknown(Why.COMPUTED, known.at, f"the type of the gateway {other}")
