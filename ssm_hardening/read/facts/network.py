"""VPC endpoints with what resources of their own say of them, VPCs, and subnets with their way out by route tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from ssm_hardening.core.logic import certainly, literal
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model import Fact, Subnet, Vpc, VpcEndpoint
from ssm_hardening.read.converting import by_branch, default, either, or_else
from ssm_hardening.read.facts.arguments import computed, numbered_fact, read_each, switch_in, text_in, texts_in
from ssm_hardening.read.facts.attachments import (
    Attachment,
    Attachments,
    attachments,
    certain,
    doubt_in,
    gathered,
    joined,
    policy_statements,
    said,
    settled,
)
from ssm_hardening.read.graph import Config, Resource, Root

ENDPOINT = "aws_vpc_endpoint"
POLICY = "aws_vpc_endpoint_policy"
PRIVATE_DNS = "aws_vpc_endpoint_private_dns"
GROUP = "aws_vpc_endpoint_security_group_association"
SUBNET = "aws_vpc_endpoint_subnet_association"


@dataclass(frozen=True, slots=True)
class _Apart:
    """The resources that say something of endpoints."""

    policies: Attachments
    dns: Attachments
    groups: Attachments
    subnets: Attachments


def vpc_endpoints_of(root: Root) -> Inventory[tuple[Resource, VpcEndpoint]]:
    """Return every endpoint with its resource."""
    types = (POLICY, PRIVATE_DNS, GROUP, SUBNET)
    apart = _Apart(*(attachments(root.resources(each), "vpc_endpoint_id") for each in types))
    return read_each(root.resources(ENDPOINT), lambda each: _endpoint(each, apart))


def _endpoint(resource: Resource, apart: _Apart) -> VpcEndpoint:
    config, fact = resource.config, numbered_fact(resource)
    kind = default(text_in(config, "vpc_endpoint_type"), "Gateway")
    return VpcEndpoint(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        service=text_in(config, "service_name"),
        kind=kind,
        vpc=text_in(config, "vpc_id"),
        private_dns=settled(
            apart.dns.of(fact),
            lambda said_of: switch_in(said_of, "private_dns_enabled"),
            inline=switch_in(config, "private_dns_enabled"),
            fallback=Known(False, resource.at, defaulted=True),
        ),
        security_groups=_groups(resource, kind, apart.groups.of(fact)),
        subnets=_members(resource, "subnet_ids", apart.subnets.of(fact), "subnet_id"),
        statements=_statements(resource, apart.policies.of(fact)),
    )


def _members(resource: Resource, inline: str, found: Inventory[Attachment], single: str) -> Value[Items]:
    apart = said(found, lambda config: text_in(config, single))
    return gathered((texts_in(resource.config, inline), *apart), resource.at)


def _groups(resource: Resource, kind: Value[Text], found: Inventory[Attachment]) -> Value[Items]:
    """Return the groups; AWS gives the VPC's default group to an interface for which nobody names one."""
    groups = _members(resource, "security_group_ids", found, "security_group_id")
    nobody = certainly(groups, lambda named: named == Items(()))
    may_be_interface = literal(kind) in (None, "Interface")
    return computed(resource, "security_group_ids") if nobody and may_be_interface else groups


def _statements(resource: Resource, found: Inventory[Attachment]) -> Inventory[Statement]:
    inline = resource.config.get("policy")
    if isinstance(inline, Absent) and not found.items and found.gap is None:
        return Inventory((_full_access(resource.at),))
    return policy_statements(inline, found)


def _full_access(at: Origin) -> Statement:
    """Return the statement that AWS writes where an endpoint has no policy: everything to everybody."""
    anything = Known(Items((Known("*", at, defaulted=True),)), at, defaulted=True)
    return Statement(
        at=at,
        sid=Absent(at),
        effect=Known("Allow", at, defaulted=True),
        actions=anything,
        not_actions=Absent(at),
        resources=anything,
        not_resources=Absent(at),
        principals=Known(Record({"*": anything}), at, defaulted=True),
        not_principals=Absent(at),
        conditions=Absent(at),
    )


VPC = "aws_vpc"
RANGE = "aws_vpc_ipv4_cidr_block_association"


def vpcs_of(root: Root) -> Inventory[tuple[Resource, Vpc]]:
    """Return every VPC with its resource."""
    ranges = attachments(root.resources(RANGE), "vpc_id")
    return read_each(root.resources(VPC), lambda each: _vpc(each, ranges))


def _vpc(resource: Resource, ranges: Attachments) -> Vpc:
    config, fact = resource.config, numbered_fact(resource)
    more = said(ranges.of(fact), lambda each: text_in(each, "cidr_block"))
    return Vpc(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        cidrs=gathered((text_in(config, "cidr_block"), *more), resource.at),
        dns_support=default(switch_in(config, "enable_dns_support"), True),
        dns_hostnames=default(switch_in(config, "enable_dns_hostnames"), False),
        workloads=computed(resource, "network interfaces"),
    )


SUBNETS = "aws_subnet"
ASSOCIATION = "aws_route_table_association"


def subnets_of(root: Root) -> Inventory[tuple[Resource, Subnet]]:
    """Return every subnet with its resource."""
    associations, tables = attachments(root.resources(ASSOCIATION), "subnet_id"), _tables_of(root)
    return read_each(root.resources(SUBNETS), lambda each: _subnet(each, associations, tables))


def _subnet(resource: Resource, associations: Attachments, tables: "_RouteTables") -> Subnet:
    config, fact = resource.config, numbered_fact(resource)
    vpc = text_in(config, "vpc_id")
    return Subnet(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        vpc=vpc,
        cidr=or_else(text_in(config, "cidr_block"), computed(resource, "cidr_block")),
        public_ip=default(switch_in(config, "map_public_ip_on_launch"), False),
        way_out=_way_out(fact, vpc, associations.of(fact), tables),
    )


def _way_out(fact: Fact, vpc: Value[Text], found: Inventory[Attachment], tables: "_RouteTables") -> Value[Text]:
    doubts = [each.doubt for each in found if each.doubt is not None]
    match certain(found), doubts:
        case [one], []:
            return by_branch(text_in(one, "route_table_id"), tables.way_out)
        case [], [] if found.gap is None:
            return by_branch(vpc, tables.main_way_out)
        case _, [doubt, *_]:
            return doubt
        case _:
            several = Unknown(Why.UNSUPPORTED, fact.origin, f"{fact.address} has more than one route table")
            return several if found.gap is None else found.gap


TABLE = "aws_route_table"
DEFAULT_TABLE = "aws_default_route_table"
ROUTE = "aws_route"
MAIN = "aws_main_route_table_association"

_EVERYWHERE = "0.0.0.0/0"
_MAIN_OF_VPC = frozenset({"main_route_table_id", "default_route_table_id"})
_BY_TARGET = {
    "nat_gateway_id": "nat-gateway",
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
class _RouteTables:
    """The route tables of a root by address, the routes of their own, and which tables are a VPC's main one."""

    tables: Mapping[str, Resource]
    routes: Attachments
    mains: Attachments
    defaults: Attachments

    def way_out(self, table: Known[Text]) -> Value[Text]:
        """Return where the default route of a table leads; Absent where it has none."""
        match table.value:
            case Reference(address=address) if address in self.tables:
                resource = self.tables[address]
                return self._of(numbered_fact(resource), resource)
            case Reference(attribute=attribute) as vpc if attribute in _MAIN_OF_VPC:
                return self.main_way_out(Known(Reference(vpc.address, "id"), table.at))
            case other:
                return Unknown(Why.COMPUTED, table.at, f"the routes of {other}")

    def main_way_out(self, vpc: Known[Text]) -> Value[Text]:
        """Return where the default route of a VPC's main table leads; a new VPC's has none."""
        match vpc.value:
            case Reference() as reference if (
                resource_type(reference) == VPC and ".data." not in f".{reference.address}"
            ):
                return self._main_of(_named(reference, vpc.at))
            case other:
                return Unknown(Why.COMPUTED, vpc.at, f"the main route table of {other}")

    def _main_of(self, vpc: Fact) -> Value[Text]:
        chosen, taken = self.mains.of(vpc), self.defaults.of(vpc)
        gap = doubt_in(joined((chosen, taken)))
        if gap is not None:
            return gap
        if chosen.items:
            return by_branch(text_in(chosen.items[0].resource.config, "route_table_id"), self.way_out)
        return self._of(vpc, *(each.resource for each in taken))

    def _of(self, fact: Fact, *written: Resource) -> Value[Text]:
        """Return the way out by the routes within tables, and those of their own that name `fact`."""
        apart = self.routes.of(fact)
        inline = joined(resource.config.blocks("route") for resource in written)
        doubts = (each.doubt for each in apart)
        gap = next((each for each in (inline.gap, apart.gap, *doubts) if each is not None), None)
        ways = [way for way in map(_way_of, (*inline, *certain(apart))) if not isinstance(way, Absent)]
        known = [way for way in ways if isinstance(way, Known)]
        return next(iter((*known, *ways)), Absent(fact.origin) if gap is None else gap)


def _tables_of(root: Root) -> _RouteTables:
    """Return the route tables of a root with their routes."""
    defaults = root.resources(DEFAULT_TABLE)
    return _RouteTables(
        {each.address: each for each in root.resources(TABLE, DEFAULT_TABLE)},
        attachments(root.resources(ROUTE), "route_table_id"),
        attachments(root.resources(MAIN), "vpc_id"),
        attachments(defaults, "default_route_table_id"),
    )


def _named(reference: Reference, at: Origin) -> Fact:
    """Return a VPC as an object that route tables may name."""
    exists = Known(True, at)
    return Fact(
        address=reference.address, declaration=reference.address, origin=at, name=Known(reference, at), exists=exists
    )


def _way_of(route: Config) -> Value[Text]:
    """Return the kind of a route's target; Absent where it is not the default route."""
    ranges = [text_in(route, name) for name in ("cidr_block", "destination_cidr_block")]
    written = next((each for each in ranges if not isinstance(each, Absent)), Absent(route.at))
    return by_branch(written, lambda known: _towards(known, route))


def _towards(destination: Known[Text], route: Config) -> Value[Text]:
    match destination.value:
        case str() as text:
            return _target(route) if text == _EVERYWHERE else Absent(destination.at)
        case other:
            gap = Unknown(Why.COMPUTED, destination.at, f"a route to {other}")
            return either(gap, (_target(route), Absent(destination.at)))


def _target(route: Config) -> Value[Text]:
    for name, kind in _BY_TARGET.items():
        if not isinstance(text_in(route, name), Absent):
            return Known(kind, route.at)
    gateway = text_in(route, "gateway_id")
    others = any(not isinstance(route.get(name), Absent) for name in _OTHER_TARGETS)
    nothing = Known("other", route.at) if others else Unknown(Why.COMPUTED, route.at, "the target of a default route")
    return by_branch(gateway, _gateway, absent=lambda _: nothing)


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
