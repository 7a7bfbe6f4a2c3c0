"""VPCs: their ranges and the two attributes that private DNS needs. Who else is in one, code does not tell."""

from ssm_hardening.model import Fact, Vpc
from ssm_hardening.sources.terraform.facts.attachments import Attachments, attachments
from ssm_hardening.sources.terraform.facts.gathering import gathered, said
from ssm_hardening.sources.terraform.facts.naming import computed, head_of, id_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, switch
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Inventory

TYPE = "aws_vpc"
RANGE = "aws_vpc_ipv4_cidr_block_association"


def vpcs_of(root: Root) -> Inventory[tuple[Resource, Vpc]]:
    """Return every VPC with its resource."""
    resources, ranges = root.resources(TYPE), attachments(root.resources(RANGE), "vpc_id")
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
