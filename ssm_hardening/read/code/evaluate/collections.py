"""Attributes and indexes of values, and walking collections."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Encoded, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.evaluate.alternatives import MOST
from ssm_hardening.read.code.evaluate.scope import Resolver
from ssm_hardening.read.code.evaluate.sensitivity import placed
from ssm_hardening.read.code.values import Invalid, SetItems
from ssm_hardening.text.writing import names_a_string, number_text, scalar_text

_MOST_DIGITS = 10


def member(value: Value[Any], key: Value[Any], resolver: Resolver, at: CodeOrigin, text: str) -> Value[Any]:
    """Return `value.key` or `value[key]`; `text` is the whole expression, for what cannot be told."""
    match value:
        case Absent():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is nothing before it")
        case Invalid():
            return value
        case Unknown():
            return replace(value, detail=f"{text}: {value.detail}", one_of=())
        case Known(content):
            return _of_known(content, key, resolver, at, text)


def _of_known(content: object, key: Value[Any], resolver: Resolver, at: CodeOrigin, text: str) -> Value[Any]:
    match content:
        case Record():
            return _of_record(content, key, at, text)
        case Items():
            return _of_items(content, key, at, text)
        case Reference():
            return _of_reference(content, key, resolver, at, text)
        case Template() | Encoded():
            return Unknown(Why.COMPUTED, at, text)
        case _:
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: it has no members")


def _of_record(record: Record, key: Value[Any], at: CodeOrigin, text: str) -> Value[Any]:
    match key:
        case Known(str() | int() | float() as name) if not isinstance(name, bool):
            wanted = name if isinstance(name, str) else number_text(name)
            if wanted in record.members:
                return record.members[wanted]
            if record.rest is not None:
                return replace(record.rest, detail=f"{text}: {record.rest.detail}")
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is no member {wanted!r}")
        case Unknown():
            return _one_of_many(key, list(record.members.values()), complete=record.rest is None)
        case _:
            return Unknown(Why.COMPUTED, at, text)


def _of_items(items: Items, key: Value[Any], at: CodeOrigin, text: str) -> Value[Any]:
    if isinstance(items, SetItems):
        return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: the members of a set have no places")
    position = _position(key)
    if position is None:
        if isinstance(key, Unknown):
            return _one_of_many(key, list(items.items), complete=items.rest is None)
        if isinstance(key, Known) and isinstance(key.value, str):
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: a list has no attributes")
        return Unknown(Why.COMPUTED, at, text)
    if 0 <= position < len(items.items) and items.rest is None:
        return items.items[position]
    if items.rest is not None:
        return replace(items.rest, detail=f"{text}: {items.rest.detail}")
    return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is no member {position}")


def _position(key: Value[Any]) -> int | None:
    match key:
        case Known(bool()):
            return None
        case Known(int() as position):
            return position
        case Known(str() as digits) if digits.isdecimal() and len(digits) < _MOST_DIGITS:
            return int(digits)
        case _:
            return None


def _one_of_many(key: Unknown, candidates: list[Value[Any]], *, complete: bool) -> Value[Any]:
    """Return one of the members: which one hangs on the key."""
    if complete and 1 <= len(candidates) <= MOST:
        return Unknown(key.why, key.at, key.detail, tuple(candidates))
    return Unknown(key.why, key.at, key.detail)


def _of_reference(reference: Reference, key: Value[Any], resolver: Resolver, at: CodeOrigin, text: str) -> Value[Any]:
    if reference.attribute:
        return Unknown(Why.COMPUTED, at, text)
    match key:
        case Known(str() as name) if not name.isdecimal():
            return resolver.attribute(reference, name, at)
        case _:
            # `aws_x.y[0]` on a resource without count, or an index that only apply can tell.
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is only one")


@dataclass(frozen=True, slots=True)
class Entries:
    """The keys and members of a collection, in Terraform's order; `rest` where there may be more."""

    pairs: tuple[tuple[Value[Any], Value[Any]], ...]
    rest: Unknown | None = None


def entries(collection: Value[Any], at: CodeOrigin, text: str) -> Entries | Unknown:
    """Return what a `for` over the collection walks; `text` names it where it cannot be told."""
    match collection:
        case Unknown():
            return collection
        case Absent():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text} is null")
        case Known(content):
            return _entries_of(content, at, text)


def _entries_of(content: object, at: CodeOrigin, text: str) -> Entries | Unknown:
    match content:
        case Record():
            members = content.members
            return Entries(tuple((_key(key, members[key]), members[key]) for key in sorted(members)), content.rest)
        case SetItems():
            return Entries(tuple((item, item) for item in content.items), content.rest)
        case Items(items, rest):
            return Entries(tuple((_place(n, item, rest), item) for n, item in enumerate(items)), rest)
        case Reference() | Template() | Encoded():
            return Unknown(Why.COMPUTED, at, text)
        case _:
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text} is no collection")


def _key(key: object, member: Value[Any]) -> Known[Any]:
    """Return a key, which stands where its member does; that the member is sensitive says nothing of it."""
    return Known(key, placed(member.at, sensitive=False))


def _place(number: int, item: Value[Any], rest: Unknown | None) -> Value[Any]:
    """Return a member's place; where there may be more members, it may stand anywhere."""
    return _key(number, item) if rest is None else Unknown(rest.why, rest.at, rest.detail)


def splat_items(value: Value[Any], at: CodeOrigin, text: str) -> Items | Unknown:
    """Return the members a splat walks: a single value is a list of one, null a list of none."""
    match value:
        case Absent():
            return Items(())
        case Unknown():
            return value
        case Known(Items() as items):
            return items
        case Known(Reference() as reference) if _may_be_many(reference):
            return Items((), Unknown(Why.COMPUTED, at, f"{text}: how many there are"))
        case Known():
            return Items((value,))


def _may_be_many(reference: Reference) -> bool:
    """Say whether this is a block of unknown keys, or an attribute that may be a list."""
    if reference.attribute:
        return not names_a_string(reference)
    return reference.address.endswith("[*]")


def grouped(
    expr: ast.For, made: Sequence[tuple[Value[Any] | None, Value[Any]]], rest: Unknown | None, at: CodeOrigin
) -> Value[Any]:
    """Put the members of a `for` together: a list, a map, or a map of lists (`...`)."""
    if expr.key is None:
        return Known(Items(tuple(value for _, value in made), rest), at)
    members: dict[str, Value[Any]] = {}
    repeated: str | None = None
    groups: dict[str, list[Value[Any]]] = {}
    for key, value in made:
        match key:
            case Known(content) if (name := scalar_text(content)) is not None:
                repeated = name if name in members else repeated
                members[name] = value
                groups.setdefault(name, []).append(value)
            case Invalid():
                return key
            case Unknown():
                rest = replace(key, one_of=())
            case Absent():
                return Invalid(Why.UNRESOLVED_INPUT, at, "a key of the map is null")
            case _:
                rest = Unknown(Why.COMPUTED, at, "a key of the map")
    if expr.grouping:
        members = {name: Known(Items(tuple(values), rest), at) for name, values in groups.items()}
    elif repeated is not None:
        return Invalid(Why.UNRESOLVED_INPUT, at, f"the key {repeated!r} stands twice")
    return Known(Record(members, rest), at)
