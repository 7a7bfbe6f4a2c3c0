"""The roles that nodes run with, whom they trust, and every policy attached to them; everybody else beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssm_hardening.model import Activation, Group, Instance, Ownership, Policy, Role, ServiceSetting, User
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Answered, Caller, Missing
from ssm_hardening.sources.aws.data import answered, first_gap, names_in, sent
from ssm_hardening.sources.aws.entry import last_name
from ssm_hardening.sources.aws.identities import identities
from ssm_hardening.sources.aws.role_facts import (
    ReadRole,
    Users,
    attached_to,
    boundary_arns,
    inline_policy,
    managed_policy,
    ownership_of,
    role_fact,
)
from ssm_hardening.sources.converting import record
from ssm_hardening.values import Absent, Inventory, Items, Known, Text, Unknown, Value

_DEFAULT_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"
_MISSING = ("NoSuchEntity",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """All roles, users and groups, the policies attached to them, and whose the roles are.

    Those of nodes are read one by one, so that an auditor who may not list everybody sees them at least.
    """

    roles: Inventory[Role]
    policies: Inventory[Policy]
    owners: Inventory[Ownership]
    users: Inventory[User]
    groups: Inventory[Group]


def roles(
    caller: Caller,
    instances: Inventory[Instance],
    activations: Inventory[Activation],
    settings: Inventory[ServiceSetting],
) -> Roles:
    """Return the roles that instances, hybrid nodes, activations and Default Host Management name."""
    users = _users(instances)
    others = [each.role for each in activations]
    others += [each.value for each in settings if each.address.endswith(_DEFAULT_MANAGEMENT)]
    names = {last_name(str(each.value)) for each in others if isinstance(each, Known)} | set(users.by_role)
    unread = [each for each in others if isinstance(each, Unknown)]
    gap = first_gap(users.gap, activations.gap, settings.gap, *unread)
    found = caller.each(lambda name: _read(caller, name), sorted(names))
    others_there = identities(caller, names, gap)
    arns = sorted({arn for each in found for arn in (*each.attached, *boundary_arns(each))})
    managed = dict(zip(arns, caller.each(lambda arn: _managed(caller, arn), arns), strict=True))
    carried = {arn for each in found for arn in each.attached}
    policies = [attached_to(policy, found, gap) for arn, policy in managed.items() if arn in carried]
    policies += [policy for each in found for policy in each.inline]
    facts = sorted((role_fact(each, managed, users) for each in found), key=lambda each: each.address)
    unlisted = first_gap(gap, *(part.gap for each in found for part in (each.attached, each.inline)))
    owners = [ownership_of(each) for each in found if not isinstance(each.entry, Absent)]
    together = (*facts, *others_there.roles)
    return Roles(
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


def _read(caller: Caller, name: str) -> ReadRole:
    """Read one role. Where it cannot be read its ARN is taken to be the one without a path."""
    arn, by_name = caller.who.arn("iam", f"role/{name}", region=False), {"RoleName": name}
    answer = caller.ask(calls.GET_ROLE, arn, by_name, missing=_MISSING)
    if isinstance(answer, Missing):
        return ReadRole(name, arn, Absent(answer.at))
    told = sent(answered(answer), "Role", "Arn")
    if isinstance(answer, Answered) and isinstance(told, Known):
        arn = str(told.value)
        answer = replace(answer, at=ApiOrigin(arn, answer.at.call))
    call = calls.LIST_ATTACHED_ROLE_POLICIES
    attached = caller.all(call, "AttachedPolicies", arn, by_name, missing=_MISSING)
    inline = caller.all(calls.LIST_ROLE_POLICIES, "PolicyNames", arn, by_name, missing=_MISSING)
    names = sorted(str(each) for each in inline)
    return ReadRole(
        name,
        arn,
        sent(answered(answer), "Role", convert=record),
        attached=names_in(attached, "PolicyArn", ApiOrigin(arn, str(call))),
        inline=Inventory(caller.each(lambda policy: _inline(caller, name, arn, policy), names), inline.gap),
    )


def _inline(caller: Caller, name: str, arn: str, policy: str) -> Policy:
    parameters = {"RoleName": name, "PolicyName": policy}
    answer = answered(caller.ask(calls.GET_ROLE_POLICY, arn, parameters, missing=_MISSING))
    return inline_policy(arn, policy, sent(answer, "PolicyDocument", convert=record))


def _managed(caller: Caller, arn: str) -> Policy:
    """Read the version of a managed policy that is in force."""
    policy = answered(caller.ask(calls.GET_POLICY, arn, {"PolicyArn": arn}))
    return managed_policy(arn, _document(caller, arn, sent(policy, "Policy", "DefaultVersionId")))


def _document(caller: Caller, arn: str, version: Value[Text]) -> Value[object]:
    match version:
        case Known(number):
            parameters = {"PolicyArn": arn, "VersionId": str(number)}
            answer = answered(caller.ask(calls.GET_POLICY_VERSION, arn, parameters))
            return sent(answer, "PolicyVersion", "Document", convert=record)
        case Absent() | Unknown():
            return version
