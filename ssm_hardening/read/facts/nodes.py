"""EC2 instances, with what their launch templates, profiles and subnets say of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from ssm_hardening.core.logic import certainly, known_or, literal
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, Instance, Subnet
from ssm_hardening.read.converting import by_branch, either, member, or_else
from ssm_hardening.read.facts.arguments import (
    argument_text,
    computed,
    name_of,
    number_in,
    numbered_fact,
    read_each,
    switch_in,
    tags_of,
    text_in,
    texts_in,
)
from ssm_hardening.read.facts.attachments import Attachments, attachments, gathered, said
from ssm_hardening.read.facts.roles import Profiles, profile_name, profiles_of
from ssm_hardening.read.graph import Config, Resource, Root

T = TypeVar("T")

INSTANCE = "aws_instance"
INTERFACE_GROUP = "aws_network_interface_sg_attachment"
ADDRESS = "aws_eip"
ADDRESS_ASSOCIATION = "aws_eip_association"
"""The resources that change an instance from outside."""


@dataclass(frozen=True, slots=True)
class _Referred:
    """What instances refer to, and what refers to them."""

    templates: "_LaunchTemplates"
    profiles: Profiles
    root: Root
    subnets: Inventory[Subnet]
    groups: Attachments
    addresses: tuple[Attachments, ...]


def instances_of(root: Root, subnets: Inventory[Subnet]) -> Inventory[tuple[Resource, Instance]]:
    """Return every instance with its resource; `subnets` decide on public addresses where it does not say."""
    others = _Referred(
        templates=_launch_templates_of(root),
        profiles=profiles_of(root),
        root=root,
        subnets=subnets,
        groups=attachments(root.resources(INTERFACE_GROUP), "network_interface_id"),
        addresses=(
            attachments(root.resources(ADDRESS), "instance"),
            attachments(root.resources(ADDRESS_ASSOCIATION), "instance_id"),
        ),
    )
    return read_each(root.resources(INSTANCE), lambda each: _instance(each, others))


def _instance(resource: Resource, others: _Referred) -> Instance:
    fact, template = numbered_fact(resource), others.templates.of(resource)
    profile, subnet = _profile(resource.config, template), _subnet(resource, template)
    return Instance(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        label=argument_text(member(_tags(resource.config), ("Name",)), "Name"),
        kind=Known("ec2", resource.at),
        # What only the running instance can tell.
        platform=computed(resource, "platform"),
        state=computed(resource, "state"),
        agent_version=computed(resource, "agent_version"),
        agent_latest=computed(resource, "agent_latest"),
        ping=computed(resource, "ping"),
        connected=computed(resource, "connected"),
        profile=profile,
        role=others.profiles.role_of(profile),
        security_groups=_groups(resource, template, others.groups, fact),
        subnet=subnet,
        public_ip=_public_ip(resource, template, subnet, others),
        key_name=_layered(resource.config, template, lambda config: text_in(config, "key_name")),
        imds_tokens=_metadata(resource, template, "http_tokens", text_in),
        imds_hop_limit=_metadata(resource, template, "http_put_response_hop_limit", number_in),
        tags=tags_of(resource, others.root),
    )


def _tags(config: Config) -> Value[Datum]:
    tags = config.get("tags")
    is_reference = certainly(tags, lambda content: isinstance(content, Reference))
    return Unknown(Why.COMPUTED, tags.at, "tags") if is_reference else tags


def _profile(config: Config, template: "_Layer") -> Value[Text]:
    def of_template(other: Config) -> Value[Text]:
        name, arn = (text_in(other, "iam_instance_profile", each) for each in ("name", "arn"))
        return or_else(name, arn)

    return profile_name(_below(text_in(config, "iam_instance_profile"), template, of_template))


def _subnet(resource: Resource, template: "_Layer") -> Value[Text]:
    """Return the subnet; AWS takes one of the default VPC, or that of the instance's own interface."""
    own = text_in(resource.config, "subnet_id")
    found = _below(own, template, lambda other: text_in(other, "network_interfaces", "subnet_id"))
    return or_else(found, computed(resource, "subnet_id"))


def _groups(resource: Resource, template: "_Layer", outside: Attachments, fact: Fact) -> Value[Items]:
    """Return the groups; AWS takes the VPC's default group where nobody names one."""
    config = resource.config
    parts = [texts_in(config, name) for name in ("vpc_security_group_ids", "security_groups")]
    if all(isinstance(part, Absent) for part in parts):
        interfaces = config.blocks("network_interface")
        if interfaces.items or interfaces.gap is not None:
            return Unknown(
                Why.COMPUTED, resource.at, f"the security groups of the network interfaces of {resource.address}"
            )
        parts = _groups_of(template)
    # Resources of their own add groups to the instance's first interface.
    added = said(outside.of(fact), lambda config: argument_text(config.get("security_group_id"), "group"))
    found = gathered((*parts, *added), resource.at)
    nobody = certainly(found, lambda groups: groups == Items(()))
    return computed(resource, "vpc_security_group_ids") if nobody else found


def _groups_of(template: "_Layer") -> list[Value[Items]]:
    if template is None:
        return []
    if isinstance(template, Unknown):
        return [template]
    return [texts_in(template, "vpc_security_group_ids"), texts_in(template, "network_interfaces", "security_groups")]


def _public_ip(resource: Resource, template: "_Layer", subnet: Value[Text], others: _Referred) -> Value[bool]:
    """Say whether it gets a public address: an elastic one, by its own word, its template's or its subnet's."""
    fact = numbered_fact(resource)
    found = [each for addresses in others.addresses for each in addresses.of(fact)]
    for each in found:
        if each.doubt is None:
            return Known(True, each.resource.at)
    name = "associate_public_ip_address"
    own = switch_in(resource.config, name)
    here = _below(own, template, lambda other: switch_in(other, "network_interfaces", name))
    said_here = or_else(here, by_branch(subnet, lambda known: _by_subnet(known, others)))
    doubts = [each.doubt for each in found if each.doubt is not None]
    return either(doubts[0], (said_here, Known(True, doubts[0].at))) if doubts else said_here


def _by_subnet(subnet: Known[Text], others: _Referred) -> Value[bool]:
    if isinstance(subnet.value, Reference):
        address = subnet.value.address
        found = next((each for each in others.subnets if each.address == address), None)
        if found is not None:
            return found.public_ip
    return Unknown(Why.COMPUTED, subnet.at, f"whether {subnet.value} assigns public IP addresses")


def _metadata(
    resource: Resource, template: "_Layer", name: str, read: Callable[[Config, str, str], Value[T]]
) -> Value[T]:
    """Return an option of the metadata service; the image and the Region's defaults decide where nobody does."""
    found = _layered(resource.config, template, lambda config: read(config, "metadata_options", name))
    return or_else(found, computed(resource, f"metadata_options.{name}"))


LAUNCH_TEMPLATE = "aws_launch_template"

_LATEST = "$Latest"

_Layer: TypeAlias = Config | Unknown | None
"""The body of the template that applies, why it cannot be told, or nothing where there is none."""


@dataclass(frozen=True, slots=True)
class _LaunchTemplates:
    """The launch templates of a root, by address and by literal name."""

    by_address: Mapping[str, Resource]
    by_name: Mapping[str, Resource]

    def of(self, instance: Resource) -> _Layer:
        """Return the template of an instance."""
        blocks = instance.config.blocks("launch_template")
        if blocks.gap is not None:
            return blocks.gap
        return next((self._named(each) for each in blocks), None)

    def _named(self, block: Config) -> _Layer:
        found = self._found(block)
        if found is None:
            return Unknown(Why.COMPUTED, block.at, "the content of the launch template")
        return found.config if _is_current(block, found) else _other_version(block, found)

    def _found(self, block: Config) -> Resource | None:
        for argument in ("id", "name"):
            match known_or(text_in(block, argument), None):
                case Reference(address=address):
                    return self.by_address.get(address)
                case str() as name:
                    return self.by_name.get(name)
                case _:
                    pass
        return None


def _launch_templates_of(root: Root) -> _LaunchTemplates:
    """Return the launch templates that a root declares."""
    resources = root.resources(LAUNCH_TEMPLATE)
    named = ((literal(name_of(each, "name")), each) for each in resources)
    return _LaunchTemplates(
        {each.address: each for each in resources}, {name: each for name, each in named if name is not None}
    )


def _is_current(block: Config, template: Resource) -> bool:
    """Say whether the version that is asked for is what the code says now."""
    version = text_in(block, "version")
    updated = certainly(switch_in(template.config, "update_default_version"), bool)
    return certainly(version, lambda text: text == _LATEST or _is(text, template, "latest_version")) or (
        updated
        and certainly(version, lambda text: text == "$Default" or _is(text, template, "default_version"), absent=True)
    )


def _is(text: Text, template: Resource, attribute: str) -> bool:
    return text == Reference(template.address, attribute)


def _other_version(block: Config, template: Resource) -> Unknown:
    return Unknown(Why.COMPUTED, block.at, f"which version of {template.address} is used")


def _layered(config: Config, template: _Layer, read: Callable[[Config], Value[T]]) -> Value[T]:
    """Return what the instance says, or else its template."""
    return _below(read(config), template, read)


def _below(own: Value[T], template: _Layer, read: Callable[[Config], Value[T]]) -> Value[T]:
    """Return what was read of the instance, or else what is read of its template."""
    if template is None:
        return own
    return or_else(own, template if isinstance(template, Unknown) else read(template))
