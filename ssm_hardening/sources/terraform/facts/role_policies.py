"""IAM policies as objects of their own: customer managed ones, and inline ones of roles."""

from typing import Any

from ssm_hardening.iam.parsing import statements_of
from ssm_hardening.model import Policy
from ssm_hardening.sources.terraform.facts import roles
from ssm_hardening.sources.terraform.facts.naming import head_of, name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text
from ssm_hardening.sources.terraform.facts.texts import json_document
from ssm_hardening.sources.terraform.resources import Config, Resource, Root
from ssm_hardening.values import Absent, Inventory, Items, Known, Value

TYPE = "aws_iam_policy"


def policies_of(root: Root) -> Inventory[tuple[Resource, Policy]]:
    """Return every customer managed policy with its resource, attached to nothing yet."""
    resources = root.resources(TYPE)
    return Inventory(tuple((each, _policy(each, "customer")) for each in resources), resources.gap)


def inline_policies_of(root: Root) -> Inventory[tuple[Resource, Policy]]:
    """Return every inline policy with its resource, attached to nothing yet: blocks of roles among them."""
    apart, owners = root.resources(roles.INLINE), root.resources(roles.TYPE)
    found = [(each, _policy(each, "inline")) for each in apart]
    gap = apart.gap
    for owner in owners:
        blocks = owner.config.blocks("inline_policy")
        found += [(owner, _block(owner, block)) for block in blocks if not isinstance(block.get("policy"), Absent)]
        gap = blocks.gap if gap is None else gap
    return Inventory(tuple(found), gap)


def owner_of(resource: Resource) -> Value[Any]:
    """Return the role that an inline policy of its own names."""
    return argument_text(resource.config.get("role"), "role")


def _policy(resource: Resource, kind: str) -> Policy:
    written = resource.config.get("policy")
    return Policy(
        **head_of(resource, name_of(resource, "name")),
        kind=Known(kind, resource.at),
        attached_to=Known(Items(()), resource.at),
        statements=statements_of(json_document(written), written.at),
    )


def _block(owner: Resource, block: Config) -> Policy:
    """Return a policy that stands within its role."""
    written = block.get("policy")
    name = argument_text(block.get("name"), "name")
    return Policy(
        address=f"{owner.address}.inline_policy[{_shown(name)}]",
        declaration=f"{owner.declaration}.inline_policy",
        origin=block.at,
        name=name,
        exists=owner.exists,
        kind=Known("inline", block.at),
        attached_to=Known(Items((Known(owner.address, block.at),)), block.at),
        statements=statements_of(json_document(written), written.at),
    )


def _shown(name: Value[Any]) -> str:
    return f'"{name.value}"' if isinstance(name, Known) else "*"
