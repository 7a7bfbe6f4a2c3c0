"""IAM users and groups, and Identity Center permission sets, with everything that is attached to them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown, Value, Why
from ssm_hardening.iam.analysis import purpose
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Fact, Group, Role, User
from ssm_hardening.read.embedded import json_document
from ssm_hardening.read.facts.accounts import Placed
from ssm_hardening.read.facts.arguments import argument_text, computed, head_of, name_of, nested, tags_of
from ssm_hardening.read.facts.attachments import Attachments, attachments, attachments_by, means
from ssm_hardening.read.facts.gathering import gathered, joined, said, texts
from ssm_hardening.read.facts.managed_policies import ManagedPolicies
from ssm_hardening.read.facts.roles import SHARED_ATTACHMENT, listed, written_elsewhere
from ssm_hardening.read.graph import Config, Resource, Root

USER, GROUP = "aws_iam_user", "aws_iam_group"
_OF = {
    USER: ("aws_iam_user_policy", "aws_iam_user_policy_attachment", "aws_iam_user_policy_attachments_exclusive"),
    GROUP: ("aws_iam_group_policy", "aws_iam_group_policy_attachment", "aws_iam_group_policy_attachments_exclusive"),
}
_EXCLUSIVE_INLINE = {USER: "aws_iam_user_policies_exclusive", GROUP: "aws_iam_group_policies_exclusive"}
MEMBERSHIP, MEMBERS = "aws_iam_user_group_membership", "aws_iam_group_membership"
SET = "aws_ssoadmin_permission_set"
SET_INLINE, SET_MANAGED = "aws_ssoadmin_permission_set_inline_policy", "aws_ssoadmin_managed_policy_attachment"
SET_CUSTOMER = "aws_ssoadmin_customer_managed_policy_attachment"
SET_BOUNDARY = "aws_ssoadmin_permissions_boundary_attachment"

TYPES = (
    *(USER, *_OF[USER], _EXCLUSIVE_INLINE[USER], GROUP, *_OF[GROUP], _EXCLUSIVE_INLINE[GROUP], MEMBERSHIP, MEMBERS),
    *(SET, SET_INLINE, SET_MANAGED, SET_CUSTOMER, SET_BOUNDARY),
)


@dataclass(frozen=True, slots=True)
class _Held:
    """What stands around users, or around groups: inline policies and attachments in every form."""

    kind: str
    inline: Attachments
    single: Attachments
    shared: Attachments
    exclusive: Attachments
    exclusive_inline: Attachments
    managed: ManagedPolicies

    @classmethod
    def of(cls, root: Root, type_: str, managed: ManagedPolicies) -> "_Held":
        kind = type_.removeprefix("aws_iam_")
        inline, single, exclusive = _OF[type_]
        return cls(
            kind=kind,
            inline=attachments(root.resources(inline), kind),
            single=attachments(root.resources(single), kind),
            shared=attachments_by(root.resources(SHARED_ATTACHMENT), lambda each: listed(each, f"{kind}s")),
            exclusive=attachments(root.resources(exclusive), f"{kind}_name"),
            exclusive_inline=attachments(root.resources(_EXCLUSIVE_INLINE[type_]), f"{kind}_name"),
            managed=managed,
        )

    def policies(self, fact: Fact) -> Value[Items]:
        """Return the ARNs of the managed policies."""
        parts: list[Value[Any]] = []
        for found in (self.single.of(fact), self.shared.of(fact)):
            parts += said(found, lambda config: argument_text(config.get("policy_arn"), "policy_arn"))
        parts += said(self.exclusive.of(fact), lambda config: texts(config.get("policy_arns"), "policy_arns"))
        return gathered(parts, fact.origin)

    def statements(self, fact: Fact, policies: Value[Items]) -> Inventory[Statement]:
        """Return what all policies say together."""
        found = self.inline.of(fact)
        own = [_policy(each.resource.config, "policy") for each in found if each.doubt is None]
        names = {
            str(each.value) for each in (one.resource.config.get("name") for one in found) if isinstance(each, Known)
        }
        exclusive = self.exclusive_inline.of(fact)
        doubts = (each.doubt for each in (*found, *exclusive))
        gaps = (*doubts, found.gap, exclusive.gap, *written_elsewhere(exclusive, names))
        gap = next((each for each in gaps if each is not None), None)
        return joined((*own, self.managed.statements(policies)), gap=gap)


def users_of(root: Root, managed: ManagedPolicies) -> Inventory[tuple[Resource, User]]:
    """Return every user with its resource; groups that code does not declare are named as they are written."""
    resources, held = root.resources(USER), _Held.of(root, USER, managed)
    joining = attachments(root.resources(MEMBERSHIP), "user")
    listing = attachments_by(root.resources(MEMBERS), lambda each: listed(each, "users"))
    return Inventory(tuple((each, _user(each, root, held, joining, listing)) for each in resources), resources.gap)


def _user(resource: Resource, root: Root, held: _Held, joining: Attachments, listing: Attachments) -> User:
    fact = Fact(**head_of(resource, name_of(resource, "name")))
    policies = held.policies(fact)
    boundary = argument_text(resource.config.get("permissions_boundary"), "permissions_boundary")
    groups = [
        *said(joining.of(fact), lambda config: texts(config.get("groups"), "groups")),
        *said(listing.of(fact), lambda config: argument_text(config.get("group"), "group")),
    ]
    return User(
        **head_of(resource, fact.name),
        groups=gathered(groups, resource.at),
        managed_policies=policies,
        statements=held.statements(fact, policies),
        boundary=boundary,
        boundary_statements=held.managed.of_boundary(boundary),
        tags=tags_of(resource, root),
    )


def groups_of(root: Root, managed: ManagedPolicies) -> Inventory[tuple[Resource, Group]]:
    """Return every group with its resource, without members yet."""
    resources, held = root.resources(GROUP), _Held.of(root, GROUP, managed)
    return Inventory(tuple((each, _group(each, held)) for each in resources), resources.gap)


def _group(resource: Resource, held: _Held) -> Group:
    fact = Fact(**head_of(resource, name_of(resource, "name")))
    policies = held.policies(fact)
    return Group(
        **head_of(resource, fact.name),
        managed_policies=policies,
        statements=held.statements(fact, policies),
        members=Known(Items(()), resource.at),
    )


def permission_sets_of(root: Root, managed: ManagedPolicies) -> Inventory[tuple[Resource, Role]]:
    """Return every permission set as the role that it becomes."""
    resources = root.resources(SET)
    around = [
        attachments(root.resources(each), "permission_set_arn")
        for each in (SET_INLINE, SET_MANAGED, SET_CUSTOMER, SET_BOUNDARY)
    ]
    return Inventory(tuple((each, _set(each, root, around, managed)) for each in resources), resources.gap)


def _set(resource: Resource, root: Root, around: list[Attachments], managed: ManagedPolicies) -> Role:
    fact = Fact(**head_of(resource, name_of(resource, "name")))
    inline, attached, customer, limits = (each.of(fact) for each in around)
    arns = list(said(attached, lambda config: argument_text(config.get("managed_policy_arn"), "managed_policy_arn")))
    names = list(said(customer, lambda config: argument_text(_customer_name(config), "name")))
    policies = gathered((*arns, *names), resource.at)
    own = [_policy(each.resource.config, "inline_policy") for each in inline if each.doubt is None]
    doubt = next((each.doubt for each in inline if each.doubt is not None), inline.gap)
    statements = joined((*own, managed.statements(policies)), gap=doubt)
    boundary = _boundary(resource, list(said(limits, _boundary_arn)))
    return Role(
        **head_of(resource, fact.name),
        kind=purpose(Known(False, resource.at), Absent(resource.at), statements, resource.at),
        trusted_services=Known(Items(()), resource.at),
        trust=Inventory((), computed(resource, "assume_role_policy")),
        managed_policies=policies,
        statements=statements,
        boundary=boundary,
        instances=Known(Items(()), resource.at),
        form=Known("permission-set", resource.at),
        boundary_statements=managed.of_boundary(boundary),
        tags=tags_of(resource, root),
    )


def _customer_name(config: Config) -> Value[Any]:
    return nested(config, "customer_managed_policy_reference", "name")


def _boundary_arn(config: Config) -> Value[Any]:
    arn = nested(config, "permissions_boundary", "managed_policy_arn")
    if not isinstance(arn, Absent):
        return argument_text(arn, "managed_policy_arn")
    named = nested(config, "permissions_boundary", "customer_managed_policy_reference", "name")
    return argument_text(named, "name")


def _boundary(resource: Resource, found: Iterable[Value[Any]]) -> Value[Any]:
    limits = list(found)
    if len(limits) > 1:
        return Unknown(Why.UNSUPPORTED, limits[0].at, f"several boundaries of {resource.address}")
    return limits[0] if limits else Absent(resource.at)


def _policy(config: Config, name: str) -> Inventory[Statement]:
    written = config.get(name)
    return statements_of(json_document(written), written.at)


def memberships(users: Placed[User], groups: Placed[Group]) -> tuple[Placed[User], Placed[Group]]:
    """Return both, knowing of each other."""
    known = tuple(group for _, group in groups.items)
    joined = tuple((place, replace(user, groups=_addresses(user.groups, known))) for place, user in users.items)
    people = tuple(user for _, user in joined)
    listed = tuple((place, replace(group, members=_members(group, people, users.gap))) for place, group in groups.items)
    return Placed(joined, users.gap), Placed(listed, groups.gap)


def _addresses(named: Value[Items], groups: tuple[Group, ...]) -> Value[Items]:
    match named:
        case Known(Items(items, rest), at):
            return Known(Items(tuple(_address(each, groups) for each in items), rest), at)
        case Absent() | Unknown():
            return named


def _address(named: Value[Any], groups: tuple[Group, ...]) -> Value[Any]:
    if not isinstance(named, Known):
        return named
    found = next((each for each in groups if means(named, each) is True), None)
    return named if found is None else Known(found.address, named.at)


def _members(group: Group, users: tuple[User, ...], gap: Unknown | None) -> Value[Items]:
    found = tuple(Known(user.address, user.origin) for user in users if group.address in set(_names(user.groups)))
    open_ = next((each.groups for each in users if isinstance(each.groups, Unknown)), gap)
    return Known(Items(found, open_), group.origin)


def _names(value: Value[Items]) -> Iterator[str]:
    match value:
        case Known(Items(items)):
            yield from (str(each.value) for each in items if isinstance(each, Known))
        case Absent() | Unknown():
            return
