"""From a decoded policy to statements; what cannot be read becomes a gap, and nothing stops the rest.

IAM reads the keys of a policy without regard to case and takes a single statement or text for a list of one.
"""

from collections.abc import Mapping
from typing import Any

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.iam.statements import Statement

_PRINCIPAL_TYPES = {name.casefold(): name for name in ("AWS", "Service", "Federated", "CanonicalUser")}


def statements_of(document: Value[Any], at: Origin) -> Inventory[Statement]:
    """Return the statements of a policy: `{"Version", "Statement": [...]}` as a Record, its members three-valued.

    Absent is no policy: no statements, no gap. `at` is the place of the argument that
    holds it.
    """
    match document:
        case Absent():
            return Inventory()
        case Unknown() as gap:
            return Inventory((), gap)
        case Known(Record() as policy, where):
            return _listed(_member(policy, "Statement", where), where)
        case Known():
            return Inventory((), _unreadable(at, "the policy is not an object"))


def _listed(value: Value[Any], at: Origin) -> Inventory[Statement]:
    match value:
        case Known(Items(items, rest)):
            return _collected(items, rest)
        case Known(Record()):
            return _collected((value,), None)
        case Unknown() as gap:
            return Inventory((), gap)
        case Known(_, where):
            return Inventory((), _unreadable(where, "Statement is neither an object nor a list"))
        case Absent():
            return Inventory((), _unreadable(at, "the policy has no Statement"))


def _collected(items: tuple[Value[Any], ...], rest: Unknown | None) -> Inventory[Statement]:
    read = [_statement(item) for item in items]
    gaps = [item for item in (*read, rest) if isinstance(item, Unknown)]
    return Inventory(tuple(item for item in read if isinstance(item, Statement)), gaps[0] if gaps else None)


def _statement(item: Value[Any]) -> Statement | Unknown:
    match item:
        case Known(Record() as body, at):
            return Statement(
                at=at,
                sid=_text(_member(body, "Sid", at)),
                effect=_text(_member(body, "Effect", at)),
                actions=_texts(_member(body, "Action", at)),
                not_actions=_texts(_member(body, "NotAction", at)),
                resources=_texts(_member(body, "Resource", at)),
                not_resources=_texts(_member(body, "NotResource", at)),
                principals=_principals(_member(body, "Principal", at)),
                not_principals=_principals(_member(body, "NotPrincipal", at)),
                conditions=_conditions(_member(body, "Condition", at)),
            )
        case Unknown() as gap:
            return gap
        case Known(_, at) | Absent(at):
            return _unreadable(at, "a statement is not an object")


def _member(record: Record, key: str, at: Origin) -> Value[Any]:
    """Return the member whose key is `key` in any case."""
    found = [value for name, value in record.members.items() if name.casefold() == key.casefold()]
    if len(found) > 1:
        return _unreadable(at, f"{key} is written more than once")
    return found[0] if found else record.get(key, at)


def _text(value: Value[Any]) -> Value[Text]:
    match value:
        case Known(str() | Reference() | Template()) | Absent() | Unknown():
            return value
        case Known(other, at):
            return _unreadable(at, f"{type(other).__name__} where a text belongs")


def _texts(value: Value[Any]) -> Value[Items]:
    """Return a list of texts; a single one becomes a list of one, numbers and booleans become text."""
    match value:
        case Known(Items(items, rest), at):
            return Known(Items(tuple(_listed_text(item) for item in items), rest), at)
        case Known(Record(), at):
            return _unreadable(at, "an object where texts belong")
        case Known(_, at):
            return Known(Items((_listed_text(value),)), at)
        case Absent() | Unknown():
            return value


def _listed_text(value: Value[Any]) -> Value[Text]:
    match value:
        case Known(bool() as flag, at):
            return Known("true" if flag else "false", at)
        case Known(int() | float() as number, at):
            return Known(str(number), at)
        case Absent(at):
            return _unreadable(at, "null where a text belongs")
        case Known() | Unknown():
            return _text(value)


def _principals(value: Value[Any]) -> Value[Record]:
    match value:
        case Known("*", at):
            return Known(Record({"*": Known(Items((value,)), at)}), at)
        case Known(Record(members, rest), at):
            return _grouped(members, rest, at)
        case Absent() | Unknown():
            return value
        case Known(_, at):
            return _unreadable(at, "a principal is neither * nor an object")


def _grouped(members: Mapping[str, Value[Any]], rest: Unknown | None, at: Origin) -> Value[Record]:
    grouped: dict[str, Value[Any]] = {}
    for name, member in members.items():
        kind = _PRINCIPAL_TYPES.get(name.casefold(), name)
        if kind in grouped:
            return _unreadable(at, f"principals of type {kind} are written more than once")
        grouped[kind] = _texts(member)
    return Known(Record(grouped, rest), at)


def _conditions(value: Value[Any]) -> Value[Record]:
    match value:
        case Known(Record(members, rest), at):
            return Known(Record({name: _condition_keys(member) for name, member in members.items()}, rest), at)
        case Absent() | Unknown():
            return value
        case Known(_, at):
            return _unreadable(at, "the conditions are not an object")


def _condition_keys(value: Value[Any]) -> Value[Record]:
    match value:
        case Known(Record(members, rest), at):
            return Known(Record({key: _texts(member) for key, member in members.items()}, rest), at)
        case Unknown():
            return value
        case Known(_, at) | Absent(at):
            return _unreadable(at, "a condition is not an object")


def _unreadable(at: Origin, detail: str) -> Unknown:
    return Unknown(Why.UNPARSEABLE, at, detail)
