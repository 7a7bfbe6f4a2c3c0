"""VPC endpoints, with what resources of their own say of them."""

from dataclasses import dataclass
from typing import Any

from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Fact, VpcEndpoint
from ssm_hardening.origins import Origin
from ssm_hardening.sources.terraform.facts.attachments import Attachment, Attachments, attachments, settled
from ssm_hardening.sources.terraform.facts.gathering import gathered, said, texts
from ssm_hardening.sources.terraform.facts.naming import computed, head_of, id_of
from ssm_hardening.sources.terraform.facts.policies import policy_statements
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, switch
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Absent, Inventory, Items, Known, Record, Value

TYPE = "aws_vpc_endpoint"
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
    resources = root.resources(TYPE)
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
