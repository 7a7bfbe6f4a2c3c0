"""Nodes as policies tell them apart: in classes of equal answers, beside nodes that nobody named.

Thousands of nodes carry few different tags that a policy asks for: each class is decided once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ssm_hardening.access.people import Person
from ssm_hardening.access.requests import START, may, on_any_node, on_node
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision, Undetermined
from ssm_hardening.iam.logic import is_no
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members
from ssm_hardening.model import Account, Instance
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why

EVERY_NODE = "every node"
_TAG = re.compile(r"(?:ssm|aws|ec2):resourcetag/([^}\s]+)")
_NAMED = re.compile(r"(?:managed-)?instance/(?!\*$)")
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Target:
    """Nodes of which one decision holds.

    `nodes` are those of the account, none where it is about nodes that nobody named (a probe).
    """

    title: str
    decision: Decision
    nodes: tuple[Instance, ...] = ()


def present(account: Account) -> tuple[Instance, ...]:
    """Return the nodes that are there, or may be."""
    return tuple(each for each in account.instances.items if not _is_gone(each.exists))


def targets(account: Account, person: Person, action: str = START) -> tuple[Target, ...]:
    """Return what a person's policies say of an action on nodes: on any node, on tagged ones, on those that are there.

    What is not told of nodes that nobody listed is a target of its own.
    """
    every = on_any_node(account, person.fact, action)
    hybrid = on_any_node(account, person.fact, action, hybrid=True)
    probes = [Target(EVERY_NODE, may(person, every)), Target("every hybrid node", may(person, hybrid))]
    for title, tags in dict(_tagged(person, action)).items():
        found = (on_any_node(account, person.fact, action, hybrid=kind, tags=tags) for kind in (False, True))
        probes += [Target(f"any node tagged {title}", may(person, asked)) for asked in found]
    return (*probes, *_of_nodes(account, person, action), *_unlisted(account, person))


def _of_nodes(account: Account, person: Person, action: str) -> Iterator[Target]:
    """Decide once for each class of nodes, and join the classes of which the same is said."""
    said: dict[tuple[str, object], list[Instance]] = {}
    decisions: dict[tuple[str, object], Decision] = {}
    for nodes in _classes(account, person).values():
        decision = _if_there(may(person, on_node(account, person.fact, action, nodes[0])), nodes[0])
        key = _outcome(decision)
        decisions.setdefault(key, decision)
        said.setdefault(key, []).extend(nodes)
    total = len(present(account))
    for key, found in said.items():
        yield Target(named_nodes(tuple(found), total), decisions[key], tuple(found))


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


def _classes(account: Account, person: Person) -> dict[object, list[Instance]]:
    texts = list(_texts_of(person))
    tags = sorted({found for text in texts for found in _TAG.findall(text.casefold())})
    apart = names_nodes(texts)
    classes: dict[object, list[Instance]] = {}
    for node in present(account):
        key = (
            _kind(node),
            isinstance(node.exists, Unknown),
            *(_tag(node.tags, each) for each in tags),
            node.address if apart else "",
        )
        classes.setdefault(key, []).append(node)
    return classes


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


def _unlisted(account: Account, person: Person) -> Iterator[Target]:
    """Say that a policy may name a node that was not read."""
    gap = account.instances.gap
    if gap is not None and names_nodes(list(_texts_of(person))):
        yield Target("nodes that were not read", Undetermined(gap))


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


def _tagged(person: Person, action: str) -> Iterator[tuple[str, Record]]:
    """Yield the tags that statements ask for, as nodes would have them, with a title."""
    for statement in person.policies.identity.items:
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
    return Unknown(Why.OUT_OF_SCOPE, value.at, "which tag the nodes have")


def _shown(value: Value[Any]) -> str:
    return str(value.value) if isinstance(value, Known) else "?"


def named_nodes(nodes: tuple[Instance, ...], total: int) -> str:
    """Return nodes as a person would count them: the names of a few, the number of many."""
    names = sorted(label(each) for each in nodes)
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{len(nodes)} of {total} nodes"


def label(node: Instance) -> str:
    """Return the name of a node: its tag Name, its id, or its address."""
    for value in (node.label, node.name):
        match value:
            case Known(str() as text) if text:
                return text
            case Known() | Absent() | Unknown():
                continue
    return node.address


def _is_gone(exists: Value[bool]) -> bool:
    match exists:
        case Known(flag):
            return not flag
        case Absent():
            return True
        case Unknown():
            return False
