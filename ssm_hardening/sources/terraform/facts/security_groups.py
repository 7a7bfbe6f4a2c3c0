"""Security groups, and what is attached to them."""

from typing import Any

from ssm_hardening.model import Fact, SecurityGroup
from ssm_hardening.sources.terraform.facts.group_rules import Rules, rules_of
from ssm_hardening.sources.terraform.facts.naming import computed, head_of, id_of, name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, mapped
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Inventory, Items, Known, Value

TYPE = "aws_security_group"
DEFAULT = "aws_default_security_group"

_DEFAULT_NAME = "default"


def security_groups_of(root: Root) -> Inventory[tuple[Resource, SecurityGroup]]:
    """Return every group with its resource, attached to nothing yet."""
    resources = root.resources(TYPE, DEFAULT)
    rules = rules_of(root)
    return Inventory(tuple((each, _group(each, rules)) for each in resources), resources.gap)


def _group(resource: Resource, rules: Rules) -> SecurityGroup:
    head = head_of(resource, id_of(resource))
    fact = Fact(**head)
    return SecurityGroup(
        **head,
        label=_label(resource),
        vpc=vpc_of(resource),
        # Terraform takes away the rule that AWS gives to a new group, so that one without rules lets nothing out.
        inbound=rules.of(resource, fact, "ingress"),
        outbound=rules.of(resource, fact, "egress"),
        attached_to=Known(Items(()), resource.at),
    )


def is_default(group: SecurityGroup) -> bool:
    """Say whether this is a VPC's default group, which AWS attaches where nobody names another one."""
    return group.declaration.rpartition(".")[0].endswith(DEFAULT)


def _label(resource: Resource) -> Value[Any]:
    if resource.type == DEFAULT:
        return default(argument_text(resource.config.get("name"), "name"), _DEFAULT_NAME)
    return name_of(resource, "name")


def vpc_of(resource: Resource) -> Value[Any]:
    """Return the VPC that is named; without a name AWS takes the Region's default VPC."""
    vpc = argument_text(resource.config.get("vpc_id"), "vpc_id")
    return mapped(vpc, lambda known: known, absent=lambda _: computed(resource, "vpc_id"))
