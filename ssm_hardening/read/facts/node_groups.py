"""EKS node groups: what EKS decides for their nodes, and the security group that it makes for remote access."""

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
from ssm_hardening.model import GroupRule, SecurityGroup
from ssm_hardening.read.facts.arguments import at_launch, computed, numbered_fact, text_in, texts_in
from ssm_hardening.read.facts.attachments import gathered
from ssm_hardening.read.facts.launches import Launch
from ssm_hardening.read.graph import Config, Resource, Root

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
