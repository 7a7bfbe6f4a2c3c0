"""IAM roles with everything that is attached to them, policies as objects of their own, and instance profiles."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Unknown, Value, Why
from ssm_hardening.iam.analysis import trusted_services
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Fact, Policy, Role
from ssm_hardening.read.embedded import json_document
from ssm_hardening.read.facts.arguments import argument_text, head_of, mapped, name_of, tags_of
from ssm_hardening.read.facts.attachments import Attachment, Attachments, attachments, attachments_by
from ssm_hardening.read.facts.gathering import gathered, joined, said, texts
from ssm_hardening.read.facts.managed_policies import ManagedPolicies
from ssm_hardening.read.graph import Config, Resource, Root

ROLE = "aws_iam_role"
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
    resources = root.resources(ROLE)
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


POLICY = "aws_iam_policy"


def policies_of(root: Root) -> Inventory[tuple[Resource, Policy]]:
    """Return every customer managed policy with its resource, attached to nothing yet."""
    resources = root.resources(POLICY)
    return Inventory(tuple((each, _policy_object(each, "customer")) for each in resources), resources.gap)


def inline_policies_of(root: Root) -> Inventory[tuple[Resource, Policy]]:
    """Return every inline policy with its resource, attached to nothing yet: blocks of roles among them."""
    apart, owners = root.resources(INLINE), root.resources(ROLE)
    found = [(each, _policy_object(each, "inline")) for each in apart]
    gap = apart.gap
    for owner in owners:
        blocks = owner.config.blocks("inline_policy")
        found += [(owner, _block(owner, block)) for block in blocks if not isinstance(block.get("policy"), Absent)]
        gap = blocks.gap if gap is None else gap
    return Inventory(tuple(found), gap)


def owner_of(resource: Resource) -> Value[Any]:
    """Return the role that an inline policy of its own names."""
    return argument_text(resource.config.get("role"), "role")


def _policy_object(resource: Resource, kind: str) -> Policy:
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


PROFILE = "aws_iam_instance_profile"

_ARN = ":instance-profile/"


@dataclass(frozen=True, slots=True)
class Profiles:
    """The roles of instance profiles, by the profiles' addresses and literal names."""

    roles: Mapping[str, Value[Any]]

    def role_of(self, profile: Value[Any]) -> Value[Any]:
        """Return the role that a profile stands for; Absent where none is named, or the profile has none."""
        return mapped(profile, self._role_of)

    def _role_of(self, named: Known[Any]) -> Value[Any]:
        match named.value:
            case Reference(address=key) | str(key) if key in self.roles:
                return self.roles[key]
            case other:
                return Unknown(Why.COMPUTED, named.at, f"the role of the instance profile {other}")


def profiles_of(root: Root) -> Profiles:
    """Return the instance profiles that a root declares."""
    roles: dict[str, Value[Any]] = {}
    for each in root.resources(PROFILE):
        role = argument_text(each.config.get("role"), "role")
        roles[each.address] = role
        match name_of(each, "name"):
            case Known(str() as name):
                roles[name] = role
            case _:
                pass
    return Profiles(roles)


def profile_name(profile: Value[Any]) -> Value[Any]:
    """Return the name of a profile that may be given as an ARN, as launch templates do."""

    def name(known: Known[Any]) -> Value[Any]:
        match known.value:
            case str() as text if _ARN in text:
                return Known(text.rpartition("/")[2], known.at)
            case _:
                return known

    return mapped(profile, name)
