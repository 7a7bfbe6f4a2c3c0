"""Everybody in the account at once: roles, users, groups and the policies of its own, by one paged call for each kind.

Policies of AWS's that are attached are listed with the version in force; where that is the one that ships with the
tool, nothing more is asked, since a version never changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.logic import Answer, every, some, unanswered
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import purpose, trusted_services
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.iam.statements import managed_policy as shipped_policy
from ssm_hardening.iam.texts import matches, members
from ssm_hardening.model import Group, Ownership, Policy, Role, User
from ssm_hardening.read.converting import record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import answered, entries, first_gap, last_name, sent
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.identity_entries import (
    CALL,
    at_of,
    attached_to_entry,
    boundary_of,
    document_in,
    inline_in,
    names_in_entry,
    tags_of,
    text_of,
)
from ssm_hardening.read.live.owners import owner_of

_NODE_SERVICES = ("ec2.amazonaws.com", "ssm.amazonaws.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class IamFacts:
    """Roles, users and groups. `policies` are all that anybody of them has, `owners` tells whose the roles are."""

    roles: Inventory[Role]
    users: Inventory[User]
    groups: Inventory[Group]
    policies: Inventory[Policy]
    owners: Inventory[Ownership]


def identities(aws: AwsApi, node_roles: Iterable[str], unread: Unknown | None = None) -> IamFacts:
    """Return everybody; roles named in `node_roles` are left to who reads those of nodes.

    `unread` says why nodes may run with other roles than those.
    """
    found = _read(aws)
    left_out = frozenset(node_roles)
    roles = [each for each in found.roles if _name(each) not in left_out]
    managed = _Managed.of(aws, found, (*roles, *found.users, *found.groups))
    groups = {text_of(each, "GroupName"): text_of(each, "Arn") for each in found.groups}
    facts = [_role(each, managed, unread) for each in roles]
    return IamFacts(
        roles=Inventory(tuple(sorted(facts, key=lambda each: each.address)), found.roles.gap),
        users=Inventory(tuple(_user(each, managed, groups) for each in found.users), found.users.gap),
        groups=Inventory(tuple(_group(each, managed, found.users) for each in found.groups), found.groups.gap),
        policies=_policies((*roles, *found.users, *found.groups), managed, found),
        owners=Inventory(tuple(_owner(each) for each in roles), found.roles.gap),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """What the call returned, entry by entry."""

    roles: Inventory[Value[Any]]
    users: Inventory[Value[Any]]
    groups: Inventory[Value[Any]]
    policies: Inventory[Value[Any]]

    @property
    def gap(self) -> Unknown | None:
        """Why there may be more of any kind."""
        return first_gap(self.roles.gap, self.users.gap, self.groups.gap, self.policies.gap)


def _read(aws: AwsApi) -> _Read:
    kinds = (("Role", "RoleDetailList"), ("User", "UserDetailList"), ("Group", "GroupDetailList"))
    asked = (*kinds, ("LocalManagedPolicy", "Policies"))
    at = ApiOrigin(aws.who.root, str(CALL))
    pages = aws.each(lambda each: aws.all(CALL, each[1], at.arn, {"Filter": [each[0]]}), asked)
    return _Read(*(_sorted(entries(each, at)) for each in pages))


def _sorted(found: Inventory[Value[Any]]) -> Inventory[Value[Any]]:
    """Return the entries that have an ARN, in its order; one without is a gap."""
    arns = [(each, sent(each, "Arn")) for each in found]
    kept = sorted(((each, str(arn.value)) for each, arn in arns if isinstance(arn, Known)), key=lambda pair: pair[1])
    gaps = [arn for _, arn in arns if isinstance(arn, Unknown)]
    return Inventory(tuple(each for each, _ in kept), first_gap(found.gap, *gaps))


def _name(entry: Value[Any]) -> str:
    return text_of(entry, "RoleName")


def _named_boundary(entry: Value[Any]) -> Iterable[str]:
    boundary = boundary_of(entry)
    return (str(boundary.value),) if isinstance(boundary, Known) else ()


@dataclass(frozen=True, slots=True)
class _Managed:
    """What the managed policies say, by ARN. `gap` says why one may not be among them."""

    own: dict[str, Inventory[Statement]]
    others: dict[str, Inventory[Statement]]
    gap: Unknown | None

    @classmethod
    def of(cls, aws: AwsApi, found: _Read, holders: Sequence[Value[Any]]) -> "_Managed":
        """Read what the entries have attached."""
        own = {text_of(each, "Arn"): document_in(each) for each in found.policies}
        wanted = {arn for each in holders for arn in (*attached_to_entry(each).items, *_named_boundary(each))}
        foreign = sorted(arn for arn in wanted if arn not in own and ":iam::aws:" in arn)
        return cls(own, _foreign(aws, foreign), found.policies.gap)

    def statements(self, arn: str, at: ApiOrigin) -> Inventory[Statement]:
        """Return what the policy says; a gap that names it where it was not read."""
        found = self.own.get(arn, self.others.get(arn))
        if found is not None:
            return found
        if self.gap is not None:
            return Inventory((), self.gap)
        return Inventory(
            (), Unknown(Why.UNPARSEABLE, at, f"{CALL}: the policy {arn} is not among those of the account")
        )


def _foreign(aws: AwsApi, arns: Sequence[str]) -> dict[str, Inventory[Statement]]:
    """Return what policies of AWS's say, each in the version that is in force in this account."""
    if not arns:
        return {}
    call = calls.LIST_POLICIES
    at = ApiOrigin(aws.who.root, str(call))
    listed = aws.all(call, "Policies", at.arn, {"Scope": "AWS", "OnlyAttached": True})
    versions = {text_of(each, "Arn"): sent(each, "DefaultVersionId") for each in entries(listed, at)}
    read = aws.each(lambda arn: _in_force(aws, arn, versions.get(arn)), arns)
    return dict(zip(arns, read, strict=True))


def _in_force(aws: AwsApi, arn: str, version: Value[Text] | None) -> Inventory[Statement]:
    shipped = shipped_policy(arn)
    if version is None:
        # A boundary is in nobody's list of attached policies.
        version = sent(answered(aws.ask(calls.GET_POLICY, arn, {"PolicyArn": arn})), "Policy", "DefaultVersionId")
    match version:
        case Known(number):
            if shipped is not None and shipped.version == number:
                return shipped.statements
            asked = {"PolicyArn": arn, "VersionId": str(number)}
            answer = answered(aws.ask(calls.GET_POLICY_VERSION, arn, asked))
            document = sent(answer, "PolicyVersion", "Document", convert=record)
            return statements_of(document, ApiOrigin(arn, str(calls.GET_POLICY_VERSION)))
        case Absent(at):
            return Inventory((), Unknown(Why.UNPARSEABLE, at, f"there is no policy {arn}"))
        case Unknown() as gap:
            return Inventory((), gap)


def _together(entry: Value[Any], inline: str, managed: _Managed) -> Inventory[Statement]:
    attached = attached_to_entry(entry)
    held = [managed.statements(arn, at_of(entry)) for arn in attached]
    held += [statements for _, statements in inline_in(entry, inline)]
    gap = first_gap(attached.gap, *(each.gap for each in held))
    return Inventory(tuple(statement for each in held for statement in each), gap)


def _arns(entry: Value[Any]) -> Value[Items]:
    attached, at = attached_to_entry(entry), at_of(entry)
    return Known(Items(tuple(Known(each, at) for each in attached), attached.gap), at)


def _limits(entry: Value[Any], managed: _Managed) -> Inventory[Statement]:
    match boundary_of(entry):
        case Known(arn):
            return managed.statements(str(arn), at_of(entry))
        case Absent():
            return Inventory()
        case Unknown() as gap:
            return Inventory((), gap)


def _role(entry: Value[Any], managed: _Managed, unread: Unknown | None) -> Role:
    at = at_of(entry)
    trust = statements_of(sent(entry, "AssumeRolePolicyDocument", convert=record), at)
    statements = _together(entry, "RolePolicyList", managed)
    services = trusted_services(trust, at)
    return Role(
        address=at.arn,
        declaration=at.arn,
        origin=at,
        name=sent(entry, "RoleName"),
        exists=Known(True, at),
        kind=_kind(services, statements, at, unread),
        trusted_services=services,
        trust=trust,
        managed_policies=_arns(entry),
        statements=statements,
        boundary=boundary_of(entry),
        instances=Known(Items(()), at),
        form=Known("role", at),
        boundary_statements=_limits(entry, managed),
        tags=tags_of(entry),
    )


def _kind(
    services: Value[Items], statements: Inventory[Statement], at: ApiOrigin, unread: Unknown | None
) -> Value[Text]:
    """Return what a role is for that no node which was read runs with; one that may run others stays open."""
    trusts = some((matches(item, name) for item in members(services) for name in _NODE_SERVICES), at)
    runs: Answer = Known(False, at) if unread is None else every((trusts, unanswered(unread)), at)
    return purpose(runs, Absent(at), statements, at)


def _user(entry: Value[Any], managed: _Managed, groups: dict[str, str]) -> User:
    at = at_of(entry)
    return User(
        address=at.arn,
        declaration=at.arn,
        origin=at,
        name=sent(entry, "UserName"),
        exists=Known(True, at),
        groups=_groups_of(entry, groups),
        managed_policies=_arns(entry),
        statements=_together(entry, "UserPolicyList", managed),
        boundary=boundary_of(entry),
        boundary_statements=_limits(entry, managed),
        tags=tags_of(entry),
    )


def _groups_of(entry: Value[Any], groups: dict[str, str]) -> Value[Items]:
    found, at = names_in_entry(entry, "GroupList"), at_of(entry)
    return Known(Items(tuple(Known(groups.get(each, each), at) for each in found), found.gap), at)


def _group(entry: Value[Any], managed: _Managed, users: Inventory[Value[Any]]) -> Group:
    at = at_of(entry)
    name = text_of(entry, "GroupName")
    members = [text_of(each, "Arn") for each in users if name in names_in_entry(each, "GroupList").items]
    return Group(
        address=at.arn,
        declaration=at.arn,
        origin=at,
        name=sent(entry, "GroupName"),
        exists=Known(True, at),
        managed_policies=_arns(entry),
        statements=_together(entry, "GroupPolicyList", managed),
        members=Known(Items(tuple(Known(each, at) for each in members), users.gap), at),
    )


def _owner(entry: Value[Any]) -> Ownership:
    at = at_of(entry)
    return owner_of(at.arn, _name(entry), tags_of(entry))


def _policies(holders: Sequence[Value[Any]], managed: _Managed, found: _Read) -> Inventory[Policy]:
    """Return every policy that somebody has, with who has it."""
    users: dict[str, list[str]] = {}
    facts: list[Policy] = []
    for each in holders:
        arn = text_of(each, "Arn")
        for attached in attached_to_entry(each):
            users.setdefault(attached, []).append(arn)
        for key in ("RolePolicyList", "UserPolicyList", "GroupPolicyList"):
            named = [pair for pair in inline_in(each, key) if pair[0]]
            facts += [_policy(f"{arn}:{name}", name, "inline", said, [arn], at_of(each)) for name, said in named]
    for arn, named_by in users.items():
        kind = "aws" if ":iam::aws:" in arn else "customer"
        at = ApiOrigin(arn, str(CALL))
        facts.append(_policy(arn, last_name(arn), kind, managed.statements(arn, at), named_by, at))
    return Inventory(tuple(sorted(facts, key=lambda each: each.address)), found.gap)


def _policy(  # noqa: PLR0913, PLR0917 - the fields of the fact
    address: str, name: str, kind: str, statements: Inventory[Statement], holders: Sequence[str], at: ApiOrigin
) -> Policy:
    return Policy(
        address=address,
        declaration=address,
        origin=at,
        name=Known(name, at),
        exists=Known(True, at),
        kind=Known(kind, at),
        attached_to=Known(Items(tuple(Known(each, at) for each in holders)), at),
        statements=statements,
    )
