"""What makes nodes in ways of its own: AWS Batch, EKS node groups, activations, and services that are not read."""

from dataclasses import replace
from typing import Final

from ssm_hardening.core.logic import certainly
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.model import GroupRule, Instance, SecurityGroup
from ssm_hardening.read.converting import member
from ssm_hardening.read.facts.arguments import (
    argument_text,
    at_launch,
    computed,
    numbered_fact,
    read_each,
    tags_of,
    text_in,
    texts_in,
)
from ssm_hardening.read.facts.attachments import gathered
from ssm_hardening.read.facts.launches import Launch
from ssm_hardening.read.facts.roles import profile_name
from ssm_hardening.read.facts.systems_manager import ACTIVATION
from ssm_hardening.read.graph import Config, Resource, Root

BATCH: Final = "aws_batch_compute_environment"

_MANAGED_INSTANCES = "aws_ecs_capacity_provider"
_NOT_READ = (
    "aws_cloud9_environment_ec2",
    "aws_elastic_beanstalk_environment",
    "aws_emr_cluster",
    "aws_emr_instance_fleet",
    "aws_emr_instance_group",
    "aws_imagebuilder_infrastructure_configuration",
    _MANAGED_INSTANCES,
)


def computing(resource: Resource) -> Inventory[Config]:
    """Return what an environment of AWS Batch launches instances with; nothing where it runs on Fargate."""
    blocks = resource.config.blocks("compute_resources")
    return Inventory(tuple(each for each in blocks if not _is_fargate(each)), blocks.gap)


def _is_fargate(block: Config) -> bool:
    return certainly(text_in(block, "type"), lambda kind: str(kind).startswith("FARGATE"))


def of_batch(launch: Launch) -> Launch:
    """Return the launch of an environment, which decides on the profile, the key pair, and the subnets."""
    block = next(iter(computing(launch.resource)), None)
    if block is None:
        return launch
    profile, key = text_in(block, "instance_role"), text_in(block, "ec2_key_pair")
    return replace(
        launch,
        subnets=texts_in(block, "subnets"),
        profile=None if isinstance(profile, Absent) else profile_name(profile),
        key_name=None if isinstance(key, Absent) else key,
    )


def unread_launchers(root: Root) -> Unknown | None:
    """Return that a service launches instances that are not read; None where the code declares no such service."""
    found = root.resources(*_NOT_READ)
    there = (each for each in found if not certainly(each.exists, lambda is_: not is_) and _launches(each))
    first = next(there, None)
    if first is None:
        return found.gap
    return Unknown(Why.UNSUPPORTED, first.at, f"which instances {first.address} launches is not read")


def _launches(resource: Resource) -> bool:
    """Say whether instances are the resource's own: a capacity provider of ECS may also name an Auto Scaling group."""
    if resource.type != _MANAGED_INSTANCES:
        return True
    blocks = resource.config.blocks("managed_instances_provider")
    return bool(blocks.items) or blocks.gap is not None


def registered_of(root: Root) -> Inventory[tuple[Resource, Instance]]:
    """Return what every activation registers, as one node; only the machine itself tells of its network."""
    return read_each(root.resources(ACTIVATION), lambda each: _registered(each, root))


def _registered(resource: Resource, root: Root) -> Instance:
    fact, none, tags = numbered_fact(resource), Absent(resource.at), tags_of(resource, root)
    return Instance(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        label=argument_text(member(tags, ("Name",)), "Name"),
        kind=Known("managed", resource.at),
        platform=at_launch(resource, "the platform"),
        state=none,
        profile=none,
        role=text_in(resource.config, "iam_role"),
        security_groups=none,
        subnet=none,
        public_ip=none,
        key_name=none,
        imds_tokens=none,
        imds_hop_limit=none,
        agent_version=at_launch(resource, "the agent version"),
        agent_latest=at_launch(resource, "the agent version"),
        ping=at_launch(resource, "the state of the agent"),
        connected=at_launch(resource, "the connection of the agent"),
        tags=tags,
        launcher=Known("hybrid-activation", resource.at),
    )


NODE_GROUP: Final = "aws_eks_node_group"

_ACCESS = "remote_access"
_SSH = 22
_WORLD = "0.0.0.0/0"


def of_node_group(launch: Launch) -> Launch:
    """Return the launch of a node group: EKS makes a profile of its role, and groups where no template names them."""
    resource, config = launch.resource, launch.resource.config
    untold = Unknown(Why.COMPUTED, resource.at, "the ID that EKS gives to its instance profile")
    own_key = text_in(config, _ACCESS, "ec2_ssh_key")
    groups: Value[Items] | None = None
    if not isinstance(own_key, Absent):
        made: Value[Text] = Known(_named(resource), own_key.at)
        groups = gathered((made, launch.untold("vpc_security_group_ids")), resource.at)
    return replace(
        launch,
        subnets=texts_in(config, "subnet_ids"),
        role=text_in(config, "node_role_arn"),
        profile=Known(Template(("eks-", untold)), resource.at),
        key_name=None if groups is None else own_key,
        groups=groups,
        tags=Known(Record({}, at_launch(resource, "the tags that EKS adds to those")), resource.at),
    )


def remote_access_of(root: Root) -> Inventory[tuple[Resource, SecurityGroup]]:
    """Return the groups that EKS makes where a node group has a key for SSH: without sources, the world is let in."""
    found = root.resources(NODE_GROUP)
    made = ((each, _group(each, block)) for each in found for block in each.config.blocks(_ACCESS) if _opens(block))
    return Inventory(tuple(made), found.gap)


def _opens(block: Config) -> bool:
    return not isinstance(text_in(block, "ec2_ssh_key"), Absent)


def _named(resource: Resource) -> Reference:
    return Reference(f"{resource.address} (remote access)", "id")


def _group(resource: Resource, block: Config) -> SecurityGroup:
    fact, reference = numbered_fact(resource), _named(resource)
    untold = Unknown(Why.COMPUTED, block.at, "the ID that EKS gives to its security group")
    return SecurityGroup(
        address=reference.address,
        declaration=fact.declaration,
        origin=block.at,
        name=Known(reference, block.at),
        exists=fact.exists,
        label=Known(Template(("eks-remoteAccess-", untold)), block.at),
        vpc=computed(resource, "vpc_id"),
        inbound=_inbound(block),
        outbound=Inventory((), at_launch(resource, "the outbound rules")),
        attached_to=Known(Items(()), block.at),
    )


def _inbound(block: Config) -> Inventory[GroupRule]:
    key, sources, at = text_in(block, "ec2_ssh_key"), texts_in(block, "source_security_group_ids"), block.at
    if isinstance(key, Unknown):
        return Inventory((), key)
    anybody = certainly(sources, lambda named: named == Items(()), absent=True)
    world = Known(_WORLD, at, defaulted=True)
    rule = GroupRule(
        at=at,
        protocol=Known("tcp", at),
        from_port=Known(_SSH, at),
        to_port=Known(_SSH, at),
        cidrs=Known(Items((world,) if anybody else ()), at),
        groups=gathered((sources,), at),
        prefix_lists=Known(Items(()), at),
    )
    return Inventory((rule,))
