"""Security groups, and what is attached to them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Unknown, Value, Why
from ssm_hardening.model import Fact, GroupRule, SecurityGroup
from ssm_hardening.read.facts.arguments import (
    argument_text,
    computed,
    default,
    head_of,
    id_of,
    mapped,
    name_of,
    number,
    switch,
)
from ssm_hardening.read.facts.attachments import Attachment, Attachments, attachments
from ssm_hardening.read.facts.gathering import gathered, joined, texts
from ssm_hardening.read.graph import Config, Resource, Root

RULE = "aws_security_group_rule"
INGRESS = "aws_vpc_security_group_ingress_rule"
EGRESS = "aws_vpc_security_group_egress_rule"

_NAMES = {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_WITH_PORTS = frozenset({"tcp", "udp", "icmp", "icmpv6"})
_EVERY_PORT = -1


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that resources of their own give to groups."""

    either: Attachments
    inbound: Attachments
    outbound: Attachments

    def of(self, group: Resource, fact: Fact, direction: str) -> Inventory[GroupRule]:
        """Return the rules of a group in one direction (`ingress`, `egress`), inline ones first."""
        apart = (self.inbound if direction == "ingress" else self.outbound).of(fact)
        inline = group.config.blocks(direction)
        return joined(
            (
                Inventory(tuple(_listed_rule(each, fact) for each in inline), inline.gap),
                _attached(_in_direction(self.either.of(fact), direction), lambda config: _listed_rule(config, fact)),
                _attached(apart, _single_rule),
            )
        )


def rules_of(root: Root) -> Rules:
    """Return all rules that stand in resources of their own."""
    return Rules(*(attachments(root.resources(each), "security_group_id") for each in (RULE, INGRESS, EGRESS)))


def _attached(found: Inventory[Attachment], read: Callable[[Config], GroupRule]) -> Inventory[GroupRule]:
    """Return the rules that are certain; one that may be another group's, or may not exist, is a gap."""
    gaps = [each.doubt for each in found if each.doubt is not None]
    certain = tuple(read(each.resource.config) for each in found if each.doubt is None)
    return Inventory(certain, gaps[0] if gaps else found.gap)


def _in_direction(found: Inventory[Attachment], direction: str) -> Inventory[Attachment]:
    """Return the rules of one direction; one whose direction cannot be told belongs to both, in doubt."""
    kept: list[Attachment] = []
    for each in found:
        match argument_text(each.resource.config.get("type"), "type"):
            case Known(str() as written):
                kept += [each] if written == direction else []
            case Unknown() as gap:
                kept.append(Attachment(each.resource, gap))
            case Known(_, at) | Absent(at):
                kept.append(Attachment(each.resource, Unknown(Why.COMPUTED, at, f"type of {each.resource.address}")))
    return Inventory(tuple(kept), found.gap)


def _listed_rule(config: Config, fact: Fact) -> GroupRule:
    """Read an inline block, or an `aws_security_group_rule`: both name their peers in lists."""
    peers = [texts(config.get("security_groups"), "security_groups"), _own(config, fact)]
    single = argument_text(config.get("source_security_group_id"), "source_security_group_id")
    ranges = (texts(config.get(name), name) for name in ("cidr_blocks", "ipv6_cidr_blocks"))
    return _rule(
        config,
        "protocol",
        cidrs=gathered(ranges, config.at),
        groups=gathered((*peers, single), config.at),
        prefix_lists=gathered((texts(config.get("prefix_list_ids"), "prefix_list_ids"),), config.at),
    )


def _own(config: Config, fact: Fact) -> Value[Any]:
    """Return the group itself where the rule says `self`."""

    def named(known: Known[Any]) -> Value[Any]:
        return Known(Reference(fact.address, "id"), known.at) if known.value else Absent(known.at)

    return mapped(switch(config.get("self"), "self"), named)


def _single_rule(config: Config) -> GroupRule:
    """Read one of the newer resources, which name one peer each."""
    ranges = (argument_text(config.get(name), name) for name in ("cidr_ipv4", "cidr_ipv6"))
    peers = argument_text(config.get("referenced_security_group_id"), "referenced_security_group_id")
    lists = argument_text(config.get("prefix_list_id"), "prefix_list_id")
    return _rule(
        config,
        "ip_protocol",
        cidrs=gathered(ranges, config.at),
        groups=gathered((peers,), config.at),
        prefix_lists=gathered((lists,), config.at),
    )


def _rule(
    config: Config, argument: str, *, cidrs: Value[Items], groups: Value[Items], prefix_lists: Value[Items]
) -> GroupRule:
    protocol = mapped(argument_text(config.get(argument), argument), _protocol)
    return GroupRule(
        at=config.at,
        protocol=protocol,
        from_port=_port(config, "from_port", protocol),
        to_port=_port(config, "to_port", protocol),
        cidrs=cidrs,
        groups=groups,
        prefix_lists=prefix_lists,
    )


def _protocol(known: Known[Any]) -> Value[Any]:
    """Return the protocol as AWS spells it."""
    if not isinstance(known.value, str):
        return known
    name = known.value.lower()
    return Known(_NAMES.get(name, name), known.at)


def _port(config: Config, name: str, protocol: Value[Any]) -> Value[Any]:
    """Return a port; Absent where the protocol has none, or all are meant."""
    match protocol:
        case Known(str() as text) if text not in _WITH_PORTS:
            return Absent(config.at)
        case _:
            return mapped(number(config.get(name), name), _unless_every)


def _unless_every(port: Known[Any]) -> Value[Any]:
    return Absent(port.at) if port.value == _EVERY_PORT else port


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
