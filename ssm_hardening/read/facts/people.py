"""IAM users and groups, and Identity Center permission sets, with everything that is attached to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssm_hardening.core.logic import contents, mapped
from ssm_hardening.core.logic import each as members_of
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import purpose
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Fact, Group, Role, User
from ssm_hardening.model.identity import is_only_named
from ssm_hardening.read.facts.accounts import PlacedFacts
from ssm_hardening.read.facts.arguments import (
    argument_text,
    computed,
    named_fact,
    nested,
    read_each,
    tags_of,
    text_in,
    texts_in,
)
from ssm_hardening.read.facts.attachments import (
    Attachments,
    attachments,
    attachments_by,
    certain,
    doubt_in,
    gathered,
    joined,
    policy,
    said,
)
from ssm_hardening.read.facts.index import means
from ssm_hardening.read.facts.roles import Attached, ManagedPolicies, Meant, naming, sorted_by, written_elsewhere
from ssm_hardening.read.graph import Config, Resource, Root

USER, GROUP = "aws_iam_user", "aws_iam_group"
MEMBERSHIP, MEMBERS = "aws_iam_user_group_membership", "aws_iam_group_membership"
SET = "aws_ssoadmin_permission_set"
SET_INLINE, SET_MANAGED = "aws_ssoadmin_permission_set_inline_policy", "aws_ssoadmin_managed_policy_attachment"
SET_CUSTOMER = "aws_ssoadmin_customer_managed_policy_attachment"
SET_BOUNDARY = "aws_ssoadmin_permissions_boundary_attachment"
SET_ATTACHING = (SET_INLINE, SET_MANAGED, SET_CUSTOMER, SET_BOUNDARY)


def users_of(root: Root, managed: ManagedPolicies) -> Inventory[tuple[Resource, User]]:
    """Return every user with its resource; groups that code does not declare are named as they are written."""
    attached = Attached.of(root, "user", managed)
    joining = attachments(root.resources(MEMBERSHIP), "user")
    listing = attachments_by(root.resources(MEMBERS), lambda each: members_of(texts_in(each.config, "users")))
    return read_each(root.resources(USER), lambda each: _user(each, root, attached, joining, listing))


def _user(resource: Resource, root: Root, attached: Attached, joining: Attachments, listing: Attachments) -> User:
    fact = named_fact(resource, "name")
    policies = attached.policies(fact)
    boundary = text_in(resource.config, "permissions_boundary")
    groups = [
        *said(joining.of(fact), lambda config: texts_in(config, "groups")),
        *said(listing.of(fact), lambda config: text_in(config, "group")),
    ]
    return User(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        groups=gathered(groups, resource.at),
        managed_policies=policies,
        statements=granted_by(attached, fact, policies),
        boundary=boundary,
        boundary_statements=attached.managed.of_boundary(boundary),
        tags=tags_of(resource, root),
    )


def granted_by(attached: Attached, fact: Fact, policies: Value[Items]) -> Inventory[Statement]:
    """Return what all policies that are resources of their own say together."""
    found = attached.inline.of(fact)
    own = map(policy, certain(found))
    names = {str(each.value) for each in (one.resource.config.get("name") for one in found) if isinstance(each, Known)}
    exclusive = attached.exclusive_inline.of(fact)
    doubts = (each.doubt for each in (*found, *exclusive))
    gaps = (*doubts, found.gap, exclusive.gap, *written_elsewhere(exclusive, names))
    gap = next((each for each in gaps if each is not None), None)
    return joined((*own, attached.managed.statements(policies)), gap=gap)


def groups_of(root: Root, managed: ManagedPolicies) -> Inventory[tuple[Resource, Group]]:
    """Return every group with its resource, without members yet."""
    attached = Attached.of(root, "group", managed)
    return read_each(root.resources(GROUP), lambda each: _group(each, attached))


def _group(resource: Resource, attached: Attached) -> Group:
    fact = named_fact(resource, "name")
    policies = attached.policies(fact)
    return Group(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        managed_policies=policies,
        statements=granted_by(attached, fact, policies),
        members=Known(Items(()), resource.at),
    )


NAMES_SET = naming("permission_set_arn")
"""What each resource that is about a permission set names it by."""


@dataclass(frozen=True, slots=True)
class SetAttached:
    """What is attached to permission sets, each kind by a resource of its own."""

    managed: ManagedPolicies
    inline: Attachments
    single: Attachments
    customer: Attachments
    limits: Attachments

    @classmethod
    def of(cls, root: Root, managed: ManagedPolicies, meant: Meant | None = None) -> "SetAttached":
        """Return it for those that code declares, or (`meant`) for those that it only names."""
        return cls(managed, *(sorted_by(root.resources(each), NAMES_SET, meant) for each in SET_ATTACHING))

    def policies(self, fact: Fact) -> Value[Items]:
        """Return the ARNs of AWS's policies, and the names of the account's own."""
        arns = said(self.single.of(fact), lambda config: text_in(config, "managed_policy_arn"))
        path = ("customer_managed_policy_reference", "name")
        names = said(self.customer.of(fact), lambda config: text_in(config, *path))
        return gathered((*arns, *names), fact.origin)

    def statements(self, fact: Fact, policies: Value[Items]) -> Inventory[Statement]:
        """Return what all policies say together; what was not read may limit it, as a boundary that it attaches."""
        inline = self.inline.of(fact)
        own = (policy(each, "inline_policy") for each in certain(inline))
        doubt, limits = doubt_in(inline), self.limits.of(fact).gap
        return joined((*own, self.managed.statements(policies)), gap=limits if doubt is None else doubt)

    def boundaries(self, fact: Fact) -> tuple[Value[Text], ...]:
        """Return the permissions boundaries that this code attaches, or may."""
        return tuple(said(Inventory(self.limits.of(fact).items), _boundary_arn))


def permission_sets_of(root: Root, managed: ManagedPolicies) -> Inventory[tuple[Resource, Role]]:
    """Return every permission set as the role that it becomes."""
    attached = SetAttached.of(root, managed)
    return read_each(root.resources(SET), lambda each: _set(each, root, attached))


def _set(resource: Resource, root: Root, attached: SetAttached) -> Role:
    fact = named_fact(resource, "name")
    policies = attached.policies(fact)
    statements = attached.statements(fact, policies)
    boundary = _boundary(resource, attached.boundaries(fact))
    return Role(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        kind=purpose(Known(False, resource.at), Absent(resource.at), statements, resource.at),
        trusted_services=Known(Items(()), resource.at),
        trust=Inventory((), computed(resource, "assume_role_policy")),
        managed_policies=policies,
        statements=statements,
        boundary=boundary,
        instances=Known(Items(()), resource.at),
        form=Known("permission-set", resource.at),
        boundary_statements=attached.managed.of_boundary(boundary),
        tags=tags_of(resource, root),
    )


def _boundary_arn(config: Config) -> Value[Text]:
    arn = nested(config, "permissions_boundary", "managed_policy_arn")
    if not isinstance(arn, Absent):
        return argument_text(arn, "managed_policy_arn")
    return text_in(config, "permissions_boundary", "customer_managed_policy_reference", "name")


def _boundary(resource: Resource, limits: Sequence[Value[Text]]) -> Value[Text]:
    if len(limits) > 1:
        return Unknown(Why.UNSUPPORTED, limits[0].at, f"more than one permissions boundary of {resource.address}")
    return limits[0] if limits else Absent(resource.at)


def memberships(users: PlacedFacts[User], groups: PlacedFacts[Group]) -> tuple[PlacedFacts[User], PlacedFacts[Group]]:
    """Return both, knowing of each other."""
    known = tuple(group for _, group in groups.items)
    joined = tuple((place, replace(user, groups=_addresses(user.groups, known))) for place, user in users.items)
    people = tuple(user for _, user in joined)
    listed = tuple((place, replace(group, members=_members(group, people, users.gap))) for place, group in groups.items)
    return PlacedFacts(joined, users.gap), PlacedFacts(listed, groups.gap)


def _addresses(named: Value[Items], groups: tuple[Group, ...]) -> Value[Items]:
    return mapped(named, lambda listed: replace(listed, items=tuple(_address(each, groups) for each in listed.items)))


def _address(named: Value[Text], groups: tuple[Group, ...]) -> Value[Text]:
    if not isinstance(named, Known):
        return named
    found = next((each for each in groups if means(named, each) is True), None)
    return named if found is None else Known(found.address, named.at)


def _members(group: Group, users: tuple[User, ...], gap: Unknown | None) -> Value[Items]:
    found = tuple(Known(user.address, user.origin) for user in users if group.address in _names(user.groups))
    # Whom the code only names, as whom it does not name, may be a member elsewhere.
    declared = (each.groups for each in users if not is_only_named(each))
    open_ = next((groups for groups in declared if isinstance(groups, Unknown)), gap)
    return Known(Items(found, open_), group.origin)


def _names(groups: Value[Items]) -> set[str]:
    return set(map(str, contents(groups)))
