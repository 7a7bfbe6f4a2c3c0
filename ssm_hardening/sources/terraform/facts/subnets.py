"""Subnets, and the kind of way out that their route table gives them."""

from typing import Any

from ssm_hardening.model import Fact, Subnet
from ssm_hardening.sources.terraform.facts.attachments import Attachments, attachments
from ssm_hardening.sources.terraform.facts.naming import computed, head_of, id_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, mapped, switch
from ssm_hardening.sources.terraform.facts.routes import Tables, tables_of
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Inventory, Unknown, Value, Why

TYPE = "aws_subnet"
ASSOCIATION = "aws_route_table_association"


def subnets_of(root: Root) -> Inventory[tuple[Resource, Subnet]]:
    """Return every subnet with its resource."""
    resources = root.resources(TYPE)
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
