"""Who may call Systems Manager as a person: roles, permission sets, users and groups, with all that bears on each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from ssm_hardening.core.logic import each, is_no, literal
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.decisions import Policies
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Group, Role, User
from ssm_hardening.model.facts import exists

PersonFact: TypeAlias = Role | User | Group


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may call AWS, and the policies that bear on the calls; service control policies are not read."""

    fact: PersonFact
    policies: Policies

    @property
    def address(self) -> str:
        """The address of the role, user or group."""
        return self.fact.address

    @property
    def title(self) -> str:
        """What a person would call it: `role operators`."""
        kind = type(self.fact).__name__.lower()
        if isinstance(self.fact, Role) and _is(self.fact.form, "permission-set"):
            kind = "permission set"
        name = literal(self.fact.name)
        return f"{kind} {self.fact.address if name is None else name}"


def people(account: Account) -> Inventory[Person]:
    """Return everybody who may call Systems Manager as a person; the gap says why there may be more.

    Left out are roles of nodes, roles that services alone may assume, and users without policies of their own: what
    their groups may do, they may.
    """
    found = [*_roles(account), *_users(account), *_groups(account)]
    gaps = (account.roles.gap, account.users.gap, account.groups.gap)
    return Inventory(tuple(found), next((gap for gap in gaps if gap is not None), None))


def person_of(role: Role) -> Person:
    """Return a role as somebody whose rights are asked about."""
    return Person(role, _policies(role, role.statements))


def as_read(person: Person) -> Person:
    """Return somebody as if the policies that were read were all there are."""
    policies = person.policies
    return replace(person, policies=replace(policies, identity=Inventory(policies.identity.items)))


def _roles(account: Account) -> Iterator[Person]:
    for role in account.roles:
        if not is_no(exists(role)) and not _is(role.kind, "node") and not is_for_services(role):
            yield person_of(role)


def is_for_services(role: Role) -> bool:
    """Say whether nobody but services of AWS's may assume the role."""
    if _is(role.form, "permission-set") or role.trust.gap is not None:
        return False
    admitted = [each for statement in role.trust for each in principals_of(statement)]
    return bool(admitted) and all(isinstance(each, Principal) and each.kind == "Service" for each in admitted)


def _users(account: Account) -> Iterator[Person]:
    groups = {each.address: each for each in account.groups}
    for user in account.users:
        if not is_no(exists(user)) and not _is_covered(user, groups):
            yield Person(user, _policies(user, _with_groups(user, groups)))


def _is_covered(user: User, groups: Mapping[str, Group]) -> bool:
    """Say whether the user has nothing of its own, and every group it belongs to was read."""
    if user.statements.items or user.statements.gap is not None:
        return False
    match user.groups:
        case Known(Items(items, None)):
            return all(isinstance(each, Known) and str(each.value) in groups for each in items)
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
                statements += groups[str(text)].statements
                gaps.append(groups[str(text)].statements.gap)
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
            yield Person(group, Policies(identity=group.statements))


def _policies(fact: Role | User, statements: Inventory[Statement]) -> Policies:
    """Return the policies, the boundary among them; a boundary that may be there and is not known is a gap."""
    match fact.boundary:
        case Absent():
            return Policies(identity=statements)
        case Unknown() as gap:
            return Policies(identity=statements, boundary=Inventory((), gap))
        case Known():
            return Policies(identity=statements, boundary=fact.boundary_statements)


def _is(value: Value[Text], text: str) -> bool:
    return isinstance(value, Known) and value.value == text
