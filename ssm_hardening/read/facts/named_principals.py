"""Principals that code names and does not declare: roles, users, groups and permission sets that are made elsewhere.

What this code attaches to one is known; that more may be attached to it elsewhere is a gap. What several resources
name by one text, or by one input, is one principal.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ssm_hardening.core.logic import each as members_of
from ssm_hardening.core.logic import unanswered
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import purpose
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Fact, Group, Role, User
from ssm_hardening.model.identity import elsewhere
from ssm_hardening.read.facts import people, roles
from ssm_hardening.read.facts.arguments import text_in, texts_in
from ssm_hardening.read.facts.attachments import gathered, said
from ssm_hardening.read.facts.index import Objects, does_not_exist, means
from ssm_hardening.read.facts.roles import Attached, ManagedPolicies, Named
from ssm_hardening.read.graph import Resource, Root

F = TypeVar("F", bound=Fact)

_TYPE = re.compile(r"(?:^|\.)(data\.)?(aws_\w+)\.[^.]+$")
_INPUT = re.compile(r"(?:var|module)\.[\w.]+")
_NAME = re.compile(r"[\w+=,.@\-\[\]\"${} ]{1,160}")
"""What a name in code looks like: letters that IAM admits, and the expressions between them."""
_RESERVED = "AWSReservedSSO_"
"""What the names of roles begin with that IAM Identity Center makes of permission sets."""


@dataclass(frozen=True, slots=True)
class _Sort:
    """A sort of principals: what a person calls them, and the type of resource that declares them."""

    word: str
    type: str


_ROLE, _USER = _Sort("role", roles.ROLE), _Sort("user", people.USER)
_GROUP, _SET = _Sort("group", people.GROUP), _Sort("permission set", people.SET)


@dataclass(frozen=True, slots=True)
class _Principal:
    """One principal: as a fact, and the resources that name it, in the order of their addresses."""

    fact: Fact
    resources: tuple[Resource, ...]

    @property
    def gap(self) -> Unknown:
        """What is not known of it."""
        return elsewhere(self.fact)

    @property
    def named_in(self) -> Known[Items]:
        """The addresses of the resources that name it."""
        return Known(Items(tuple(Known(each.address, each.at) for each in self.resources)), self.fact.origin)


@dataclass(slots=True)
class _Principals:
    """The principals of one sort that resources name and code does not declare."""

    sort: _Sort
    declared: Objects[Fact]
    named: dict[object, list[tuple[Resource, Value[Text]]]] = field(default_factory=dict)
    found: dict[object, _Principal] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Root, sort: _Sort, naming: Mapping[str, Named], declared: Iterable[Fact]) -> "_Principals":
        """Look through the resources of these types, each with what it names."""
        principals = cls(sort, Objects(declared))
        for type_, names in naming.items():
            for resource in root.resources(type_):
                if not does_not_exist(resource.exists):
                    for value in names(resource):
                        for branch in principals.branches(value):
                            principals.named.setdefault(_key(branch, resource), []).append((resource, branch))
        principals.found = {key: principals.principal(named) for key, named in principals.named.items()}
        return principals

    def branches(self, value: Value[Text]) -> Iterator[Value[Text]]:
        """Yield what a value names that code does not declare.

        A condition that may choose a principal of this code names nobody else: it is a doubt of that principal's.
        """
        if isinstance(value, Unknown) and value.one_of:
            if not any(self.is_declared(each) for each in value.one_of):
                for each in value.one_of:
                    yield from self.branches(each)
        elif not isinstance(value, Absent) and not self.is_declared(value):
            yield value

    def is_declared(self, value: Value[Text]) -> bool:
        """Say whether a value surely means what code declares, an instance that does not exist included."""
        match value:
            case Known(Reference(address=address)) if (found := _TYPE.search(address)) and found[1] is None:
                if found[2] == self.sort.type:
                    return True
            case _:
                pass
        return any(means(value, each) is True for each in self.declared.candidates(value))

    def principal(self, named: list[tuple[Resource, Value[Text]]]) -> _Principal:
        """Make one principal of all that names it."""
        by_address = {resource.address: (resource, value) for resource, value in named}
        first, value = by_address[min(by_address)]
        shown = _shown(value)
        fact = Fact(
            address=self.called(shown, first.address),
            declaration=self.called(shown, first.declaration),
            origin=first.at,
            name=_bare(value),
            exists=_existence(value, first),
        )
        return _Principal(fact, tuple(by_address[address][0] for address in sorted(by_address)))

    def called(self, name: str, resource: str) -> str:
        """Return what a person calls a principal that a resource names."""
        word = self.sort.word
        return f"{word} {name} (named in {resource})" if name else f"the {word} that {resource} names"

    def meant(self, named: Named, resource: Resource) -> tuple[Value[Text], ...]:
        """Return what a resource names as references to the principals, by their addresses."""
        return tuple(self._as_references(value, resource) for value in named(resource))

    def _as_references(self, value: Value[Text], resource: Resource) -> Value[Text]:
        found = [self.found[_key(branch, resource)].fact.address for branch in self.branches(value)]
        references = tuple(Known(Reference(address, ""), value.at) for address in found)
        if isinstance(value, Unknown) and value.one_of:
            return Unknown(value.why, value.at, value.detail, one_of=(*references, Absent(value.at)))
        return references[0] if references else Absent(value.at)


def _existence(value: Value[Text], resource: Resource) -> Value[bool]:
    """Say whether a principal exists that a resource names: what stands in a file that was not read may be another."""
    if isinstance(value, Unknown) and value.why is Why.UNPARSEABLE:
        return unanswered(value)
    return Known(True, resource.at)


def _key(value: Value[Text], resource: Resource) -> object:
    """Return what is equal where two resources name one principal for sure."""
    match _bare(value):
        case Known(Template() as text) if any(isinstance(each, Unknown) for each in text.parts):
            parts = tuple(_input(each) or each if isinstance(each, Unknown) else each for each in text.parts)
            return parts if all(isinstance(each, str | Reference) for each in parts) else resource.address
        case Known(text):
            return text
        case Unknown() as gap:
            return _input(gap) or resource.address
        case Absent():
            return resource.address


def _input(gap: Unknown) -> str:
    """Return the input or the output that is not known, which is the same wherever it is used."""
    found = _INPUT.match(gap.detail) if gap.why in {Why.UNRESOLVED_INPUT, Why.OUT_OF_SCOPE} else None
    return "" if found is None else f"{found[0]}"


def _bare(value: Value[Text]) -> Value[Text]:
    """Return a name that may stand in an ARN."""
    match value:
        case Known(str() as text) if text.startswith("arn:"):
            return Known(text.rpartition("/")[2], value.at)
        case _:
            return value


def _shown(value: Value[Text]) -> str:
    """Return what a person reads as the name; nothing where it is not known, or not to be shown."""
    match _bare(value):
        case Known(text) as known:
            written = "" if known.at_sensitive else _written(text)
            return written if _NAME.fullmatch(written) else ""
        case Unknown() as gap:
            return _input(gap)
        case Absent():
            return ""


def _written(text: Text) -> str:
    """Return a text as code writes it, with the inputs that are not known; nothing where it cannot be told."""
    if not isinstance(text, Template):
        return str(text)
    parts = [f"${{{_input(each)}}}" if isinstance(each, Unknown) else each for each in text.parts]
    return "" if "${}" in parts else "".join(each if isinstance(each, str) else f"${{{each}}}" for each in parts)


def with_named(
    declared: Inventory[tuple[Resource, F]], named_only: Callable[[list[F]], list[tuple[Resource, F]]]
) -> Inventory[tuple[Resource, F]]:
    """Return what code declares, and behind it those that it only names."""
    return Inventory((*declared.items, *named_only([fact for _, fact in declared])), declared.gap)


def roles_of(root: Root, managed: ManagedPolicies, declared: Iterable[Role]) -> list[tuple[Resource, Role]]:
    """Return the roles that code only names, run by no instance yet."""
    found = _Principals.of(root, _ROLE, roles.attaching("role"), declared)
    attached = Attached.of(root, "role", managed, found.meant)
    return [(each.resources[0], _role(each, attached)) for each in found.found.values()]


def _role(each: _Principal, attached: Attached) -> Role:
    policies = attached.policies(each.fact)
    statements = people.granted_by(attached, each.fact, policies)
    name = each.fact.name
    reserved = isinstance(name, Known) and isinstance(name.value, str) and name.value.startswith(_RESERVED)
    return _as_role(each, policies, statements, form="permission-set" if reserved else "role")


def permission_sets_of(root: Root, managed: ManagedPolicies, declared: Iterable[Role]) -> list[tuple[Resource, Role]]:
    """Return the permission sets that code only names, by an ARN."""
    naming = dict.fromkeys(people.SET_ATTACHING, people.NAMES_SET)
    found = _Principals.of(root, _SET, naming, declared)
    attached = people.SetAttached.of(root, managed, found.meant)
    return [(each.resources[0], _set(each, attached)) for each in found.found.values()]


def _set(each: _Principal, attached: people.SetAttached) -> Role:
    policies = attached.policies(each.fact)
    return _as_role(each, policies, attached.statements(each.fact, policies), form="permission-set")


def _as_role(each: _Principal, policies: Value[Items], statements: Inventory[Statement], *, form: str) -> Role:
    fact, gap, at = each.fact, each.gap, each.fact.origin
    person = purpose(Known(False, at), Absent(at), Inventory(statements.items), at)
    return Role(
        address=fact.address,
        declaration=fact.declaration,
        origin=at,
        name=fact.name,
        exists=fact.exists,
        kind=person if form == "permission-set" else gap,
        trusted_services=gap,
        trust=Inventory((), gap),
        managed_policies=gathered((policies,), at, gap=gap),
        statements=_open(statements, gap),
        boundary=gap,
        instances=Known(Items(()), at),
        form=Known(form, at),
        boundary_statements=Inventory((), gap),
        tags=gap,
        exclusive=gap,
        path=gap,
        named_in=each.named_in,
    )


def _open(statements: Inventory[Statement], gap: Unknown) -> Inventory[Statement]:
    return Inventory(statements.items, gap if statements.gap is None else statements.gap)


_INTO: Mapping[str, Named] = {
    people.MEMBERSHIP: roles.naming("user"),
    people.MEMBERS: lambda each: members_of(texts_in(each.config, "users")),
}
"""The resources that put users into groups, and what each names them by."""


def users_of(root: Root, managed: ManagedPolicies, declared: Iterable[User]) -> list[tuple[Resource, User]]:
    """Return the users that code only names, those that it does nothing with but put into groups among them."""
    found = _Principals.of(root, _USER, {**roles.attaching("user"), **_INTO}, declared)
    attached = Attached.of(root, "user", managed, found.meant)
    joining, listing = (roles.sorted_by(root.resources(type_), names, found.meant) for type_, names in _INTO.items())

    def groups(each: _Principal) -> Value[Items]:
        parts = (
            *said(joining.of(each.fact), lambda config: texts_in(config, "groups")),
            *said(listing.of(each.fact), lambda config: text_in(config, "group")),
        )
        return gathered(parts, each.fact.origin, gap=each.gap)

    return [(each.resources[0], _user(each, attached, groups(each))) for each in found.found.values()]


def _user(each: _Principal, attached: Attached, groups: Value[Items]) -> User:
    fact, gap = each.fact, each.gap
    policies = attached.policies(fact)
    return User(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        groups=groups,
        managed_policies=gathered((policies,), fact.origin, gap=gap),
        statements=_open(people.granted_by(attached, fact, policies), gap),
        boundary=gap,
        boundary_statements=Inventory((), gap),
        tags=gap,
        named_in=each.named_in,
    )


def groups_of(root: Root, managed: ManagedPolicies, declared: Iterable[Group]) -> list[tuple[Resource, Group]]:
    """Return the groups that code only names and attaches policies to, without members yet."""
    found = _Principals.of(root, _GROUP, roles.attaching("group"), declared)
    attached = Attached.of(root, "group", managed, found.meant)
    return [(each.resources[0], _group(each, attached)) for each in found.found.values()]


def _group(each: _Principal, attached: Attached) -> Group:
    fact = each.fact
    policies = attached.policies(fact)
    return Group(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        managed_policies=gathered((policies,), fact.origin, gap=each.gap),
        statements=_open(people.granted_by(attached, fact, policies), each.gap),
        members=Known(Items(()), fact.origin),
        named_in=each.named_in,
    )
