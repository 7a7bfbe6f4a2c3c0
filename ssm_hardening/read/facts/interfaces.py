"""Network interfaces that code declares apart: their groups and subnets are those of the node that has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ssm_hardening.core.logic import certainly, known_or
from ssm_hardening.core.values import Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Fact
from ssm_hardening.read.converting import by_branch
from ssm_hardening.read.facts.arguments import computed, numbered_fact, text_in, texts_in
from ssm_hardening.read.facts.attachments import Attachments, attachments, attachments_by, gathered, said
from ssm_hardening.read.graph import Config, Resource, Root

INTERFACE = "aws_network_interface"
ATTACHMENT = "aws_network_interface_attachment"
INTERFACE_GROUP = "aws_network_interface_sg_attachment"
ADDRESS = "aws_eip"
ADDRESS_ASSOCIATION = "aws_eip_association"
"""The resources that change a node's network from outside."""

_OWN = ("network_interface", "primary_network_interface")
"""Blocks of an instance that name an interface that exists already."""


@dataclass(frozen=True, slots=True)
class Interfaces:
    """The interfaces of a root by address, and what resources of their own add to nodes and interfaces."""

    by_address: Mapping[str, Resource]
    groups: Attachments
    attached: Attachments
    attaching: Attachments
    addresses: tuple[Attachments, ...]

    @classmethod
    def of(cls, root: Root) -> "Interfaces":
        """Return the network interfaces that a root declares."""
        own = root.resources(INTERFACE)
        return cls(
            by_address={each.address: each for each in own},
            groups=attachments(root.resources(INTERFACE_GROUP), "network_interface_id"),
            attached=attachments(root.resources(ATTACHMENT), "instance_id"),
            attaching=attachments_by(own, lambda each: [text_in(each.config, "attachment", "instance")]),
            addresses=(
                attachments_by(root.resources(ADDRESS), _named("instance", "network_interface")),
                attachments_by(root.resources(ADDRESS_ASSOCIATION), _named("instance_id", "network_interface_id")),
            ),
        )

    def groups_of(self, name: Value[Text]) -> Value[Items]:
        """Return the groups of an interface that is named: its own, or the VPC's default group, and those added."""
        return by_branch(name, self._groups_of)

    def _groups_of(self, name: Known[Text]) -> Value[Items]:
        found = self._found(name)
        if found is None:
            return _elsewhere(name, "the security groups")
        own = texts_in(found.config, "security_groups")
        whole = own if _names_some(own) else computed(found, "security_groups")
        return gathered((whole, *self.groups_added(numbered_fact(found))), found.at)

    def groups_added(self, fact: Fact) -> Iterator[Value[Text]]:
        """Yield the groups that resources of their own add to an interface, or to the first one of a node."""
        yield from said(self.groups.of(fact), lambda config: text_in(config, "security_group_id"))

    def groups_attached(self, fact: Fact) -> Iterator[Value[Items]]:
        """Yield the groups of the interfaces that are attached to a node after its launch."""
        for each in (self.attached.of(fact), self.attaching.of(fact)):
            for found in each:
                if found.doubt is not None:
                    yield found.doubt
                elif found.resource.type == INTERFACE:
                    yield self.groups_of(numbered_fact(found.resource).name)
                else:
                    yield self.groups_of(text_in(found.resource.config, "network_interface_id"))
            if each.gap is not None:
                yield each.gap

    def subnet_of(self, name: Value[Text]) -> Value[Text]:
        """Return the subnet of an interface that is named."""
        return by_branch(name, self._subnet_of)

    def _subnet_of(self, name: Known[Text]) -> Value[Text]:
        found = self._found(name)
        return _elsewhere(name, "the subnet") if found is None else text_in(found.config, "subnet_id")

    def facts_of(self, names: Iterable[Value[Text]]) -> Iterator[Fact]:
        """Yield the interfaces that are named and that this code declares."""
        for name in names:
            found = self._found(name)
            if found is not None:
                yield numbered_fact(found)

    def _found(self, name: Value[Text]) -> Resource | None:
        named = known_or(name, None)
        return self.by_address.get(named.address) if isinstance(named, Reference) else None


def _named(*arguments: str) -> Callable[[Resource], list[Value[Text]]]:
    return lambda each: [text_in(each.config, argument) for argument in arguments]


def named_by(body: Config) -> Iterator[Value[Text]]:
    """Yield the interfaces that an instance, or the block of a template, names."""
    for type_ in _OWN:
        blocks = body.blocks(type_)
        yield from (text_in(each, "network_interface_id") for each in blocks)
        if blocks.gap is not None:
            yield blocks.gap


def _names_some(groups: Value[Items]) -> bool:
    return not certainly(groups, lambda named: named == Items(()), absent=True)


def _elsewhere(name: Known[Text], what: str) -> Unknown:
    return Unknown(Why.COMPUTED, name.at, f"{what} of the network interface {name.value}")
