"""Who may call Systems Manager as a person: roles, permission sets, users and groups, with all that bears on each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from ssm_hardening.access.guardrails import guardrails_for
from ssm_hardening.core.logic import as_items, certainly, each, is_no, literal
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.decisions import Policies
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.requests import joined, own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Group, Policy, Role, User
from ssm_hardening.model.facts import exists
from ssm_hardening.model.identity import elsewhere, is_only_named

PersonFact: TypeAlias = Role | User | Group
N = TypeVar("N", bound=PersonFact)

UNATTACHED = "policy"
"""The form of a role that stands for whoever gets a policy which is attached nowhere."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may call AWS, and the policies that bear on the calls.

    `elsewhere` is set where the policies are a part of all that bear on them: those that this code attaches to a
    principal which it only names, or a policy by itself. It says what is missing.
    """

    fact: PersonFact
    policies: Policies
    elsewhere: Unknown | None = None

    @property
    def address(self) -> str:
        """The address of the role, user or group."""
        return self.fact.address

    @property
    def title(self) -> str:
        """What a person would call it: `role operators`."""
        return title_of_fact(self.fact)


def title_of_fact(fact: PersonFact) -> str:
    """Return what a person would call a role, user or group: `role operators`."""
    kind = type(fact).__name__.lower()
    if isinstance(fact, Role) and _is(fact.form, "permission-set"):
        kind = "permission set"
    name = literal(fact.name)
    if isinstance(fact, Role) and _is(fact.form, UNATTACHED):
        kind = "policy"
    if is_only_named(fact):
        told, aside = fact.address.removesuffix(")"), "its other policies are not read)"
        return f"{told}; {aside}" if told != fact.address else f"{told} ({aside}"
    return f"{kind} {fact.address if name is None else name}"


def people(account: Account) -> Inventory[Person]:
    """Return everybody who may call Systems Manager as a person; the gap says why there may be more.

    Left out are roles of nodes, roles that services alone may assume, and users without policies of their own: what
    their groups may do, they may.
    """
    found = [*_roles(account), *_users(account), *_groups(account)]
    gaps = (account.roles.gap, account.users.gap, account.groups.gap)
    return Inventory(tuple(found), next((gap for gap in gaps if gap is not None), None))


def principals(account: Account) -> Inventory[Person]:
    """Return every role, user, and group, whoever uses it: those of nodes and services are among them."""
    groups = {each.address: each for each in account.groups}
    facts = [each for each in (*account.roles, *account.users, *account.groups) if not is_no(exists(each))]
    found = tuple(_with_policies(in_part(each), groups, account) for each in facts)
    gaps = (account.roles.gap, account.users.gap, account.groups.gap)
    return Inventory(found, next((gap for gap in gaps if gap is not None), None))


def _with_policies(part: PersonFact, groups: Mapping[str, Group], account: Account) -> Person:
    return _person(part, _with_groups(part, groups) if isinstance(part, User) else part.statements, account)


def person_of(role: Role, account: Account) -> Person:
    """Return a role as somebody whose rights are asked about."""
    return Person(role, _policies(role, role.statements, account))


def as_person(fact: PersonFact, account: Account) -> Person:
    """Return anybody who was read as somebody whose rights are asked about; a user with those of its groups."""
    statements = fact.statements
    if isinstance(fact, User):
        statements = _with_groups(fact, {each.address: each for each in account.groups})
    return Person(fact, _policies(fact, statements, account))


def in_part(fact: N) -> N:
    """Return the principal as what this code attaches to it, where code only names it; any other as it is.

    What was not read of such a principal is left out: other policies and groups, the permissions boundary.
    """
    if not is_only_named(fact):
        return fact
    gap, at = elsewhere(fact), fact.origin
    changes: dict[str, Any] = {"statements": _without(fact.statements, gap)}
    changes["managed_policies"] = _listed(fact.managed_policies, gap)
    if isinstance(fact, User):
        changes["groups"] = _listed(fact.groups, gap)
    if isinstance(fact, Role | User):
        changes |= {"boundary": Absent(at), "boundary_statements": Inventory()}
    return replace(fact, **changes)


def _listed(value: Value[Items], gap: Unknown) -> Value[Items]:
    found = as_items(value)
    return Known(Items(found.items), value.at) if found.rest == gap else value


def _without(statements: Inventory[Statement], gap: Unknown) -> Inventory[Statement]:
    return Inventory(statements.items) if statements.gap == gap else statements


def _person(fact: PersonFact, statements: Inventory[Statement], account: Account) -> Person:
    return Person(fact, _policies(fact, statements, account), elsewhere(fact) if is_only_named(fact) else None)


def as_read(person: Person) -> Person:
    """Return somebody as if the policies that were read were all there are."""
    policies = person.policies
    return replace(person, policies=replace(policies, identity=Inventory(policies.identity.items)))


def _roles(account: Account) -> Iterator[Person]:
    for role in account.roles:
        if not is_no(exists(role)) and not _is(role.kind, "node") and not is_for_services(role):
            part = in_part(role)
            yield _person(part, part.statements, account)


def is_for_services(role: Role) -> bool:
    """Say whether nobody but services of AWS's may assume the role; with certificates, others call through one."""
    if _is(role.form, "permission-set") or role.trust.gap is not None:
        return False
    admitted = [each for statement in role.trust for each in principals_of(statement)]
    return bool(admitted) and all(isinstance(each, Principal) and _is_service(each) for each in admitted)


def _is_service(principal: Principal) -> bool:
    return principal.kind == "Service" and isinstance(principal.name, Known) and not is_roles_anywhere(principal)


def is_roles_anywhere(principal: Principal) -> bool:
    """Say whether it is IAM Roles Anywhere, by which whoever has a certificate assumes a role."""
    return principal.kind == "Service" and certainly(principal.name, lambda name: name == _ROLES_ANYWHERE)


_ROLES_ANYWHERE = "rolesanywhere.amazonaws.com"


def _users(account: Account) -> Iterator[Person]:
    groups = {each.address: each for each in account.groups}
    for user in account.users:
        if not is_no(exists(user)) and not _is_covered(user, groups):
            part = in_part(user)
            yield _person(part, _with_groups(part, groups), account)


def _is_covered(user: User, groups: Mapping[str, Group]) -> bool:
    """Say whether the user has nothing of its own, and every group it belongs to was read.

    Of a user that code only names that is all there is to say: what may be elsewhere, its groups leave open too.
    """
    named = is_only_named(user)
    part = in_part(user)
    if part.statements.items or part.statements.gap is not None:
        return False
    match part.groups:
        case Known(Items(items, rest)) if rest is None or named:
            there = [groups.get(str(each.value)) if isinstance(each, Known) else None for each in items]
            return all(each is not None and (named or not is_only_named(each)) for each in there)
        case Absent():
            return True
        case Known() | Unknown():
            return False


def _with_groups(user: User, groups: Mapping[str, Group]) -> Inventory[Statement]:
    """Return what the user's own policies and those of its groups say; a group that was not read leaves a gap."""
    statements, gaps = [*user.statements], [user.statements.gap]
    for name in each(user.groups):
        match name:
            case Known(text) if str(text) in groups:
                group = in_part(groups[str(text)]) if is_only_named(user) else groups[str(text)]
                statements += group.statements
                gaps.append(group.statements.gap)
            case Known() if is_only_named(user):
                continue
            case Known(text, at):
                detail = f"the policies of the group {text}, which was not read"
                gaps.append(Unknown(Why.OUT_OF_SCOPE, at, detail))
            case Unknown() as gap:
                gaps.append(gap)
            case Absent():
                continue
    return Inventory(tuple(statements), next((gap for gap in gaps if gap is not None), None))


def _groups(account: Account) -> Iterator[Person]:
    for group in account.groups:
        if not is_no(exists(group)):
            part = in_part(group)
            yield _person(part, part.statements, account)


def _policies(fact: PersonFact, statements: Inventory[Statement], account: Account) -> Policies:
    """Return the policies, the boundary among them; a boundary that may be there and is not known is a gap."""
    policies = Policies(identity=statements, guardrails=guardrails_for(fact, account))
    if isinstance(fact, Group):
        return policies
    match fact.boundary:
        case Absent():
            return policies
        case Unknown() as gap:
            return replace(policies, boundary=Inventory((), gap))
        case Known():
            return replace(policies, boundary=fact.boundary_statements)


def _is(value: Value[Text], text: str) -> bool:
    return isinstance(value, Known) and value.value == text


OF_IAM = {"role": "roles", "user": "users", "group": "groups", "policy": "policies"}
"""Where an account holds what IAM knows, by what their ARNs call it."""


def _arn(fact: Role | User | Group | Policy, on: str, account: Account) -> Text:
    """Return the ARN of somebody who was read; of one that only code names by a reference, that reference."""
    if fact.address.startswith("arn:"):
        return fact.address
    parts = _parts(fact)
    path = literal(fact.path) if isinstance(fact, Role) else "/"
    tail = joined(f"{on}{path if path is not None else '/'}", *parts)
    return own_arn("iam", tail, account.account, account.region, regional=False)


def _parts(fact: Role | User | Group | Policy) -> tuple[str | Reference | Unknown, ...]:
    """Return the name, in parts where it has holes."""
    match fact.name:
        case Known(Template(parts)):
            return parts
        case Known(str() | Reference() as name):
            return (name,)
        case _:
            return (Reference(fact.address, "name"),)


def _all_arns(account: Account) -> Mapping[str, Text]:
    kinds = ((on, getattr(account, kind)) for on, kind in OF_IAM.items())
    return {fact.address: _arn(fact, on, account) for on, facts in kinds for fact in facts}


arns_of: Memory[[Account], Mapping[str, Text]] = Memory(_all_arns, most=64)
"""By address, the ARNs of all that IAM holds of an account: they are asked about for each of its people."""
