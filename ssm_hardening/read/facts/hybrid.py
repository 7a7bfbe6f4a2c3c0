"""Hybrid nodes in code: an activation declares the role and the tags of every machine that registers with it."""

from ssm_hardening.core.values import Absent, Inventory, Known
from ssm_hardening.model import Instance
from ssm_hardening.read.converting import member
from ssm_hardening.read.facts.arguments import argument_text, at_launch, numbered_fact, read_each, tags_of, text_in
from ssm_hardening.read.facts.systems_manager import ACTIVATION
from ssm_hardening.read.graph import Resource, Root


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
