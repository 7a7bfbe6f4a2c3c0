"""Nodes as policies tell them apart: in classes of equal answers, beside nodes that nobody named.

Thousands of nodes carry few different tags that a policy asks for: each class is decided once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ssm_hardening.access.answers import Link, best
from ssm_hardening.access.people import Person
from ssm_hardening.access.requests import START, listed, may, on_any_node, on_node
from ssm_hardening.core.logic import as_record, is_no, literal
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision, Undetermined
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members
from ssm_hardening.model import Account, Instance
from ssm_hardening.model.facts import exists

EVERY_NODE = "every node"
_TAG = re.compile(r"(?:ssm|aws|ec2):resourcetag/([^}\s]+)")
_NAMED = re.compile(r"(?:managed-)?instance/(?!\*$)")
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class DecidedNodes:
    """Nodes of which one decision holds.

    `nodes` are the addresses of those of the account, none where it is about nodes that nobody named (a probe);
    `roles` those that they act through.
    """

    title: str
    decision: Decision
    nodes: tuple[str, ...] = ()
    roles: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class _Class:
    """Nodes that some policies do not tell apart."""

    nodes: tuple[Instance, ...]
    roles: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """The nodes of an account, sorted into classes once for all people whose policies ask for the same tags."""

    account: Account
    nodes: tuple[Instance, ...]
    _classes: dict[tuple[tuple[str, ...], bool], tuple[_Class, ...]] = field(default_factory=dict)

    def classes(self, tags: tuple[str, ...], *, apart: bool) -> tuple[_Class, ...]:
        """Return the nodes in classes by these tags; `apart`: each is one of its own."""
        if (tags, apart) not in self._classes:
            found: dict[object, list[Instance]] = {}
            for node in self.nodes:
                unsure = isinstance(node.exists, Unknown)
                key = (_kind(node), unsure, *(_tag(node.tags, each) for each in tags), node.address if apart else "")
                found.setdefault(key, []).append(node)
            self._classes[tags, apart] = tuple(_Class(tuple(each), _roles(each)) for each in found.values())
        return self._classes[tags, apart]


def fleet_of(account: Account) -> Fleet:
    """Return the nodes of an account that are there, or may be."""
    return Fleet(account, present(account))


def _roles(nodes: Iterable[Instance]) -> tuple[Link, ...]:
    found = {str(node.role.value): node.role.at for node in nodes if isinstance(node.role, Known)}
    return tuple(Link(f"role {name}", at) for name, at in found.items())


def present(account: Account) -> tuple[Instance, ...]:
    """Return the nodes that are there, or may be."""
    return tuple(each for each in account.instances.items if not is_no(exists(each)))


def targets(fleet: Fleet, person: Person, action: str = START) -> Iterator[DecidedNodes]:
    """Yield what a person's policies say of an action on nodes: on any node, on tagged ones, on those that are there.

    What is not told of nodes that nobody listed is a target of its own.
    """
    if not _may_grant(person, action):
        return
    account, who = fleet.account, person.fact
    yield DecidedNodes(EVERY_NODE, may(person, on_any_node(account, who, action)))
    yield DecidedNodes("every hybrid node", may(person, on_any_node(account, who, action, hybrid=True)))
    for title, tags in dict(_tagged(person.policies.identity, action)).items():
        for hybrid in (False, True):
            asked = on_any_node(account, who, action, hybrid=hybrid, tags=tags)
            yield DecidedNodes(f"any node tagged {title}", may(person, asked))
    yield from _of_nodes(fleet, person, action)
    yield from _unlisted(account, person)


def session_with(account: Account, person: Person, keys: Mapping[str, Value[Items]], action: str = START) -> Decision:
    """Return whether a session may be started under these condition keys: on any node, a tagged one, one there is.

    `action` is another one on nodes.
    """
    who = person.fact
    limits = [each for each in (person.policies.identity, person.policies.boundary) if each is not None]
    tagged = (None, *(tags for each in limits for _, tags in _tagged(each, action)))
    probes = (on_any_node(account, who, action, hybrid=each, tags=tags) for tags in tagged for each in (False, True))
    asked = (*probes, *(on_node(account, who, action, node) for node in present(account)))
    return best(may(person, replace(each, context={**each.context, **keys})) for each in asked)


def _may_grant(person: Person, action: str) -> bool:
    """Say whether a statement is there, or may be, that allows the action on something."""
    identity = person.policies.identity
    allows = (not is_no(has_effect(each, "Allow")) and not is_no(applies_to(each, action)) for each in identity.items)
    return identity.gap is not None or any(allows)


def _of_nodes(fleet: Fleet, person: Person, action: str) -> Iterator[DecidedNodes]:
    """Decide once for each class of nodes, and join the classes of which the same is said."""
    texts = list(_texts_of(person))
    tags = sorted({found for text in texts for found in _TAG.findall(text.casefold())})
    said: dict[tuple[str, object], list[_Class]] = {}
    decisions: dict[tuple[str, object], Decision] = {}
    for each in fleet.classes(tuple(tags), apart=names_nodes(texts)):
        node = each.nodes[0]
        decision = _if_there(may(person, on_node(fleet.account, person.fact, action, node)), node)
        key = _outcome(decision)
        decisions.setdefault(key, decision)
        said.setdefault(key, []).append(each)
    for key, found in said.items():
        nodes = tuple(node for each in found for node in each.nodes)
        roles = tuple(dict.fromkeys(link for each in found for link in each.roles))
        title = named_nodes(nodes, len(fleet.nodes))
        yield DecidedNodes(title, decisions[key], tuple(node.address for node in nodes), roles)


def _if_there(decision: Decision, node: Instance) -> Decision:
    """Return the decision; of a node that may not exist nothing is granted for certain."""
    if isinstance(decision, Allowed) and isinstance(node.exists, Unknown):
        return Undetermined(node.exists)
    return decision


def _outcome(decision: Decision) -> tuple[str, object]:
    match decision:
        case Allowed(by):
            return ("allowed", id(by))
        case Undetermined(why):
            return ("open", why.detail)
        case _:
            return ("denied", None)


def _kind(node: Instance) -> str:
    return str(node.kind.value) if isinstance(node.kind, Known) else "?"


def _tag(tags: Value[Record], key: str) -> str:
    """Return what a node has under a tag, as far as two nodes are told apart by it."""
    match tags:
        case Known(Record(found, rest)):
            value = next((each for name, each in found.items() if name.casefold() == key), None)
            return f"{value.value}" if isinstance(value, Known) else f"{value!r} {rest is None}"
        case Absent():
            return "none"
        case Unknown():
            return "?"


def names_nodes(texts: list[str]) -> bool:
    """Say whether policies speak of nodes one by one: by id, or by a reference."""
    return any(_NAMED.search(text) for text in texts)


def _unlisted(account: Account, person: Person) -> Iterator[DecidedNodes]:
    """Say that a policy may name a node that was not read."""
    gap = account.instances.gap
    if gap is not None and names_nodes(list(_texts_of(person))):
        yield DecidedNodes("nodes that were not read", Undetermined(gap))


def _texts_of(person: Person) -> Iterator[str]:
    policies = person.policies
    for inventory in (policies.identity, policies.boundary):
        for statement in () if inventory is None else inventory.items:
            for value in (statement.resources, statement.not_resources, statement.conditions):
                yield from _texts(value)


def _texts(value: Value[Any]) -> Iterator[str]:
    match value:
        case Known(Items(items)):
            for each in items:
                yield from _texts(each)
        case Known(Record(found)):
            for key, member in found.items():
                yield key
                yield from _texts(member)
        case Known(Reference() as text):
            yield f"instance/{text}" if "aws_instance" in text.address else str(text)
        case Known(str() | Template() as text):
            yield str(text)
        case Known() | Absent() | Unknown():
            return


def _tagged(policy: Inventory[Statement], action: str) -> Iterator[tuple[str, Record]]:
    """Yield the tags that statements ask for, as nodes would have them, with a title."""
    for statement in policy.items:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, action)):
            continue
        tags = dict(_wanted(statement))
        if tags:
            yield ", ".join(f"{key}={_shown(value)}" for key, value in tags.items()), Record(tags)


def _wanted(statement: Statement) -> Iterator[tuple[str, Value[Any]]]:
    for condition in conditions_of(statement):
        found = _TAG.fullmatch(condition.key) if isinstance(condition, Condition) else None
        if found is None or not isinstance(condition, Condition) or "not" in condition.operator:
            continue
        if condition.operator != "null":
            yield found[1], next((_fixed(each) for each in members(condition.values)), Absent(condition.at))


def _fixed(value: Known[Any] | Unknown) -> Value[Any]:
    if isinstance(value, Known) and isinstance(value.value, str) and "${" not in value.value:
        return value
    return Unknown(Why.OUT_OF_SCOPE, value.at, "which tags the nodes have")


def _shown(value: Value[Any]) -> str:
    return str(value.value) if isinstance(value, Known) else "?"


def named_nodes(nodes: tuple[Instance, ...], total: int) -> str:
    """Return nodes as a person would count them: the names of a few, the number of many."""
    if len(nodes) <= _MOST_NAMES:
        return ", ".join(sorted(label(each) for each in nodes))
    return f"{len(nodes)} of {total} nodes"


def label(node: Instance) -> str:
    """Return the name of a node: its tag Name, its id, or its address."""
    return literal(node.label) or literal(node.name) or node.address


_EQUALITIES = re.compile(r"(?:for(?:any|all)values?:)?string(?:not)?equals(?:ignorecase)?(?:ifexists)?")
_LIKE = re.compile(r"(?:for(?:any|all)values?:)?string(?:not)?like(?:ifexists)?")
_VARIABLE = re.compile(r"\$\{(?![*?$]\})[^}]*\}")


def with_listed_tags(person: Person) -> Person:
    """Return somebody whose conditions compare tags of nodes with one value, where the values are not known here.

    Whatever they are (of a variable, or of a tag of the caller), they are single values: no node of a probe has one.
    """
    policies = person.policies
    limits = None if policies.boundary is None else _all_listed(policies.boundary)
    return replace(person, policies=replace(policies, identity=_all_listed(policies.identity), boundary=limits))


def _all_listed(statements: Inventory[Statement]) -> Inventory[Statement]:
    return replace(statements, items=tuple(map(_listed, statements.items)))


def _listed(statement: Statement) -> Statement:
    operators = as_record(statement.conditions)
    found = {operator: _of_operator(operator.casefold(), keys) for operator, keys in operators.members.items()}
    if found == operators.members:
        return statement
    return replace(statement, conditions=Known(Record(found, operators.rest), statement.conditions.at))


def _of_operator(operator: str, keys: Value[Any]) -> Value[Any]:
    record = as_record(keys)
    found = {
        key: listed(value.at, "a-listed-value")
        if _TAG.fullmatch(key.casefold()) and any(_is_single(operator, each) for each in _values(value))
        else value
        for key, value in record.members.items()
    }
    return keys if found == record.members else Known(Record(found, record.rest), keys.at)


def _values(value: Value[Any]) -> tuple[Known[Any] | Unknown, ...]:
    if isinstance(value, Absent):
        return ()
    return tuple(members(value)) if isinstance(value, Known) and isinstance(value.value, Items) else (value,)


def _is_single(operator: str, value: Known[Any] | Unknown) -> bool:
    """Say whether a value that is not known here is surely one value, and no pattern."""
    if _EQUALITIES.fullmatch(operator):
        return isinstance(value, Unknown) or not isinstance(value.value, str) or bool(_VARIABLE.search(value.value))
    text = value.value if isinstance(value, Known) and isinstance(value.value, str) else ""
    return bool(_LIKE.fullmatch(operator) and _VARIABLE.search(text) and not re.search("[*?]", _VARIABLE.sub("", text)))
