"""Policies that nobody has: what they would grant to whoever gets them."""

from collections.abc import Iterable, Iterator

from ssm_hardening.access.guardrails import guardrails_for
from ssm_hardening.access.people import UNATTACHED, Person
from ssm_hardening.core.logic import Answer, ask, each, is_no, is_yes
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import may_allow, registers_nodes
from ssm_hardening.iam.decisions import Policies
from ssm_hardening.iam.powers import Holder, Use, powers_of
from ssm_hardening.model import Account, Fact, Policy, Role
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import names

_OF_PEOPLE = "ssm:StartSession"


def is_unattached(role: Role) -> bool:
    """Say whether the role stands for whoever gets a policy that is attached nowhere."""
    return isinstance(role.form, Known) and role.form.value == UNATTACHED


def roles_of_holders(account: Account) -> Inventory[Role]:
    """Return, for each policy of the account that nobody has, whoever may get it: a node, or a person."""
    limits = _limits(account)
    found = (
        _holder(policy)
        for policy in account.policies
        if _may_be_own(policy) and not is_no(exists(policy)) and _is_nobodys(policy, limits)
    )
    return Inventory(tuple(found), account.policies.gap)


def holders(account: Account) -> Inventory[Person]:
    """Return those of them that are people, or have what only people should be asked about beside a node's rights."""
    found = roles_of_holders(account)
    people = (
        Person(each, Policies(identity=each.statements, guardrails=guardrails_for(each, account)), nobody_has(each))
        for each in found
        if not _is(each.kind, "node") or _widens(each)
    )
    return Inventory(tuple(people), found.gap)


def _widens(role: Role) -> bool:
    """Say whether the policy may grant what extends access, or changes what decides over sessions: no node needs it."""
    powers = powers_of(Use.ESCALATION, Use.PREFERENCES, raises=Holder.PEOPLE)
    return any(all(not is_no(_may_allow(role, action)) for action in power.actions) for power in powers)


def _may_allow(role: Role, action: str) -> Answer:
    return may_allow(role.statements, action, role.origin)


def nobody_has(fact: Fact) -> Unknown:
    """Return what is not known of a policy that is attached nowhere, or of whoever stands for it."""
    return Unknown(Why.OUT_OF_SCOPE, fact.origin, f"who will have {fact.address}, which is attached nowhere here")


def _is(value: Value[Text], text: str) -> bool:
    return isinstance(value, Known) and value.value == text


def _may_be_own(policy: Policy) -> bool:
    return not is_no(ask(policy.kind, lambda kind: kind == "customer", absent=False))


def _limits(account: Account) -> list[Known[Text]]:
    """Return what is known to be somebody's permissions boundary, or is one of those that may be."""
    boundaries = (fact.boundary for fact in (*account.roles, *account.users))
    found = {named.value: named for boundary in boundaries for named in _named(boundary)}
    return list(found.values())


def _named(boundary: Value[Text]) -> Iterator[Known[Text]]:
    match boundary:
        case Known():
            yield boundary
        case Unknown(one_of=choices):
            for choice in choices:
                yield from _named(choice)
        case Absent():
            return


def _is_nobodys(policy: Policy, limits: Iterable[Known[Text]]) -> bool:
    """Say whether nobody is known to have the policy, and it is nobody's permissions boundary."""
    if any(isinstance(holder, Known) for holder in each(policy.attached_to)):
        return False
    return not any(limit.value == policy.address or names(limit, policy) is True for limit in limits)


def _holder(policy: Policy) -> Role:
    """Return whoever gets the policy as a role of which nothing else is known: a node's, or that of people."""
    at, gap = policy.origin, nobody_has(policy)
    for_nodes = registers_nodes(policy.statements, at)
    for_people = may_allow(policy.statements, _OF_PEOPLE, at)
    return Role(
        address=policy.address,
        declaration=policy.declaration,
        origin=at,
        name=policy.name,
        exists=policy.exists,
        kind=Known("node" if is_yes(for_nodes) and is_no(for_people) else "other", at),
        trusted_services=gap,
        trust=Inventory((), gap),
        managed_policies=Known(Items(()), at),
        statements=policy.statements,
        boundary=Absent(at),
        instances=Known(Items(()), at),
        form=Known(UNATTACHED, at),
        boundary_statements=Inventory(),
        tags=gap,
    )
