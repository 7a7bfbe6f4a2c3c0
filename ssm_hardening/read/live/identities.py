"""Everybody in the account at once: roles, users, groups and the policies of its own, by one paged call.

Policies of AWS's that are attached are listed with the version in force; where that is the one that ships with the
tool, nothing more is asked, since a version never changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.logic import Answer, certainly, every, some, unanswered
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import purpose, trusted_services
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.iam.statements import managed_policy as shipped_policy
from ssm_hardening.iam.texts import matches, members
from ssm_hardening.model import Group, Ownership, Policy, Role, User
from ssm_hardening.read.converting import record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import entries, first_gap, items_of, known_texts, last_name, sent
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.iam import CALL, IamEntry, document_of, limits, policy_fact, united, version_in_force
from ssm_hardening.read.live.relations import owner_of

_NODE_SERVICES = ("ec2.amazonaws.com", "ssm.amazonaws.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class IamFacts:
    """Roles, users and groups. `policies` are all that anybody of them has, `owners` tells whose the roles are."""

    roles: Inventory[Role]
    users: Inventory[User]
    groups: Inventory[Group]
    policies: Inventory[Policy]
    owners: Inventory[Ownership]

    @classmethod
    def unread(cls, gap: Unknown) -> "IamFacts":
        """Return nobody, and why."""
        nobody: Inventory[Any] = Inventory((), gap)
        return cls(roles=nobody, users=nobody, groups=nobody, policies=nobody, owners=nobody)


def identities(
    aws: AwsApi, node_roles: Iterable[str], unread: Unknown | None = None, listed: "Everybody | None" = None
) -> IamFacts:
    """Return everybody; roles named in `node_roles` are left to who reads those of nodes.

    `unread` says why nodes may run with other roles than those; `listed` is what `everybody` returned, where that was
    asked before.
    """
    found = everybody(aws) if listed is None else listed
    left_out = frozenset(node_roles)
    roles = [each for each in found.roles if each.text("RoleName") not in left_out]
    people = (*roles, *found.users, *found.groups)
    managed = _Managed.of(aws, found, people)
    groups = {each.text("GroupName"): each.text("Arn") for each in found.groups}
    facts = [_role(each, managed, unread) for each in roles]
    owners = (owner_of(each.at.arn, each.text("RoleName"), each.tags) for each in roles)
    return IamFacts(
        roles=Inventory(tuple(sorted(facts, key=lambda each: each.address)), found.roles.gap),
        users=Inventory(tuple(_user(each, managed, groups) for each in found.users), found.users.gap),
        groups=Inventory(tuple(_group(each, managed, found.users) for each in found.groups), found.groups.gap),
        policies=_policies(people, managed, found),
        owners=Inventory(tuple(owners), found.roles.gap),
    )


@dataclass(frozen=True, slots=True)
class Everybody:
    """What iam:GetAccountAuthorizationDetails returned, entry by entry."""

    roles: Inventory[IamEntry]
    users: Inventory[IamEntry]
    groups: Inventory[IamEntry]
    policies: Inventory[IamEntry]

    @property
    def gap(self) -> Unknown | None:
        """Why there may be more of any kind."""
        return first_gap(self.roles.gap, self.users.gap, self.groups.gap, self.policies.gap)


_KINDS = ("Role", "User", "Group", "LocalManagedPolicy")
_LISTS = ("RoleDetailList", "UserDetailList", "GroupDetailList", "Policies")
_PAGE = 1000


def everybody(aws: AwsApi) -> Everybody:
    """Ask IAM for all kinds at once: most accounts fit on a page, and where the pages stop short any kind may lack."""
    at = CALL.at(aws.who.root)
    pages = aws.pages(CALL, at.arn, {"Filter": list(_KINDS), "PaginationConfig": {"PageSize": _PAGE}})
    listed = (Inventory(tuple(each for page in pages for each in page.get(key) or ()), pages.gap) for key in _LISTS)
    return Everybody(*(_sorted(entries(each, at)) for each in listed))


def _sorted(found: Inventory[Value[Datum]]) -> Inventory[IamEntry]:
    """Return the entries that have an ARN, in its order; one without is a gap."""
    arns = [(each, sent(each, "Arn")) for each in found]
    kept = sorted(((each, str(arn.value)) for each, arn in arns if isinstance(arn, Known)), key=lambda pair: pair[1])
    return Inventory(tuple(IamEntry(each) for each, _ in kept), first_gap(found.gap, *(arn for _, arn in arns)))


@dataclass(frozen=True, slots=True)
class _Managed:
    """What the managed policies say, by ARN. `gap` says why one may not be among them."""

    own: dict[str, Inventory[Statement]]
    others: dict[str, Inventory[Statement]]
    gap: Unknown | None

    @classmethod
    def of(cls, aws: AwsApi, found: Everybody, people: Sequence[IamEntry]) -> "_Managed":
        """Read what the entries have attached, and their boundaries."""
        own = {each.text("Arn"): each.statements() for each in found.policies}
        wanted = {arn for each in people for arn in (*each.attached, *known_texts([each.boundary]))}
        foreign = sorted(arn for arn in wanted if arn not in own and ":iam::aws:" in arn)
        return cls(own, _foreign(aws, foreign), found.policies.gap)

    def said(self, arn: str, at: ApiOrigin) -> Inventory[Statement]:
        """Return what the policy says; a gap that names it where it was not read."""
        found = self.own.get(arn, self.others.get(arn))
        if found is not None:
            return found
        lost = Unknown(Why.UNPARSEABLE, at, f"{CALL}: the policy {arn} is missing from the response")
        return Inventory((), lost if self.gap is None else self.gap)

    def said_of(self, entry: IamEntry, inline: str) -> Inventory[Statement]:
        """Return what all policies of somebody say; the inline ones stand under the key `inline`."""
        attached = entry.attached
        held = [self.said(arn, entry.at) for arn in attached]
        return united([*held, *(statements for _, statements in entry.inline(inline))], attached.gap)

    def limits_of(self, entry: IamEntry) -> Inventory[Statement]:
        """Return what somebody's boundary admits."""
        return limits(entry.boundary, lambda arn: self.said(arn, entry.at))


def _foreign(aws: AwsApi, arns: Sequence[str]) -> dict[str, Inventory[Statement]]:
    """Return what policies of AWS's say, each in the version that is in force in this account."""
    if not arns:
        return {}
    call = calls.LIST_POLICIES
    at = call.at(aws.who.root)
    listed = aws.all(call, "Policies", at.arn, {"Scope": "AWS", "OnlyAttached": True})
    versions = {IamEntry(each).text("Arn"): sent(each, "DefaultVersionId") for each in entries(listed, at)}
    read = aws.each(lambda arn: _in_force(aws, arn, versions.get(arn)), arns)
    return dict(zip(arns, read, strict=True))


def _in_force(aws: AwsApi, arn: str, version: Value[Text] | None) -> Inventory[Statement]:
    shipped = shipped_policy(arn)
    if version is None:  # a boundary is in nobody's list of attached policies
        version = version_in_force(aws, arn)
    if isinstance(version, Absent):
        return Inventory((), Unknown(Why.UNPARSEABLE, version.at, f"there is no policy {arn}"))
    if isinstance(version, Unknown):
        return Inventory((), version)
    if shipped is not None and shipped.version == version.value:
        return shipped.statements
    return statements_of(document_of(aws, arn, version.value), calls.GET_POLICY_VERSION.at(arn))


def _arns(entry: IamEntry) -> Value[Items]:
    attached = entry.attached
    return items_of(attached, attached.gap, entry.at)


def _role(entry: IamEntry, managed: _Managed, unread: Unknown | None) -> Role:
    at = entry.at
    trust = statements_of(sent(entry.data, "AssumeRolePolicyDocument", convert=record), at)
    statements = managed.said_of(entry, "RolePolicyList")
    services = trusted_services(trust, at)
    return Role(
        address=at.arn,
        declaration=at.arn,
        origin=at,
        name=sent(entry.data, "RoleName"),
        exists=Known(True, at),
        kind=_kind(services, statements, at, unread),
        trusted_services=services,
        trust=trust,
        managed_policies=_arns(entry),
        statements=statements,
        boundary=entry.boundary,
        instances=Known(Items(()), at),
        form=Known("role", at),
        boundary_statements=managed.limits_of(entry),
        tags=entry.tags,
        path=sent(entry.data, "Path"),
    )


def _kind(
    services: Value[Items], statements: Inventory[Statement], at: ApiOrigin, unread: Unknown | None
) -> Value[Text]:
    """Return what a role is for that no node which was read runs with; one that may run others stays open."""
    trusts = some((matches(item, name) for item in members(services) for name in _NODE_SERVICES), at)
    runs: Answer = Known(False, at) if unread is None else every((trusts, unanswered(unread)), at)
    return purpose(runs, Absent(at), statements, at)


def _user(entry: IamEntry, managed: _Managed, groups: dict[str, str]) -> User:
    at, named = entry.at, entry.names("GroupList")
    return User(
        address=at.arn,
        declaration=at.arn,
        origin=at,
        name=sent(entry.data, "UserName"),
        exists=Known(True, at),
        groups=items_of((groups.get(each, each) for each in named), named.gap, at),
        managed_policies=_arns(entry),
        statements=managed.said_of(entry, "UserPolicyList"),
        boundary=entry.boundary,
        boundary_statements=managed.limits_of(entry),
        tags=entry.tags,
    )


def _group(entry: IamEntry, managed: _Managed, users: Inventory[IamEntry]) -> Group:
    at, name = entry.at, entry.text("GroupName")
    inside = [each.text("Arn") for each in users if name in each.names("GroupList").items]
    return Group(
        address=at.arn,
        declaration=at.arn,
        origin=at,
        name=sent(entry.data, "GroupName"),
        exists=Known(True, at),
        managed_policies=_arns(entry),
        statements=managed.said_of(entry, "GroupPolicyList"),
        members=items_of(inside, users.gap, at),
    )


def _policies(people: Sequence[IamEntry], managed: _Managed, found: Everybody) -> Inventory[Policy]:
    """Return every policy that somebody has, with who has it, and those of the account's own that nobody has."""
    users: dict[str, list[str]] = {}
    facts: list[Policy] = []
    for each in people:
        for attached in each.attached:
            users.setdefault(attached, []).append(each.at.arn)
        who = items_of([each.at.arn], None, each.at)
        for key in ("RolePolicyList", "UserPolicyList", "GroupPolicyList"):
            named = [pair for pair in each.inline(key) if pair[0]]
            facts += [policy_fact(f"{each.at.arn}:{name}", name, "inline", said, who) for name, said in named]
    for each in found.policies:
        if certainly(each.attachments, lambda count: count == 0):
            users.setdefault(each.text("Arn"), [])
    for arn, named_by in users.items():
        kind, at = "aws" if ":iam::aws:" in arn else "customer", CALL.at(arn)
        facts.append(policy_fact(arn, last_name(arn), kind, managed.said(arn, at), items_of(named_by, None, at)))
    return Inventory(tuple(sorted(facts, key=lambda each: each.address)), found.gap)
