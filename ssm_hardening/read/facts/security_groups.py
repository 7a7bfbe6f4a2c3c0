"""Security groups, and what is attached to them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from ssm_hardening.core.logic import contents, literal
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, GroupRule, SecurityGroup
from ssm_hardening.read.converting import by_branch, default, or_else
from ssm_hardening.read.facts.arguments import (
    computed,
    name_of,
    number_in,
    numbered_fact,
    read_each,
    switch_in,
    text_in,
    texts_in,
)
from ssm_hardening.read.facts.attachments import (
    Attachment,
    Attachments,
    attachments,
    certain,
    doubt_in,
    gathered,
    joined,
    said,
)
from ssm_hardening.read.facts.other_launchers import remote_access_of
from ssm_hardening.read.graph import Config, Resource, Root

TYPE = "aws_security_group"
DEFAULT = "aws_default_security_group"

_DEFAULT_NAME = "default"


def security_groups_of(root: Root) -> Inventory[tuple[Resource, SecurityGroup]]:
    """Return every group with its resource, attached to nothing yet."""
    rules = _rules_of(root)
    return joined((read_each(root.resources(TYPE, DEFAULT), lambda each: _group(each, rules)), remote_access_of(root)))


def _group(resource: Resource, rules: "_Rules") -> SecurityGroup:
    fact = numbered_fact(resource)
    return SecurityGroup(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        label=_label(resource),
        vpc=_vpc(resource),
        # Terraform takes away the rule that AWS gives to a new group, so that one without rules lets nothing out.
        inbound=rules.of(resource, fact, "ingress"),
        outbound=rules.of(resource, fact, "egress"),
        attached_to=Known(Items(()), resource.at),
    )


def is_default(group: SecurityGroup) -> bool:
    """Say whether this is a VPC's default group, which AWS attaches where nobody names another one."""
    return group.declaration.rpartition(".")[0].endswith(DEFAULT)


def _label(resource: Resource) -> Value[Text]:
    if resource.type == DEFAULT:
        return default(text_in(resource.config, "name"), _DEFAULT_NAME)
    return name_of(resource, "name")


def _vpc(resource: Resource) -> Value[Text]:
    """Return the VPC that is named; without a name AWS takes the Region's default VPC."""
    return or_else(text_in(resource.config, "vpc_id"), computed(resource, "vpc_id"))


RULE = "aws_security_group_rule"
INGRESS = "aws_vpc_security_group_ingress_rule"
EGRESS = "aws_vpc_security_group_egress_rule"

PREFIX_LIST = "aws_ec2_managed_prefix_list"
PREFIX_ENTRY = "aws_ec2_managed_prefix_list_entry"

_NAMES = {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_WITH_PORTS = frozenset({"tcp", "udp", "icmp", "icmpv6"})
_EVERY_PORT = -1


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules that resources of their own give to groups."""

    either: Attachments
    inbound: Attachments
    outbound: Attachments
    prefix_lists: "_PrefixLists"

    def of(self, group: Resource, fact: Fact, direction: str) -> Inventory[GroupRule]:
        """Return the rules of a group in one direction (`ingress`, `egress`), inline ones first."""
        apart = (self.inbound if direction == "ingress" else self.outbound).of(fact)
        inline = group.config.blocks(direction)
        found = joined(
            (
                Inventory(tuple(_listed_rule(each, fact) for each in inline), inline.gap),
                _attached(_in_direction(self.either.of(fact), direction), lambda config: _listed_rule(config, fact)),
                _attached(apart, _single_rule),
            )
        )
        return Inventory(tuple(map(self.prefix_lists.spelled_out, found)), found.gap)


@dataclass(frozen=True, slots=True)
class _PrefixLists:
    """The prefix lists that the code declares, by address, and the entries that resources of their own give them."""

    lists: Mapping[str, Resource]
    entries: Attachments

    def spelled_out(self, rule: GroupRule) -> GroupRule:
        """Return a rule with what its prefix lists contain among its ranges."""
        addresses = [name.address for name in contents(rule.prefix_lists) if isinstance(name, Reference)]
        declared = [self.lists[address] for address in addresses if address in self.lists]
        if not declared:
            return rule
        ranges = (part for each in declared for part in self._ranges(each))
        return replace(rule, cidrs=gathered((rule.cidrs, *ranges), rule.at))

    def _ranges(self, resource: Resource) -> Iterator[Value[Text]]:
        inline = resource.config.blocks("entry")
        yield from (text_in(each, "cidr") for each in inline)
        yield from said(self.entries.of(numbered_fact(resource)), lambda config: text_in(config, "cidr"))
        yield from () if inline.gap is None else (inline.gap,)


def _rules_of(root: Root) -> _Rules:
    """Return all rules that stand in resources of their own."""
    types = (RULE, INGRESS, EGRESS)
    either, inbound, outbound = (attachments(root.resources(each), "security_group_id") for each in types)
    lists = {each.address: each for each in root.resources(PREFIX_LIST)}
    entries = attachments(root.resources(PREFIX_ENTRY), "prefix_list_id")
    return _Rules(either, inbound, outbound, _PrefixLists(lists, entries))


def _attached(found: Inventory[Attachment], read: Callable[[Config], GroupRule]) -> Inventory[GroupRule]:
    """Return the rules that are certain; one that may be another group's, or may not exist, is a gap."""
    return Inventory(tuple(map(read, certain(found))), doubt_in(found))


def _in_direction(found: Inventory[Attachment], direction: str) -> Inventory[Attachment]:
    """Return the rules of one direction; one whose direction cannot be told belongs to both, in doubt."""
    kept: list[Attachment] = []
    for each in found:
        written = text_in(each.resource.config, "type")
        if literal(written) is not None:
            kept += [each] if literal(written) == direction else []
        else:
            untold = Unknown(Why.COMPUTED, written.at, f"the type of {each.resource.address}")
            kept.append(Attachment(each.resource, written if isinstance(written, Unknown) else untold))
    return Inventory(tuple(kept), found.gap)


def _listed_rule(config: Config, fact: Fact) -> GroupRule:
    """Read an inline block, or an `aws_security_group_rule`: both name their peers in lists."""
    peers = (texts_in(config, "security_groups"), _own(config, fact), text_in(config, "source_security_group_id"))
    ranges = (texts_in(config, name) for name in ("cidr_blocks", "ipv6_cidr_blocks"))
    return _rule(
        config,
        "protocol",
        cidrs=gathered(ranges, config.at),
        groups=gathered(peers, config.at),
        prefix_lists=gathered((texts_in(config, "prefix_list_ids"),), config.at),
    )


def _own(config: Config, fact: Fact) -> Value[Text]:
    """Return the group itself where the rule says `self`."""

    def itself(known: Known[bool]) -> Value[Text]:
        return Known(Reference(fact.address, "id"), known.at) if known.value else Absent(known.at)

    return by_branch(switch_in(config, "self"), itself)


def _single_rule(config: Config) -> GroupRule:
    """Read one of the newer resources, which name one peer each."""
    ranges = (text_in(config, name) for name in ("cidr_ipv4", "cidr_ipv6"))
    peers = text_in(config, "referenced_security_group_id")
    lists = text_in(config, "prefix_list_id")
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
    protocol = by_branch(text_in(config, argument), _protocol)
    return GroupRule(
        at=config.at,
        protocol=protocol,
        from_port=_port(config, "from_port", protocol),
        to_port=_port(config, "to_port", protocol),
        cidrs=cidrs,
        groups=groups,
        prefix_lists=prefix_lists,
    )


def _protocol(known: Known[Text]) -> Value[Text]:
    """Return the protocol as AWS spells it."""
    if not isinstance(known.value, str):
        return known
    name = known.value.lower()
    return Known(_NAMES.get(name, name), known.at)


def _port(config: Config, name: str, protocol: Value[Text]) -> Value[int]:
    """Return a port; Absent where the protocol has none, or all are meant."""
    spelled = literal(protocol)
    if spelled is not None and spelled not in _WITH_PORTS:
        return Absent(config.at)
    return by_branch(number_in(config, name), _unless_every)


def _unless_every(port: Known[int]) -> Value[int]:
    return Absent(port.at) if port.value == _EVERY_PORT else port
