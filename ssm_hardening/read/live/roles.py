"""The roles that nodes run with, whom they trust, and every policy attached to them; everybody else beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ssm_hardening.core.logic import ask, chained
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Unknown, Value
from ssm_hardening.iam.analysis import trusted_services
from ssm_hardening.iam.statements import statements_of
from ssm_hardening.model import Activation, Instance, Policy, Role, ServiceSetting
from ssm_hardening.model.default_management import MANAGEMENT_ROLE
from ssm_hardening.read.converting import items, record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import (
    answered,
    first_gap,
    given,
    items_of,
    known_texts,
    last_name,
    listed,
    names_in,
    sent,
    tags_in,
)
from ssm_hardening.read.live.asking import Answered, AwsApi, Missing
from ssm_hardening.read.live.iam import boundary_in, document_of, limits, policy_fact, united, version_in_force
from ssm_hardening.read.live.identities import Everybody, IamFacts, identities
from ssm_hardening.read.live.relations import owner_of


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
    entry: Value[Record]
    attached: Inventory[str] = field(default_factory=Inventory)
    inline: Inventory[Policy] = field(default_factory=Inventory)

    @property
    def tags(self) -> Value[Record]:
        """The tags as one record."""
        return tags_in(given(self.entry, "Tags", convert=items), calls.GET_ROLE.at(self.arn))

    @property
    def attached_at(self) -> ApiOrigin:
        """Where the list of attached policies was read."""
        return calls.LIST_ATTACHED_ROLE_POLICIES.at(self.arn)


def role_fact(read: ReadRole, managed: Mapping[str, Policy], users: Users) -> Role:
    """Return the role. `managed` holds every managed policy by its ARN."""
    at = calls.GET_ROLE.at(read.arn)
    trust = statements_of(sent(read.entry, "AssumeRolePolicyDocument", convert=record), at)
    held = (*(managed[arn] for arn in read.attached), *read.inline)
    return Role(
        address=read.arn,
        declaration=read.arn,
        origin=at,
        name=Known(read.name, at),
        exists=ask(read.entry, lambda _: True, absent=False),
        kind=Known("node", at),
        trusted_services=trusted_services(trust, at),
        trust=trust,
        managed_policies=items_of(read.attached, read.attached.gap, read.attached_at),
        statements=united((each.statements for each in held), read.attached.gap, read.inline.gap),
        boundary=boundary_in(read.entry),
        instances=listed(users.by_role.get(read.name, ()), users.gap, at=at),
        form=Known("role", at),
        boundary_statements=limits(boundary_in(read.entry), lambda arn: managed[arn].statements),
        tags=read.tags,
        path=sent(read.entry, "Path"),
    )


def inline_policy(role: str, name: str, document: Value[Record]) -> Policy:
    """Return a policy that stands within a role (its ARN)."""
    at = calls.GET_ROLE_POLICY.at(role)
    # No path may hold a colon: the address of a policy is never that of a role.
    return policy_fact(f"{role}:{name}", name, "inline", statements_of(document, at), items_of([role], None, at))


def managed_policy(arn: str, document: Value[Record]) -> Policy:
    """Return a managed policy, attached to nothing yet."""
    at = calls.GET_POLICY_VERSION.at(arn)
    kind = "aws" if arn.split(":")[4] == "aws" else "customer"
    return policy_fact(arn, last_name(arn), kind, statements_of(document, at), items_of((), None, at))


def attached_to(policy: Policy, roles: Iterable[ReadRole], gap: Unknown | None) -> Policy:
    """Return the policy with the roles that it is attached to, of those that were read; `gap`: there may be more."""
    users = [Known(each.arn, each.attached_at) for each in roles if policy.address in each.attached.items]
    hidden = first_gap(gap, *(each.attached.gap for each in roles))
    return replace(policy, attached_to=Known(Items(tuple(users), hidden), policy.origin))


_MISSING = ("NoSuchEntity",)


def roles(
    aws: AwsApi,
    instances: Inventory[Instance],
    activations: Inventory[Activation],
    settings: Inventory[ServiceSetting],
    listed: Everybody | None = None,
) -> IamFacts:
    """Return the roles that instances, hybrid nodes, activations and Default Host Management name; everybody else too.

    Those of nodes are read one by one, so that an auditor who may not list everybody sees them at least. `listed` is
    everybody, where they were asked for before.
    """
    users = _users(instances)
    others = [each.role for each in activations]
    others += [each.value for each in settings if each.address.endswith(MANAGEMENT_ROLE)]
    names = {last_name(each) for each in known_texts(others)} | set(users.by_role)
    gap = first_gap(users.gap, activations.gap, settings.gap, *others)
    found = aws.each(lambda name: _read(aws, name), sorted(names))
    others_there = identities(aws, names, gap, listed)
    arns = sorted({arn for each in found for arn in (*each.attached, *known_texts([boundary_in(each.entry)]))})
    managed = dict(zip(arns, aws.each(lambda arn: _managed(aws, arn), arns), strict=True))
    carried = {arn for each in found for arn in each.attached}
    policies = [attached_to(policy, found, gap) for arn, policy in managed.items() if arn in carried]
    policies += [policy for each in found for policy in each.inline]
    facts = sorted((role_fact(each, managed, users) for each in found), key=lambda each: each.address)
    unlisted = first_gap(gap, *(part.gap for each in found for part in (each.attached, each.inline)))
    there = (each for each in found if not isinstance(each.entry, Absent))
    owners = [owner_of(each.arn, each.name, each.tags) for each in there]
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
    first, second = one.attached_to, other.attached_to
    if isinstance(first, Known) and isinstance(second, Known):
        together = (*first.value.items, *second.value.items)
        return Known(Items(together, first_gap(first.value.rest, second.value.rest)), first.at)
    return first if isinstance(first, Unknown) else second


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
        attached=names_in(attached, "PolicyArn", call.at(arn)),
        inline=Inventory(aws.each(lambda policy: _inline(aws, name, arn, policy), names), inline.gap),
    )


def _inline(aws: AwsApi, name: str, arn: str, policy: str) -> Policy:
    parameters = {"RoleName": name, "PolicyName": policy}
    answer = answered(aws.ask(calls.GET_ROLE_POLICY, arn, parameters, missing=_MISSING))
    return inline_policy(arn, policy, sent(answer, "PolicyDocument", convert=record))


def _managed(aws: AwsApi, arn: str) -> Policy:
    """Read the version of a managed policy that is in force."""
    version = version_in_force(aws, arn)
    return managed_policy(arn, chained(version, lambda known: document_of(aws, arn, known.value)))
