"""What instances are launched with, and the network interfaces that code declares apart from them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ssm_hardening.core.logic import certainly, known_or
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Fact
from ssm_hardening.read.converting import by_branch, or_else, record
from ssm_hardening.read.facts.arguments import at_launch, computed, numbered_fact, text_in, texts_in, with_texts
from ssm_hardening.read.facts.attachments import Attachments, attachments, attachments_by, gathered, said
from ssm_hardening.read.facts.templates import Layer
from ssm_hardening.read.graph import Config, Resource, Root

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What one node, or all nodes of one launcher and template, are launched with.

    `own` is what stands beside the template, in the words of `aws_instance`. `launcher` is Absent for one node.
    `subnets` are those that a launcher chooses from, `tags` those that it or the instance adds to its template's.
    `is_configuration` says that `own` is a launch configuration.
    `role`, `profile`, `key_name` and `groups` (where no template names any) are set where the launcher decides on them.
    """

    fact: Fact
    resource: Resource
    own: Config | None
    layer: Layer | None
    launcher: Value[Text]
    subnets: Value[Items]
    tags: Value[Record]
    profile: Value[Text] | None = None
    role: Value[Text] | None = None
    key_name: Value[Text] | None = None
    groups: Value[Items] | None = None
    is_configuration: bool = False

    def said(self, own: Callable[[Config], Value[T]], template: Callable[[Config], Value[T]]) -> Value[T]:
        """Return what stands beside the template, or else what the template says."""
        here = Absent(self.resource.at) if self.own is None else own(self.own)
        return or_else(here, self._of_template(template))

    def _of_template(self, read: Callable[[Config], Value[T]]) -> Value[T]:
        match self.layer:
            case None:
                return Absent(self.resource.at)
            case Layer(content=Unknown() as gap):
                return gap
            case Layer(content=content):
                return Absent(self.resource.at) if isinstance(content, Unknown) else read(content)

    def either(self, read: Callable[[Config], Value[T]]) -> Value[T]:
        """Return an argument that both call by the same name."""
        return self.said(read, read)

    def untold(self, what: str) -> Unknown:
        """Say that nobody wrote something, and AWS decides on it."""
        single = isinstance(self.launcher, Absent)
        return computed(self.resource, what) if single else at_launch(self.resource, what)

    @property
    def template(self) -> Value[Text]:
        """The launch template of a launcher, Unknown where another version than the declared one may be in force.

        One instance has no template once it runs; the doubt whether it was launched as declared stays.
        """
        found = Absent(self.resource.at) if self.layer is None else self.layer.template
        return Absent(found.at) if isinstance(self.launcher, Absent) and isinstance(found, Known) else found

    def all_tags(self) -> Value[Record]:
        """Return the tags of the launched instances: those of the template, and those that are added to them."""
        of_template = () if self.layer is None else _tags_of(self.layer)
        return merged((*of_template, self.tags), self.resource.at)


def merged(parts: Iterable[Value[Record]], at: Origin) -> Value[Record]:
    """Return several sets of tags as one: later ones replace earlier ones, and unknown ones may replace any."""
    members: dict[str, Value[Datum]] = {}
    rest: Unknown | None = None
    for part in parts:
        match part:
            case Known(Record(found, more)):
                members |= found
                rest = more if rest is None else rest
            case Unknown():
                members, rest = {}, part
            case Absent() | Known():
                pass
    return Known(Record(members, rest), at)


def _tags_of(layer: Layer) -> Iterator[Value[Record]]:
    """Yield what a template says of tags; last, that another version of it may say something else."""
    if isinstance(layer.content, Unknown):
        yield layer.content
        return
    blocks = layer.content.blocks("tag_specifications")
    yield from (_for_instances(each) for each in blocks)
    yield from (each for each in (blocks.gap, layer.template) if isinstance(each, Unknown))


def _for_instances(block: Config) -> Value[Record]:
    """Return the tags of a block that is about instances, not about volumes or network interfaces."""
    kind = text_in(block, "resource_type")
    if isinstance(kind, Unknown):
        return kind
    is_meant = certainly(kind, lambda text: text == "instance")
    return with_texts(record(block.get("tags"), "tags")) if is_meant else Absent(block.at)


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
