"""VPC endpoints with what resources of their own say of them, VPCs, and subnets with their way out."""

from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Fact, Subnet, Vpc, VpcEndpoint
from ssm_hardening.read.facts.arguments import argument_text, computed, default, head_of, id_of, mapped, switch
from ssm_hardening.read.facts.attachments import Attachment, Attachments, attachments, policy_statements, settled
from ssm_hardening.read.facts.gathering import gathered, said, texts
from ssm_hardening.read.facts.routes import Tables, tables_of
from ssm_hardening.read.graph import Resource, Root

ENDPOINT = "aws_vpc_endpoint"
POLICY = "aws_vpc_endpoint_policy"
PRIVATE_DNS = "aws_vpc_endpoint_private_dns"
GROUP = "aws_vpc_endpoint_security_group_association"
SUBNET = "aws_vpc_endpoint_subnet_association"

_KIND = "Gateway"


@dataclass(frozen=True, slots=True)
class _Around:
    """The resources that say something of endpoints."""

    policies: Attachments
    dns: Attachments
    groups: Attachments
    subnets: Attachments


def vpc_endpoints_of(root: Root) -> Inventory[tuple[Resource, VpcEndpoint]]:
    """Return every endpoint with its resource."""
    resources = root.resources(ENDPOINT)
    around = _Around(*(attachments(root.resources(each), "vpc_endpoint_id") for each in (
        POLICY, PRIVATE_DNS, GROUP, SUBNET,
    )))  # fmt: skip
    return Inventory(tuple((each, _endpoint(each, around)) for each in resources), resources.gap)


def _endpoint(resource: Resource, around: _Around) -> VpcEndpoint:
    config, fact = resource.config, Fact(**head_of(resource, id_of(resource)))
    kind = default(argument_text(config.get("vpc_endpoint_type"), "vpc_endpoint_type"), _KIND)
    return VpcEndpoint(
        **head_of(resource, fact.name),
        service=argument_text(config.get("service_name"), "service_name"),
        kind=kind,
        vpc=argument_text(config.get("vpc_id"), "vpc_id"),
        private_dns=settled(
            around.dns.of(fact),
            lambda said_of: switch(said_of.get("private_dns_enabled"), "private_dns_enabled"),
            inline=switch(config.get("private_dns_enabled"), "private_dns_enabled"),
            fallback=Known(False, resource.at, defaulted=True),
        ),
        security_groups=_groups(resource, kind, around.groups.of(fact)),
        subnets=_members(resource, "subnet_ids", around.subnets.of(fact), "subnet_id"),
        statements=_statements(resource, around.policies.of(fact)),
    )


def _members(resource: Resource, inline: str, found: Inventory[Attachment], single: str) -> Value[Items]:
    apart = said(found, lambda config: argument_text(config.get(single), single))
    return gathered((texts(resource.config.get(inline), inline), *apart), resource.at)


def _groups(resource: Resource, kind: Value[Any], found: Inventory[Attachment]) -> Value[Items]:
    """Return the groups; AWS gives the VPC's default group to an interface for which nobody names one."""
    groups = _members(resource, "security_group_ids", found, "security_group_id")
    match groups, kind:
        case Known(Items((), None)), Known(str() as name) if name != "Interface":
            return groups
        case Known(Items((), None)), _:
            return computed(resource, "security_group_ids")
        case _:
            return groups


def _statements(resource: Resource, found: Inventory[Attachment]) -> Inventory[Statement]:
    inline = resource.config.get("policy")
    statements = policy_statements(inline, found)
    if isinstance(inline, Absent) and not found.items and found.gap is None:
        return Inventory((full_access(resource.at),))
    return statements


def full_access(at: Origin) -> Statement:
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
    resources, ranges = root.resources(VPC), attachments(root.resources(RANGE), "vpc_id")
    return Inventory(tuple((each, _vpc(each, ranges)) for each in resources), resources.gap)


def _vpc(resource: Resource, ranges: Attachments) -> Vpc:
    config, head = resource.config, head_of(resource, id_of(resource))
    more = said(ranges.of(Fact(**head)), lambda each: argument_text(each.get("cidr_block"), "cidr_block"))
    return Vpc(
        **head,
        cidrs=gathered((argument_text(config.get("cidr_block"), "cidr_block"), *more), resource.at),
        dns_support=default(switch(config.get("enable_dns_support"), "enable_dns_support"), True),
        dns_hostnames=default(switch(config.get("enable_dns_hostnames"), "enable_dns_hostnames"), False),
        workloads=computed(resource, "network interfaces"),
    )


SUBNETS = "aws_subnet"
ASSOCIATION = "aws_route_table_association"


def subnets_of(root: Root) -> Inventory[tuple[Resource, Subnet]]:
    """Return every subnet with its resource."""
    resources = root.resources(SUBNETS)
    associations = attachments(root.resources(ASSOCIATION), "subnet_id")
    tables = tables_of(root)
    return Inventory(tuple((each, _subnet(each, associations, tables)) for each in resources), resources.gap)


def _subnet(resource: Resource, associations: Attachments, tables: Tables) -> Subnet:
    config, head = resource.config, head_of(resource, id_of(resource))
    vpc = argument_text(config.get("vpc_id"), "vpc_id")
    cidr = argument_text(config.get("cidr_block"), "cidr_block")
    return Subnet(
        **head,
        vpc=vpc,
        cidr=mapped(cidr, lambda known: known, absent=lambda _: computed(resource, "cidr_block")),
        public_ip=default(switch(config.get("map_public_ip_on_launch"), "map_public_ip_on_launch"), False),
        way_out=_way_out(Fact(**head), vpc, associations, tables),
    )


def _way_out(fact: Fact, vpc: Value[Any], associations: Attachments, tables: Tables) -> Value[Any]:
    found = associations.of(fact)
    doubts = [each.doubt for each in found if each.doubt is not None]
    certain = [each.resource for each in found if each.doubt is None]
    match certain, doubts:
        case [one], []:
            return mapped(argument_text(one.config.get("route_table_id"), "route_table_id"), tables.way_out)
        case [], [] if found.gap is None:
            return mapped(vpc, tables.main_way_out)
        case _, [doubt, *_]:
            return doubt
        case _:
            several = Unknown(Why.UNSUPPORTED, fact.origin, f"{fact.address} has several route tables")
            return several if found.gap is None else found.gap
