"""Nodes: EC2 instances, and what launches them, with what templates, profiles, interfaces and subnets add."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ssm_hardening.core.logic import certainly, each, flag, is_no, some
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Instance, Subnet
from ssm_hardening.read.converting import by_branch, default, either, member, or_else
from ssm_hardening.read.facts.arguments import (
    argument_text,
    number_in,
    numbered_fact,
    switch_in,
    tags_of,
    text_in,
    texts_in,
)
from ssm_hardening.read.facts.attachments import gathered, joined
from ssm_hardening.read.facts.launchers import launches_of
from ssm_hardening.read.facts.launches import Interfaces, Launch, named_by
from ssm_hardening.read.facts.other_launchers import registered_of
from ssm_hardening.read.facts.roles import Profiles, profile_name, profiles_of
from ssm_hardening.read.facts.templates import LaunchTemplates
from ssm_hardening.read.graph import Config, Resource, Root

T = TypeVar("T")

INSTANCE = "aws_instance"
SPOT_INSTANCE = "aws_spot_instance_request"
"""A request for one instance, with the arguments of an instance; its tags stay on the request."""


@dataclass(frozen=True, slots=True)
class _Referred:
    """What nodes refer to, and what refers to them."""

    profiles: Profiles
    subnets: Inventory[Subnet]
    interfaces: Interfaces


def instances_of(root: Root, subnets: Inventory[Subnet]) -> Inventory[tuple[Resource, Instance]]:
    """Return every node with its resource; `subnets` decide on public addresses where nothing else does."""
    templates = LaunchTemplates.of(root)
    others = _Referred(profiles_of(root), subnets, Interfaces.of(root))
    single = root.resources(INSTANCE, SPOT_INSTANCE)
    launched = launches_of(root, templates)
    launches = (*(_single(each, root, templates) for each in single), *launched)
    found = tuple((launch.resource, _instance(launch, others)) for launch in launches)
    return joined((Inventory(found), registered_of(root)), gap=launched.gap if single.gap is None else single.gap)


def _single(resource: Resource, root: Root, templates: LaunchTemplates) -> Launch:
    """Return what one instance is launched with."""
    none = Absent(resource.at)
    return Launch(
        fact=numbered_fact(resource),
        resource=resource,
        own=resource.config,
        layer=templates.layer(resource.config.blocks("launch_template")),
        launcher=none,
        subnets=none,
        tags=tags_of(resource, root) if resource.type == INSTANCE else none,
    )


def _instance(launch: Launch, others: _Referred) -> Instance:
    fact, resource, tags = launch.fact, launch.resource, launch.all_tags()
    profile = _profile(launch)
    subnet = _subnet(launch, others.interfaces)
    return Instance(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        label=argument_text(member(_own_tags(launch, tags), ("Name",)), "Name"),
        kind=Known("ec2", resource.at),
        # What only the running instance can tell.
        platform=launch.untold("platform"),
        state=launch.untold("state"),
        agent_version=launch.untold("agent_version"),
        agent_latest=launch.untold("agent_latest"),
        ping=launch.untold("ping"),
        connected=launch.untold("connected"),
        profile=profile,
        role=others.profiles.role_of(profile) if launch.role is None else launch.role,
        security_groups=_groups(launch, others.interfaces),
        subnet=subnet,
        public_ip=_public_ip(launch, subnet, others),
        key_name=launch.either(lambda body: text_in(body, "key_name")) if launch.key_name is None else launch.key_name,
        imds_tokens=_metadata(launch, "http_tokens", text_in),
        imds_hop_limit=_metadata(launch, "http_put_response_hop_limit", number_in),
        tags=tags,
        launcher=launch.launcher,
        template=launch.template,
        subnets=launch.subnets,
        imds_endpoint=default(
            launch.either(lambda body: text_in(body, "metadata_options", "http_endpoint")), "enabled"
        ),
    )


def _own_tags(launch: Launch, tags: Value[Datum]) -> Value[Datum]:
    """Return the tags that may name the node; those of a reference to another object tell nothing of it."""
    written = launch.resource.config.get("tags") if launch.resource.type == INSTANCE else tags
    is_reference = certainly(written, lambda content: isinstance(content, Reference))
    return Unknown(Why.COMPUTED, written.at, "tags") if is_reference else tags


def _profile(launch: Launch) -> Value[Text]:
    def own(body: Config) -> Value[Text]:
        return or_else(text_in(body, "iam_instance_profile"), text_in(body, "iam_instance_profile_arn"))

    def of_template(body: Config) -> Value[Text]:
        name, arn = (text_in(body, "iam_instance_profile", each) for each in ("name", "arn"))
        return or_else(name, arn)

    return profile_name(launch.said(own, of_template)) if launch.profile is None else launch.profile


def _subnet(launch: Launch, interfaces: Interfaces) -> Value[Text]:
    """Return the subnet of the launcher, the node, its template or interface; AWS takes one of the default VPC."""

    def own(body: Config) -> Value[Text]:
        first = next(named_by(body), Absent(body.at))
        return or_else(text_in(body, "subnet_id"), interfaces.subnet_of(first))

    def of_template(body: Config) -> Value[Text]:
        first = next(iter(_interfaces_in(body)), Absent(body.at))
        return or_else(text_in(body, "network_interfaces", "subnet_id"), interfaces.subnet_of(first))

    match launch.subnets:
        case Known(Items((only,), None)):
            return only
        case Known(_, at):
            detail = f"which of its subnets {launch.resource.address} launches an instance in"
            return Unknown(Why.COMPUTED, at, detail)
        case Unknown() as gap:
            return gap
        case Absent():
            return or_else(launch.said(own, of_template), launch.untold("subnet_id"))


def _groups(launch: Launch, interfaces: Interfaces) -> Value[Items]:
    """Return the groups of all interfaces; AWS takes the VPC's default group where nobody names one."""
    own = [] if launch.own is None else _groups_of_instance(launch.own, interfaces)
    parts = own or _groups_of_template(launch, interfaces) or ([] if launch.groups is None else [launch.groups])
    added: tuple[Value[Datum], ...] = ()
    if isinstance(launch.launcher, Absent):
        fact = launch.fact
        added = (*interfaces.groups_added(fact), *interfaces.groups_attached(fact))
    own_groups = gathered(parts, launch.resource.at)
    nobody = certainly(own_groups, lambda groups: groups == Items(()))
    # Interfaces that are attached later leave the first one with the groups that it has.
    return gathered((launch.untold("vpc_security_group_ids") if nobody else own_groups, *added), launch.resource.at)


def _groups_of_instance(body: Config, interfaces: Interfaces) -> list[Value[Items]]:
    # The last name is that of AWS Batch.
    parts = [texts_in(body, name) for name in ("vpc_security_group_ids", "security_groups", "security_group_ids")]
    parts = [part for part in parts if not certainly(part, lambda groups: groups == Items(()))]
    if not all(isinstance(part, Absent) for part in parts):
        return parts
    return [interfaces.groups_of(named) for named in named_by(body)]


def _groups_of_template(launch: Launch, interfaces: Interfaces) -> list[Value[Items]]:
    if launch.layer is None:
        return []
    body = launch.layer.content
    if isinstance(body, Unknown):
        return [body]
    whole, blocks = texts_in(body, "vpc_security_group_ids"), body.blocks("network_interfaces")
    of_blocks = [_groups_of_block(block, interfaces) for block in blocks]
    if isinstance(whole, Absent):
        of_blocks = [or_else(groups, launch.untold("security_groups")) for groups in of_blocks]
    by_name = texts_in(body, "security_group_names")
    return [whole, by_name, *of_blocks, *([] if blocks.gap is None else [blocks.gap])]


def _groups_of_block(block: Config, interfaces: Interfaces) -> Value[Items]:
    named = text_in(block, "network_interface_id")
    return or_else(texts_in(block, "security_groups"), interfaces.groups_of(named))


def _interfaces_in(template: Config) -> list[Value[Text]]:
    """Return the interfaces that exist already and that a template names."""
    named = (text_in(each, "network_interface_id") for each in template.blocks("network_interfaces"))
    return [each for each in named if not isinstance(each, Absent)]


def _named_interfaces(launch: Launch) -> list[Value[Text]]:
    body = None if launch.layer is None else launch.layer.content
    own = [] if launch.own is None else list(named_by(launch.own))
    return own if body is None or isinstance(body, Unknown) else [*own, *_interfaces_in(body)]


def _public_ip(launch: Launch, subnet: Value[Text], others: _Referred) -> Value[bool]:
    """Say whether it gets a public address: an elastic one, by its own word, its template's or its subnet's.

    Only a new interface gets an address by itself, so that of one that exists already is never sure but by its subnet.
    """
    named, at = _named_interfaces(launch), launch.resource.at
    facts = (launch.fact, *others.interfaces.facts_of(named))
    found = [each for addresses in others.interfaces.addresses for fact in facts for each in addresses.of(fact)]
    for each_address in found:
        if each_address.doubt is None:
            return Known(True, each_address.resource.at)
    assigned = _by_subnets(launch, subnet, others)
    if named and not is_no(flag(assigned, absent=False)):
        detail = f"whether the network interface of {launch.resource.address} has a public IP address"
        assigned = Unknown(Why.COMPUTED, at, detail)
    by_itself = or_else(_written_address(launch), assigned)
    doubts = [each_address.doubt for each_address in found if each_address.doubt is not None]
    return either(doubts[0], (by_itself, Known(True, doubts[0].at))) if doubts else by_itself


def _written_address(launch: Launch) -> Value[bool]:
    name = "associate_public_ip_address"

    def of_template(body: Config) -> Value[bool]:
        blocks = body.blocks("network_interfaces")
        said = [found for found in (switch_in(block, name) for block in blocks) if not isinstance(found, Absent)]
        if blocks.gap is not None:
            said.append(blocks.gap)
        if len(said) > 1:  # one address makes the node public
            return some([flag(found, absent=False) for found in said], body.at)
        return said[0] if said else Absent(body.at)

    return launch.said(lambda body: switch_in(body, name), of_template)


def _by_subnets(launch: Launch, subnet: Value[Text], others: _Referred) -> Value[bool]:
    """Say whether the subnet assigns addresses, or one of those that a launcher chooses from."""
    if isinstance(launch.subnets, Absent):
        return by_branch(subnet, lambda known: _by_subnet(known, others))
    several = (by_branch(found, lambda known: _by_subnet(known, others)) for found in each(launch.subnets))
    return some([flag(found, absent=False) for found in several], launch.subnets.at)


def _by_subnet(subnet: Known[Text], others: _Referred) -> Value[bool]:
    if isinstance(subnet.value, Reference):
        address = subnet.value.address
        found = next((each for each in others.subnets if each.address == address), None)
        if found is not None:
            return found.public_ip
    return Unknown(Why.COMPUTED, subnet.at, f"whether {subnet.value} assigns public IP addresses")


def _metadata(launch: Launch, name: str, read: Callable[[Config, str, str], Value[T]]) -> Value[T]:
    """Return an option of the metadata service; the image and the Region's defaults decide where nobody does."""
    found = launch.either(lambda body: read(body, "metadata_options", name))
    if launch.is_configuration and launch.own is not None:
        found = _if_sent(found, text_in(launch.own, "metadata_options", "http_endpoint"))
    return or_else(found, launch.untold(f"metadata_options.{name}"))


def _if_sent(option: Value[T], endpoint: Value[Text]) -> Value[T]:
    """Return an option of a launch configuration: without `http_endpoint = "enabled"`, the provider does not send it.

    What would be no better without it stays: the defaults of most accounts are no stricter.
    """
    if certainly(endpoint, lambda text: text == "enabled") or certainly(option, lambda written: written == "optional"):
        return option
    if not isinstance(option, Known):
        return option
    detail = 'the provider does not send this option of a launch configuration without http_endpoint = "enabled"'
    return Unknown(Why.COMPUTED, option.at, detail)
