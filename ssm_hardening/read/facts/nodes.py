"""EC2 instances, with what their launch templates, profiles and subnets say of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Unknown, Value, Why
from ssm_hardening.model import Fact, Instance, Subnet
from ssm_hardening.read.facts.arguments import (
    argument_text,
    computed,
    either,
    head_of,
    id_of,
    mapped,
    member,
    name_of,
    nested,
    number,
    switch,
    tags_of,
)
from ssm_hardening.read.facts.attachments import Attachments, attachments
from ssm_hardening.read.facts.gathering import gathered, said, texts
from ssm_hardening.read.facts.roles import Profiles, profile_name, profiles_of
from ssm_hardening.read.graph import Config, Resource, Root

LAUNCH_TEMPLATE = "aws_launch_template"

_LATEST = "$Latest"

Layer: TypeAlias = Config | Unknown | None
"""The body of the template that applies, why it cannot be told, or nothing where there is none."""


@dataclass(frozen=True, slots=True)
class LaunchTemplates:
    """The launch templates of a root, by address and by literal name."""

    by_address: Mapping[str, Resource]
    by_name: Mapping[str, Resource]

    def of(self, instance: Resource) -> Layer:
        """Return the template of an instance."""
        blocks = instance.config.blocks("launch_template")
        if blocks.gap is not None:
            return blocks.gap
        return next((self._named(each) for each in blocks), None)

    def _named(self, block: Config) -> Layer:
        found = self._found(block)
        if found is None:
            return Unknown(Why.COMPUTED, block.at, "what the launch template says")
        return found.config if _is_current(block, found) else _other_version(block, found)

    def _found(self, block: Config) -> Resource | None:
        for argument in ("id", "name"):
            match argument_text(block.get(argument), argument):
                case Known(Reference(address=address)):
                    return self.by_address.get(address)
                case Known(str() as name):
                    return self.by_name.get(name)
                case _:
                    pass
        return None


def launch_templates_of(root: Root) -> LaunchTemplates:
    """Return the launch templates that a root declares."""
    resources = root.resources(LAUNCH_TEMPLATE)
    return LaunchTemplates({each.address: each for each in resources}, dict(_literal_names(resources)))


def _literal_names(resources: Inventory[Resource]) -> Iterable[tuple[str, Resource]]:
    for each in resources:
        match name_of(each, "name"):
            case Known(str() as name):
                yield name, each
            case _:
                pass


def _is_current(block: Config, template: Resource) -> bool:
    """Say whether the version that is asked for is what the code says now."""
    match argument_text(block.get("version"), "version"):
        case Known(str() as version) if version == _LATEST:
            return True
        case Known(Reference(address=address, attribute="latest_version")) if address == template.address:
            return True
        case _:
            updated = switch(template.config.get("update_default_version"), "update_default_version")
            return isinstance(updated, Known) and updated.value and _asks_for_default(block, template)


def _asks_for_default(block: Config, template: Resource) -> bool:
    match argument_text(block.get("version"), "version"):
        case Absent() | Known("$Default"):
            return True
        case Known(Reference(address=address, attribute="default_version")):
            return address == template.address
        case _:
            return False


def _other_version(block: Config, template: Resource) -> Unknown:
    return Unknown(Why.COMPUTED, block.at, f"which version of {template.address} is meant")


def layered(own: Value[Any], template: Layer, read: Callable[[Config], Value[Any]]) -> Value[Any]:
    """Return what the instance says, or else its template."""
    match template:
        case None:
            return own
        case Unknown() as gap:
            return mapped(own, lambda known: known, absent=lambda _: gap)
        case config:
            return mapped(own, lambda known: known, absent=lambda _: read(config))


INSTANCE = "aws_instance"
INTERFACE_GROUP = "aws_network_interface_sg_attachment"
ADDRESS = "aws_eip"
ADDRESS_ASSOCIATION = "aws_eip_association"
"""The resources that change an instance from outside."""

_UNTOLD = ("platform", "state", "agent_version", "agent_latest", "ping", "connected")
"""What only the running instance can tell."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What instances refer to, and what refers to them."""

    templates: LaunchTemplates
    profiles: Profiles
    root: Root
    subnets: Inventory[Subnet]
    groups: Attachments
    addresses: tuple[Attachments, ...]


def instances_of(root: Root, subnets: Inventory[Subnet]) -> Inventory[tuple[Resource, Instance]]:
    """Return every instance with its resource; `subnets` decide on public addresses where it does not say."""
    resources = root.resources(INSTANCE)
    around = _Around(
        templates=launch_templates_of(root),
        profiles=profiles_of(root),
        root=root,
        subnets=subnets,
        groups=attachments(root.resources(INTERFACE_GROUP), "network_interface_id"),
        addresses=(
            attachments(root.resources(ADDRESS), "instance"),
            attachments(root.resources(ADDRESS_ASSOCIATION), "instance_id"),
        ),
    )
    return Inventory(tuple((each, _instance(each, around)) for each in resources), resources.gap)


def _instance(resource: Resource, around: _Around) -> Instance:
    config, head, template = resource.config, head_of(resource, id_of(resource)), around.templates.of(resource)
    profile = _profile(config, template)
    subnet = _subnet(resource, template)
    return Instance(
        **head,
        label=argument_text(member(_tags(config), ("Name",)), "Name"),
        kind=Known("ec2", resource.at),
        profile=profile,
        role=around.profiles.role_of(profile),
        security_groups=_groups(resource, template, around.groups, Fact(**head)),
        subnet=subnet,
        public_ip=_public_ip(resource, template, subnet, around),
        key_name=layered(_text(config, "key_name"), template, lambda other: _text(other, "key_name")),
        imds_tokens=_metadata(resource, template, "http_tokens"),
        imds_hop_limit=_metadata(resource, template, "http_put_response_hop_limit"),
        tags=tags_of(resource, around.root),
        **_untold(resource),
    )


def _untold(resource: Resource) -> dict[str, Any]:
    return {name: computed(resource, name) for name in _UNTOLD}


def _text(config: Config, *path: str) -> Value[Any]:
    return argument_text(nested(config, *path), path[-1])


def _tags(config: Config) -> Value[Any]:
    tags = config.get("tags")
    return (
        Unknown(Why.COMPUTED, tags.at, "tags")
        if isinstance(tags, Known) and isinstance(tags.value, Reference)
        else tags
    )


def _profile(config: Config, template: Layer) -> Value[Any]:
    def of_template(other: Config) -> Value[Any]:
        name = _text(other, "iam_instance_profile", "name")
        return mapped(name, lambda known: known, absent=lambda _: _text(other, "iam_instance_profile", "arn"))

    return profile_name(layered(_text(config, "iam_instance_profile"), template, of_template))


def _subnet(resource: Resource, template: Layer) -> Value[Any]:
    """Return the subnet; AWS takes one of the default VPC, or that of the instance's own interface."""
    found = layered(
        _text(resource.config, "subnet_id"), template, lambda other: _text(other, "network_interfaces", "subnet_id")
    )
    return mapped(found, lambda known: known, absent=lambda _: computed(resource, "subnet_id"))


def _groups(resource: Resource, template: Layer, outside: Attachments, fact: Fact) -> Value[Items]:
    """Return the groups; AWS takes the VPC's default group where nobody names one."""
    config = resource.config
    parts = [texts(config.get(name), name) for name in ("vpc_security_group_ids", "security_groups")]
    if all(isinstance(part, Absent) for part in parts):
        interfaces = config.blocks("network_interface")
        if interfaces.items or interfaces.gap is not None:
            return Unknown(Why.COMPUTED, resource.at, f"the groups of the interfaces of {resource.address}")
        parts = _groups_of(template)
    named = gathered((*parts, *_added(outside, fact)), resource.at)
    match named:
        case Known(Items((), None)):
            return computed(resource, "vpc_security_group_ids")
        case _:
            return named


def _groups_of(template: Layer) -> list[Value[Any]]:
    match template:
        case None:
            return []
        case Unknown() as gap:
            return [gap]
        case config:
            inner = nested(config, "network_interfaces", "security_groups")
            own = texts(config.get("vpc_security_group_ids"), "vpc_security_group_ids")
            return [own, texts(inner, "security_groups")]


def _added(outside: Attachments, fact: Fact) -> list[Value[Any]]:
    """Return the groups that resources of their own add to the instance's first interface."""
    return list(said(outside.of(fact), lambda config: argument_text(config.get("security_group_id"), "group")))


def _public_ip(resource: Resource, template: Layer, subnet: Value[Any], around: _Around) -> Value[bool]:
    """Say whether it gets a public address: an elastic one, by its own word, its template's or its subnet's."""
    fact = Fact(**head_of(resource, id_of(resource)))
    found = [each for addresses in around.addresses for each in addresses.of(fact)]
    for each in found:
        if each.doubt is None:
            return Known(True, each.resource.at)
    name = "associate_public_ip_address"
    own = layered(
        switch(resource.config.get(name), name),
        template,
        lambda other: switch(nested(other, "network_interfaces", name), name),
    )
    said_here = mapped(
        own, lambda known: known, absent=lambda _: mapped(subnet, lambda known: _by_subnet(known, around))
    )
    doubts = [each.doubt for each in found if each.doubt is not None]
    return either(doubts[0], (said_here, Known(True, doubts[0].at))) if doubts else said_here


def _by_subnet(subnet: Known[Any], around: _Around) -> Value[Any]:
    match subnet.value:
        case Reference(address=address):
            found = next((each for each in around.subnets if each.address == address), None)
            if found is not None:
                return found.public_ip
        case _:
            pass
    return Unknown(Why.COMPUTED, subnet.at, f"whether {subnet.value} gives public addresses")


def _metadata(resource: Resource, template: Layer, name: str) -> Value[Any]:
    """Return an option of the metadata service; the image and the Region's defaults decide where nobody does."""
    convert = number if name == "http_put_response_hop_limit" else argument_text

    def read(config: Config) -> Value[Any]:
        return convert(nested(config, "metadata_options", name), name)

    found = layered(read(resource.config), template, read)
    return mapped(found, lambda known: known, absent=lambda _: computed(resource, f"metadata_options.{name}"))
