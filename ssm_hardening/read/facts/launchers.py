"""What launches instances alike: Auto Scaling groups, fleets, spot requests, EKS node groups and AWS Batch.

A launcher with several templates is one node for each of them: the first has the launcher's own address, the others
name their template behind it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ssm_hardening.core.logic import certainly, known_or, literal
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.read.converting import by_branch, items, member, or_else, switch
from ssm_hardening.read.facts.arguments import (
    argument_text,
    number_in,
    numbered_fact,
    text_in,
    texts_in,
)
from ssm_hardening.read.facts.attachments import gathered
from ssm_hardening.read.facts.launches import Launch, merged
from ssm_hardening.read.facts.other_launchers import (
    BATCH,
    NODE_GROUP,
    computing,
    of_batch,
    of_node_group,
    unread_launchers,
)
from ssm_hardening.read.facts.templates import BY_FULL_NAME, BY_NAME, LaunchTemplates, Layer
from ssm_hardening.read.graph import Config, Resource, Root

AUTO_SCALING: Final = "aws_autoscaling_group"
CONFIGURATION: Final = "aws_launch_configuration"
EC2_FLEET: Final = "aws_ec2_fleet"
SPOT_FLEET: Final = "aws_spot_fleet_request"

_KINDS: Mapping[str, str] = {
    AUTO_SCALING: "autoscaling-group",
    EC2_FLEET: "ec2-fleet",
    SPOT_FLEET: "spot-fleet",
    NODE_GROUP: "eks-node-group",
    BATCH: "batch-environment",
}


@dataclass(frozen=True, slots=True)
class _Way:
    """One way in which a launcher launches: a body of its own, or a template; `title` tells it from the others."""

    own: Config | None
    layer: Layer | None
    title: str
    subnets: Value[Items] | None = None
    is_configuration: bool = False


def launches_of(root: Root, templates: LaunchTemplates) -> Inventory[Launch]:
    """Return what every launcher of a root launches, one launch for each template."""
    launchers = root.resources(*_KINDS)
    configurations = _Configurations.of(root)
    found = (
        each
        for launcher in launchers
        for each in _numbered(_launch(launcher), _ways(launcher, templates, configurations))
    )
    return Inventory(tuple(found), unread_launchers(root) if launchers.gap is None else launchers.gap)


def _launch(resource: Resource) -> Launch:
    """Return what is the same for all ways in which a launcher launches."""
    fact, at = numbered_fact(resource), resource.at
    launch = Launch(
        fact=fact,
        resource=resource,
        own=None,
        layer=None,
        launcher=Known(_KINDS[resource.type], at),
        subnets=Absent(at),
        tags=Absent(at),
    )
    match resource.type:
        case str(type_) if type_ == AUTO_SCALING:
            exists = Known(False, at) if _launches_nothing(resource) else resource.exists
            subnets = texts_in(resource.config, "vpc_zone_identifier")
            return replace(launch, fact=replace(fact, exists=exists), subnets=subnets, tags=_group_tags(resource))
        case str(type_) if type_ == NODE_GROUP:
            return of_node_group(launch)
        case str(type_) if type_ == BATCH:
            return of_batch(launch)
        case _:
            return launch


def _launches_nothing(resource: Resource) -> bool:
    return certainly(number_in(resource.config, "max_size"), lambda most: most == 0)


def _numbered(launch: Launch, ways: Iterable[_Way]) -> Iterator[Launch]:
    """Yield the launches, each with an address of its own."""
    titles: dict[str, _Way] = {}
    for way in ways:
        titles.setdefault(way.title, way)
    for number, way in enumerate(titles.values()):
        fact = launch.fact if number == 0 else replace(launch.fact, address=f"{launch.fact.address} ({way.title})")
        subnets = launch.subnets if way.subnets is None else way.subnets
        yield replace(
            launch, fact=fact, own=way.own, layer=way.layer, subnets=subnets, is_configuration=way.is_configuration
        )


def _ways(resource: Resource, templates: LaunchTemplates, configurations: "_Configurations") -> Iterator[_Way]:
    match resource.type:
        case str(type_) if type_ == AUTO_SCALING:
            yield from _of_group(resource, templates, configurations)
        case str(type_) if type_ == EC2_FLEET:
            yield from _of_configs(resource, templates, BY_FULL_NAME, "override")
        case str(type_) if type_ == SPOT_FLEET:
            yield from _of_specifications(resource)
            yield from _of_configs(resource, templates, BY_NAME, "overrides")
        case str(type_) if type_ == BATCH:
            yield from _of_environment(resource, templates)
        case _:
            layer = templates.layer(resource.config.blocks("launch_template"))
            yield _Way(None, layer, "" if layer is None else layer.title)


def _of_layer(layer: Layer, subnets: Value[Items] | None = None) -> _Way:
    return _Way(None, layer, layer.title, subnets)


def _unread(gap: Unknown, subnets: Value[Items] | None = None) -> _Way:
    return _of_layer(Layer(gap, gap, "launch templates that are not known"), subnets)


def _of_group(resource: Resource, templates: LaunchTemplates, configurations: "_Configurations") -> Iterator[_Way]:
    """Yield the ways of an Auto Scaling group: a template, a configuration, or a policy of mixed instances."""
    config = resource.config
    layer = templates.layer(config.blocks("launch_template"))
    if layer is not None:
        yield _of_layer(layer)
    named = text_in(config, "launch_configuration")
    if not isinstance(named, Absent):
        yield configurations.way(named)
    policies = config.blocks("mixed_instances_policy")
    for policy in policies:
        for block in policy.blocks("launch_template"):
            yield from _of_mixed(block, templates)
    gaps = (policies.gap, *(policy.blocks("launch_template").gap for policy in policies))
    yield from (_unread(gap) for gap in gaps if gap is not None)
    if layer is None and isinstance(named, Absent) and not policies.items and policies.gap is None:
        yield _unread(Unknown(Why.UNPARSEABLE, resource.at, f"what {resource.address} launches"))


def _of_mixed(block: Config, templates: LaunchTemplates) -> Iterator[_Way]:
    """Yield the template of a policy, unless each override brings its own, and those of the overrides."""
    overrides = block.blocks("override")
    own = [(each, each.blocks("launch_template_specification")) for each in overrides]
    if not own or overrides.gap is not None or any(not blocks.items for _, blocks in own):
        layer = templates.layer(block.blocks("launch_template_specification"), BY_FULL_NAME)
        gap = Unknown(Why.UNPARSEABLE, block.at, "which launch template the group uses")
        yield _unread(gap) if layer is None else _of_layer(layer)
    for _, blocks in own:
        yield from (_of_layer(templates.named(each, BY_FULL_NAME)) for each in blocks)
        if blocks.gap is not None:
            yield _unread(blocks.gap)
    if overrides.gap is not None:
        yield _unread(overrides.gap)


def _of_configs(
    resource: Resource, templates: LaunchTemplates, arguments: tuple[str, ...], overrides: str
) -> Iterator[_Way]:
    """Yield the templates of a fleet, each with the subnets that its overrides name."""
    blocks = resource.config.blocks("launch_template_config")
    for block in blocks:
        subnets = _subnets(block.blocks(overrides), block.at)
        layer = templates.layer(block.blocks("launch_template_specification"), arguments)
        gap = Unknown(Why.UNPARSEABLE, block.at, f"which launch template {resource.address} uses")
        yield _unread(gap, subnets) if layer is None else _of_layer(layer, subnets)
    if blocks.gap is not None:
        yield _unread(blocks.gap)


def _subnets(overrides: Inventory[Config], at: Origin) -> Value[Items]:
    """Return the subnets that overrides name; Absent where none does, and the template or AWS decides."""
    found = gathered((text_in(each, "subnet_id") for each in overrides), at, gap=overrides.gap)
    return Absent(at) if certainly(found, lambda named: named == Items(())) else found


def _of_environment(resource: Resource, templates: LaunchTemplates) -> Iterator[_Way]:
    """Yield the way of an environment of AWS Batch, which names its own groups beside a template."""
    blocks = computing(resource)
    for block in blocks:
        yield _Way(block, templates.layer(block.blocks("launch_template"), BY_FULL_NAME), "")
    if blocks.gap is not None:
        yield _unread(blocks.gap)


def _of_specifications(resource: Resource) -> Iterator[_Way]:
    """Yield the specifications of a spot fleet, which say everything by themselves."""
    blocks = resource.config.blocks("launch_specification")
    for number, block in enumerate(blocks, 1):
        yield _Way(block, None, f"launch specification {number}", _listed_subnets(block))
    if blocks.gap is not None:
        yield _unread(blocks.gap)


def _listed_subnets(block: Config) -> Value[Items]:
    """Return the subnets of a specification, which names several in one text."""

    def split(known: Known[Text]) -> Value[Items]:
        if not isinstance(known.value, str):
            return Known(Items((known,)), known.at)
        names = (name.strip() for name in known.value.split(","))
        return Known(Items(tuple(Known(name, known.at) for name in names if name)), known.at)

    return by_branch(text_in(block, "subnet_id"), split)


@dataclass(frozen=True, slots=True)
class _Configurations:
    """The launch configurations of a root, by address and by literal name."""

    by_address: Mapping[str, Resource]
    by_name: Mapping[str, Resource]

    @classmethod
    def of(cls, root: Root) -> "_Configurations":
        found = root.resources(CONFIGURATION)
        named = ((literal(text_in(each.config, "name")), each) for each in found)
        return cls({each.address: each for each in found}, {name: each for name, each in named if name is not None})

    def way(self, name: Value[Text]) -> _Way:
        """Return the way of the configuration that a group names."""
        text = known_or(name, None)
        found = self.by_address.get(text.address) if isinstance(text, Reference) else self.by_name.get(str(text))
        if found is not None:
            return _Way(found.config, None, found.address, is_configuration=True)
        detail = f"the content of the launch configuration {text}" if text is not None else "the launch configuration"
        return _unread(name if isinstance(name, Unknown) else Unknown(Why.COMPUTED, name.at, detail))


_GROUP_NAME = "aws:autoscaling:groupName"


def _group_tags(resource: Resource) -> Value[Record]:
    """Return the tags that an Auto Scaling group gives to its instances, the one that AWS adds among them."""
    config, at = resource.config, resource.at
    blocks, listed = config.blocks("tag"), items(config.get("tags"), "tags")
    own = [_group_tag(each.get, each.at) for each in blocks]
    match listed:
        case Known(Items(members, rest)):
            own += [_group_tag(partial(_member, each), at) for each in members]
            own += [] if rest is None else [rest]
        case Unknown() as gap:
            own.append(gap)
        case Absent():
            pass
    own += [] if blocks.gap is None else [blocks.gap]
    added: Value[Text] = Known(Reference(resource.address, "name"), at)
    return merged((*own, Known(Record({_GROUP_NAME: or_else(text_in(config, "name"), added)}), at)), at)


def _member(tag: Value[Datum], key: str) -> Value[Datum]:
    return member(tag, (key,))


def _group_tag(get: Callable[[str], Value[Datum]], at: Origin) -> Value[Record]:
    """Return a tag as a record; Absent where instances do not get it."""
    passed_on = switch(get("propagate_at_launch"), "propagate_at_launch")
    key, value = (argument_text(get(each), each) for each in ("key", "value"))
    match passed_on, key:
        case Known(False), _:
            return Absent(at)
        case (Unknown() as gap, _) | (_, Unknown() as gap):
            return gap
        case _, Known(str() as name):
            return Known(Record({name: value}), at)
        case _, Known(other):
            return Unknown(Why.COMPUTED, at, f"the key of the tag {other}")
        case _:
            return Absent(at)
