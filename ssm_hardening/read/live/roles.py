"""The roles that nodes run with, whom they trust, and every policy attached to them; everybody else beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value
from ssm_hardening.iam.analysis import trusted_services
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Activation, Instance, Ownership, Policy, Role, ServiceSetting
from ssm_hardening.read.converting import items, record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import answered, first_gap, given, last_name, listed, names_in, sent, tags_in
from ssm_hardening.read.live.asking import Answered, AwsApi, Missing
from ssm_hardening.read.live.identities import IamFacts, identities
from ssm_hardening.read.live.owners import owner_of


@dataclass(frozen=True, slots=True)
class Users:
    """The addresses of the nodes that run with each role; `gap` says why there may be more."""

    by_role: Mapping[str, Sequence[Known[Text]]]
    gap: Unknown | None


@dataclass(frozen=True, slots=True)
class ReadRole:
    """What was read of one role: IAM's entry (Absent where there is no such role), and its policies.

    `attached` holds the ARNs of managed policies.
    """

    name: str
    arn: str
    entry: Value[Any]
    attached: Inventory[str] = field(default_factory=Inventory)
    inline: Inventory[Policy] = field(default_factory=Inventory)

    @property
    def attached_at(self) -> ApiOrigin:
        """Where the list of attached policies was read."""
        return ApiOrigin(self.arn, str(calls.LIST_ATTACHED_ROLE_POLICIES))


def role_fact(read: ReadRole, managed: Mapping[str, Policy], users: Users) -> Role:
    """Return the role. `managed` holds every managed policy by its ARN."""
    at = ApiOrigin(read.arn, str(calls.GET_ROLE))
    trust = statements_of(sent(read.entry, "AssumeRolePolicyDocument", convert=record), at)
    gone = isinstance(read.entry, Absent)
    return Role(
        address=read.arn,
        declaration=read.arn,
        origin=at,
        name=Known(read.name, at),
        exists=read.entry if isinstance(read.entry, Unknown) else Known(not gone, at),
        kind=Known("node", at),
        trusted_services=trusted_services(trust, at),
        trust=trust,
        managed_policies=_texts(read.attached, read.attached_at),
        statements=_together([managed[arn] for arn in read.attached], read),
        boundary=_boundary(read),
        instances=_users_of(read.name, users, at),
        form=Known("role", at),
        boundary_statements=_limits(read, managed),
        tags=tags_in(given(read.entry, "Tags", convert=items), at),
    )


def _boundary(read: ReadRole) -> Value[Text]:
    return given(given(read.entry, "PermissionsBoundary", convert=record), "PermissionsBoundaryArn")


def boundary_arns(read: ReadRole) -> tuple[str, ...]:
    """Return the ARN of the permissions boundary, where there is one."""
    boundary = _boundary(read)
    return (str(boundary.value),) if isinstance(boundary, Known) else ()


def _limits(read: ReadRole, managed: Mapping[str, Policy]) -> Inventory[Statement]:
    match _boundary(read):
        case Known(arn):
            return managed[str(arn)].statements
        case Absent():
            return Inventory()
        case Unknown() as gap:
            return Inventory((), gap)


def _texts(texts: Inventory[str], at: ApiOrigin) -> Value[Items]:
    return Known(Items(tuple(Known(each, at) for each in texts), texts.gap), at)


def _users_of(role: str, users: Users, at: ApiOrigin) -> Value[Items]:
    return listed((*users.by_role.get(role, ()), *(() if users.gap is None else (users.gap,))), at=at)


def _together(managed: Sequence[Policy], read: ReadRole) -> Inventory[Statement]:
    """Return what all policies say, and why they may say more."""
    held = [each.statements for each in (*managed, *read.inline)]
    gap = first_gap(read.attached.gap, read.inline.gap, *(each.gap for each in held))
    return Inventory(tuple(statement for each in held for statement in each), gap)


def inline_policy(role: str, name: str, document: Value[Any]) -> Policy:
    """Return a policy that stands within a role (its ARN)."""
    at = ApiOrigin(role, str(calls.GET_ROLE_POLICY))
    # No path may hold a colon: the address of a policy is never that of a role.
    return _policy(f"{role}:{name}", name, "inline", document, at, Known(Items((Known(role, at),)), at))


def managed_policy(arn: str, document: Value[Any]) -> Policy:
    """Return a managed policy, attached to nothing yet."""
    at = ApiOrigin(arn, str(calls.GET_POLICY_VERSION))
    kind = "aws" if arn.split(":")[4] == "aws" else "customer"
    return _policy(arn, last_name(arn), kind, document, at, Known(Items(()), at))


def _policy(  # noqa: PLR0913, PLR0917 - the fields of the fact
    address: str, name: str, kind: str, document: Value[Any], at: ApiOrigin, roles: Value[Items]
) -> Policy:
    return Policy(
        address=address,
        declaration=address,
        origin=at,
        name=Known(name, at),
        exists=Known(True, at),
        kind=Known(kind, at),
        attached_to=roles,
        statements=statements_of(document, at),
    )


def attached_to(policy: Policy, roles: Iterable[ReadRole], gap: Unknown | None) -> Policy:
    """Return the policy with the roles that it is attached to, of those that were read; `gap`: there may be more."""
    users = [Known(each.arn, each.attached_at) for each in roles if policy.address in each.attached.items]
    hidden = first_gap(gap, *(each.attached.gap for each in roles))
    return replace(policy, attached_to=Known(Items(tuple(users), hidden), policy.origin))


def ownership_of(read: ReadRole) -> Ownership:
    """Return whose a role is."""
    at = ApiOrigin(read.arn, str(calls.GET_ROLE))
    return owner_of(read.arn, read.name, tags_in(given(read.entry, "Tags", convert=items), at))


_DEFAULT_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"
_MISSING = ("NoSuchEntity",)


def roles(
    aws: AwsApi,
    instances: Inventory[Instance],
    activations: Inventory[Activation],
    settings: Inventory[ServiceSetting],
) -> IamFacts:
    """Return the roles that instances, hybrid nodes, activations and Default Host Management name; everybody else too.

    Those of nodes are read one by one, so that an auditor who may not list everybody sees them at least.
    """
    users = _users(instances)
    others = [each.role for each in activations]
    others += [each.value for each in settings if each.address.endswith(_DEFAULT_MANAGEMENT)]
    names = {last_name(str(each.value)) for each in others if isinstance(each, Known)} | set(users.by_role)
    unread = [each for each in others if isinstance(each, Unknown)]
    gap = first_gap(users.gap, activations.gap, settings.gap, *unread)
    found = aws.each(lambda name: _read(aws, name), sorted(names))
    others_there = identities(aws, names, gap)
    arns = sorted({arn for each in found for arn in (*each.attached, *boundary_arns(each))})
    managed = dict(zip(arns, aws.each(lambda arn: _managed(aws, arn), arns), strict=True))
    carried = {arn for each in found for arn in each.attached}
    policies = [attached_to(policy, found, gap) for arn, policy in managed.items() if arn in carried]
    policies += [policy for each in found for policy in each.inline]
    facts = sorted((role_fact(each, managed, users) for each in found), key=lambda each: each.address)
    unlisted = first_gap(gap, *(part.gap for each in found for part in (each.attached, each.inline)))
    owners = [ownership_of(each) for each in found if not isinstance(each.entry, Absent)]
    together = (*facts, *others_there.roles)
    return IamFacts(
        roles=Inventory(tuple(sorted(together, key=_address)), first_gap(gap, others_there.roles.gap)),
        policies=_merged(policies, others_there.policies, unlisted),
        owners=Inventory((*owners, *others_there.owners), first_gap(gap, others_there.owners.gap)),
        users=others_there.users,
        groups=others_there.groups,
    )


def _address(fact: Role | Policy) -> str:
    return fact.address


def _merged(own: Sequence[Policy], others: Inventory[Policy], gap: Unknown | None) -> Inventory[Policy]:
    """Return the policies of nodes and of everybody else, each once, with all who have it."""
    by_address = {each.address: each for each in others}
    for each in own:
        other = by_address.get(each.address)
        by_address[each.address] = each if other is None else replace(each, attached_to=_both(each, other))
    return Inventory(tuple(sorted(by_address.values(), key=_address)), first_gap(gap, others.gap))


def _both(one: Policy, other: Policy) -> Value[Items]:
    match one.attached_to, other.attached_to:
        case Known(Items(first, rest)), Known(Items(second, more)):
            return Known(Items((*first, *second), first_gap(rest, more)), one.attached_to.at)
        case Unknown() as gap, _:
            return gap
        case _:
            return other.attached_to


def _users(instances: Inventory[Instance]) -> Users:
    by_role: dict[str, list[Known[Text]]] = {}
    gap = instances.gap
    for each in instances:
        match each.role:
            case Known(name, at):
                by_role.setdefault(str(name), []).append(Known(each.address, at))
            case Unknown() as unread:
                gap = first_gap(gap, unread)
            case Absent():
                pass
    return Users(by_role, gap)


def _read(aws: AwsApi, name: str) -> ReadRole:
    """Read one role. Where it cannot be read its ARN is taken to be the one without a path."""
    arn, by_name = aws.who.arn("iam", f"role/{name}", region=False), {"RoleName": name}
    answer = aws.ask(calls.GET_ROLE, arn, by_name, missing=_MISSING)
    if isinstance(answer, Missing):
        return ReadRole(name, arn, Absent(answer.at))
    told = sent(answered(answer), "Role", "Arn")
    if isinstance(answer, Answered) and isinstance(told, Known):
        arn = str(told.value)
        answer = replace(answer, at=ApiOrigin(arn, answer.at.call))
    call = calls.LIST_ATTACHED_ROLE_POLICIES
    attached = aws.all(call, "AttachedPolicies", arn, by_name, missing=_MISSING)
    inline = aws.all(calls.LIST_ROLE_POLICIES, "PolicyNames", arn, by_name, missing=_MISSING)
    names = sorted(str(each) for each in inline)
    return ReadRole(
        name,
        arn,
        sent(answered(answer), "Role", convert=record),
        attached=names_in(attached, "PolicyArn", ApiOrigin(arn, str(call))),
        inline=Inventory(aws.each(lambda policy: _inline(aws, name, arn, policy), names), inline.gap),
    )


def _inline(aws: AwsApi, name: str, arn: str, policy: str) -> Policy:
    parameters = {"RoleName": name, "PolicyName": policy}
    answer = answered(aws.ask(calls.GET_ROLE_POLICY, arn, parameters, missing=_MISSING))
    return inline_policy(arn, policy, sent(answer, "PolicyDocument", convert=record))


def _managed(aws: AwsApi, arn: str) -> Policy:
    """Read the version of a managed policy that is in force."""
    policy = answered(aws.ask(calls.GET_POLICY, arn, {"PolicyArn": arn}))
    return managed_policy(arn, _document(aws, arn, sent(policy, "Policy", "DefaultVersionId")))


def _document(aws: AwsApi, arn: str, version: Value[Text]) -> Value[object]:
    match version:
        case Known(number):
            parameters = {"PolicyArn": arn, "VersionId": str(number)}
            answer = answered(aws.ask(calls.GET_POLICY_VERSION, arn, parameters))
            return sent(answer, "PolicyVersion", "Document", convert=record)
        case Absent() | Unknown():
            return version
