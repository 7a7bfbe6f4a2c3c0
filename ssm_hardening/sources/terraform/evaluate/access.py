"""Attributes and indexes of values."""

from dataclasses import replace
from typing import Any

from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.encoded import Encoded
from ssm_hardening.sources.terraform.evaluate.alternatives import MOST
from ssm_hardening.sources.terraform.evaluate.scope import Resolver
from ssm_hardening.sources.terraform.invalid import Invalid
from ssm_hardening.sources.terraform.texts import number_text
from ssm_hardening.sources.terraform.unordered import SetItems
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why

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
