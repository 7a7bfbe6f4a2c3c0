"""IAM roles, with everything that is attached to them, in whichever of its many forms."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from ssm_hardening.iam.parsing import statements_of
from ssm_hardening.iam.purpose import trusted_services
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Fact, Role
from ssm_hardening.sources.terraform.facts.attachments import Attachment, Attachments, attachments, attachments_by
from ssm_hardening.sources.terraform.facts.gathering import gathered, joined, said, texts
from ssm_hardening.sources.terraform.facts.managed_policies import ManagedPolicies
from ssm_hardening.sources.terraform.facts.naming import head_of, name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text
from ssm_hardening.sources.terraform.facts.tags import tags_of
from ssm_hardening.sources.terraform.facts.texts import json_document
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Absent, Inventory, Items, Known, Template, Unknown, Value, Why

TYPE = "aws_iam_role"
INLINE = "aws_iam_role_policy"
ATTACHMENT = "aws_iam_role_policy_attachment"
SHARED_ATTACHMENT = "aws_iam_policy_attachment"
EXCLUSIVE_INLINE = "aws_iam_role_policies_exclusive"
EXCLUSIVE = "aws_iam_role_policy_attachments_exclusive"


@dataclass(frozen=True, slots=True)
class _Around:
    """What is attached to roles."""

    inline: Attachments
    single: Attachments
    shared: Attachments
    exclusive: Attachments
    exclusive_inline: Attachments
    managed: ManagedPolicies
    root: Root


def roles_of(root: Root, managed: ManagedPolicies) -> Inventory[tuple[Resource, Role]]:
    """Return every role with its resource, run by no instance yet."""
    resources = root.resources(TYPE)
    around = _Around(
        inline=attachments(root.resources(INLINE), "role"),
        single=attachments(root.resources(ATTACHMENT), "role"),
        shared=attachments_by(root.resources(SHARED_ATTACHMENT), lambda each: listed(each, "roles")),
        exclusive=attachments(root.resources(EXCLUSIVE), "role_name"),
        exclusive_inline=attachments(root.resources(EXCLUSIVE_INLINE), "role_name"),
        managed=managed,
        root=root,
    )
    return Inventory(tuple((each, _role(each, around)) for each in resources), resources.gap)


def listed(resource: Resource, name: str) -> Iterable[Value[Any]]:
    """Return the members of a list argument, and why there may be more."""
    match texts(resource.config.get(name), name):
        case Known(Items(members, rest)):
            return (*members, *(() if rest is None else (rest,)))
        case Unknown() as gap:
            return (gap,)
        case Absent():
            return ()


def _role(resource: Resource, around: _Around) -> Role:
    head = head_of(resource, name_of(resource, "name"))
    written = resource.config.get("assume_role_policy")
    trust = statements_of(json_document(written), written.at)
    policies = _managed(resource, Fact(**head), around)
    boundary = argument_text(resource.config.get("permissions_boundary"), "permissions_boundary")
    return Role(
        **head,
        kind=Unknown(Why.COMPUTED, resource.at, f"what {resource.address} is for"),
        trusted_services=trusted_services(trust, resource.at),
        trust=trust,
        managed_policies=policies,
        statements=joined((_inline(resource, Fact(**head), around), around.managed.statements(policies))),
        boundary=boundary,
        instances=Known(Items(()), resource.at),
        form=Known("role", resource.at),
        boundary_statements=around.managed.of_boundary(boundary),
        tags=tags_of(resource, around.root),
        exclusive=_is_exclusive(resource, around.exclusive.of(Fact(**head))),
    )


def _is_exclusive(resource: Resource, found: Inventory[Attachment]) -> Value[bool]:
    """Say whether each apply detaches what the code does not list; an empty list detaches everything."""
    written = texts(resource.config.get("managed_policy_arns"), "managed_policy_arns")
    if isinstance(written, Known) or any(each.doubt is None for each in found):
        return Known(value=True, at=resource.at)
    doubts = (*(each.doubt for each in found), found.gap, written if isinstance(written, Unknown) else None)
    return next((each for each in doubts if each is not None), Known(value=False, at=resource.at))


def _managed(resource: Resource, fact: Fact, around: _Around) -> Value[Items]:
    """Return the ARNs of the managed policies, by the role itself and by three kinds of attachments."""
    name = "managed_policy_arns"
    parts = [texts(resource.config.get(name), name)]
    for found in (around.single.of(fact), around.shared.of(fact)):
        parts += said(found, lambda config: argument_text(config.get("policy_arn"), "policy_arn"))
    parts += said(around.exclusive.of(fact), lambda config: texts(config.get("policy_arns"), "policy_arns"))
    return gathered(parts, resource.at)


def _inline(resource: Resource, fact: Fact, around: _Around) -> Inventory[Statement]:
    """Return what the inline policies say: blocks of the role, and resources of their own."""
    blocks = resource.config.blocks("inline_policy")
    own = [_policy(block.get("policy")) for block in blocks]
    found = around.inline.of(fact)
    own += [_policy(each.resource.config.get("policy")) for each in found if each.doubt is None]
    doubts = [each.doubt for each in found if each.doubt is not None]
    configs = (*blocks, *(each.resource.config for each in found))
    names = {str(each.value) for each in (config.get("name") for config in configs) if isinstance(each, Known)}
    gaps = (blocks.gap, *doubts, found.gap, *written_elsewhere(around.exclusive_inline.of(fact), names))
    return joined(own, gap=next((gap for gap in gaps if gap is not None), None))


def written_elsewhere(found: Inventory[Attachment], declared: AbstractSet[str]) -> Iterator[Unknown]:
    """Yield why there may be inline policies that the code names without saying what they hold."""
    for each in found:
        for name in listed(each.resource, "policy_names"):
            match name:
                case Known(str() | Template() as text, at) if str(text) not in declared:
                    yield Unknown(Why.OUT_OF_SCOPE, at, f"the statements of the inline policy {text}")
                case Unknown():
                    yield name
                case Known() | Absent():
                    pass


def _policy(written: Value[Any]) -> Inventory[Statement]:
    return statements_of(json_document(written), written.at)
