"""Conversions between types."""

from collections.abc import Sequence
from typing import Any

from ssm_hardening.core.values import Absent, Known, Record, Reference, Unknown, Value
from ssm_hardening.read.code.functions import types
from ssm_hardening.read.code.functions.arguments import (
    Call,
    Function,
    boolean,
    items_answer,
    listed,
    mapping,
    number,
    parts,
    text_answer,
)

Args = Sequence[Value[Any]]


def to_string(call: Call, args: Args) -> Value[Any]:
    """Return a scalar as a string; texts stay as they are."""
    match args[0]:
        case Absent() | Unknown():
            return args[0]
        case Known(bool() | int() | float()):
            return text_answer(call, parts(call, args[0]))
        case Known():
            parts(call, args[0])
            return args[0]


def to_number(call: Call, args: Args) -> Value[Any]:
    """Return a number; a reference stays one."""
    match args[0]:
        case Absent() | Known(Reference()):
            return args[0]
        case _:
            return Known(number(call, args[0]), call.at)


def to_bool(call: Call, args: Args) -> Value[Any]:
    """Return a boolean; a reference stays one."""
    match args[0]:
        case Absent() | Known(Reference()):
            return args[0]
        case _:
            return Known(boolean(call, args[0]), call.at)


def to_list(call: Call, args: Args) -> Value[Any]:
    """Return a list of one type; a reference to a list stays one."""
    match args[0]:
        case Absent() | Known(Reference()):
            return args[0]
        case _:
            items = listed(call, args[0])
            return items_answer(call, types.unify(call, items.items, items.rest), items.rest)


def to_set(call: Call, args: Args) -> Value[Any]:
    """Return the members as a set: once each, in a set's order."""
    match args[0]:
        case Absent() | Known(Reference()):
            return args[0]
        case _:
            items = listed(call, args[0])
            return Known(types.as_set(call, items.items, items.rest), call.at)


def to_map(call: Call, args: Args) -> Value[Any]:
    """Return a map whose members have one type."""
    match args[0]:
        case Absent() | Known(Reference()):
            return args[0]
        case _:
            record = mapping(call, args[0])
            unified = types.unify(call, tuple(record.members.values()), record.rest)
            return Known(Record(dict(zip(record.members, unified, strict=True)), record.rest), call.at)


def legacy_list(call: Call, args: Args) -> Value[Any]:
    """Return the list that 0.11's `list("a", "b")` writes."""
    return items_answer(call, types.unify(call, args))


def same(call: Call, args: Args) -> Value[Any]:
    """Return the argument: marking a value as sensitive does not change it."""
    del call
    return args[0]


FUNCTIONS: dict[str, Function] = {
    "ephemeralasnull": Function(same, 1, 1),
    "list": Function(legacy_list, 0, None),
    "nonsensitive": Function(same, 1, 1),
    "sensitive": Function(same, 1, 1),
    "tobool": Function(to_bool, 1, 1),
    "tolist": Function(to_list, 1, 1),
    "tomap": Function(to_map, 1, 1),
    "tonumber": Function(to_number, 1, 1),
    "toset": Function(to_set, 1, 1),
    "tostring": Function(to_string, 1, 1),
}
