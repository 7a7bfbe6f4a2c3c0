"""VPC endpoints with what resources of their own say of them, VPCs, and subnets."""

from dataclasses import dataclass

from ssm_hardening.core.logic import certainly, literal
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Subnet, Vpc, VpcEndpoint
from ssm_hardening.read.converting import default, or_else
from ssm_hardening.read.facts.arguments import computed, numbered_fact, read_each, switch_in, text_in, texts_in
from ssm_hardening.read.facts.attachments import (
    Attachment,
    Attachments,
    attachments,
    gathered,
    policy_statements,
    said,
    settled,
)
from ssm_hardening.read.facts.routes import RouteTables, route_tables_of
from ssm_hardening.read.facts.zones import PrivateZones, private_zones_of
from ssm_hardening.read.graph import Resource, Root

ENDPOINT = "aws_vpc_endpoint"
POLICY = "aws_vpc_endpoint_policy"
PRIVATE_DNS = "aws_vpc_endpoint_private_dns"
GROUP = "aws_vpc_endpoint_security_group_association"
SUBNET = "aws_vpc_endpoint_subnet_association"
TABLE = "aws_vpc_endpoint_route_table_association"


@dataclass(frozen=True, slots=True)
class _Apart:
    """The resources that say something of endpoints."""

    policies: Attachments
    dns: Attachments
    groups: Attachments
    subnets: Attachments
    tables: Attachments
    named: RouteTables
    zones: PrivateZones


def vpc_endpoints_of(root: Root) -> Inventory[tuple[Resource, VpcEndpoint]]:
    """Return every endpoint with its resource."""
    types = (POLICY, PRIVATE_DNS, GROUP, SUBNET, TABLE)
    policies, dns, groups, subnets, tables = (attachments(root.resources(each), "vpc_endpoint_id") for each in types)
    named, zones = route_tables_of(root), private_zones_of(root)
    apart = _Apart(policies, dns, groups, subnets, tables, named=named, zones=zones)
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
        route_tables=apart.named.listed(_members(resource, "route_table_ids", apart.tables.of(fact), "route_table_id")),
        named_in=apart.zones.leading_to(fact, text_in(config, "service_name")),
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


def subnets_of(root: Root) -> Inventory[tuple[Resource, Subnet]]:
    """Return every subnet with its resource."""
    tables = route_tables_of(root)
    return read_each(root.resources(SUBNETS), lambda each: _subnet(each, tables))


def _subnet(resource: Resource, tables: RouteTables) -> Subnet:
    config, fact = resource.config, numbered_fact(resource)
    vpc = text_in(config, "vpc_id")
    table = tables.table_of(fact, vpc)
    native = certainly(switch_in(config, "ipv6_native"), bool)
    return Subnet(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        vpc=vpc,
        cidr=or_else(text_in(config, "cidr_block"), computed(resource, "cidr_block")),
        public_ip=default(switch_in(config, "map_public_ip_on_launch"), False),
        route_table=table,
        way_out=tables.way_out(table, ipv6=native),
    )
