"""Terraform's types: one element type for a list, order within a set, and the functions that convert between them."""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Encoded,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.read.code.functions.arguments import (
    Function,
    FunctionCall,
    NoAnswerError,
    boolean,
    computed,
    gap_of,
    items_answer,
    listed,
    mapping,
    number,
    parts,
    refuse,
    text_answer,
    unsupported,
)
from ssm_hardening.read.code.values import SetItems, Values, is_fixed, is_literal
from ssm_hardening.text.writing import as_string, as_text, number_text, quoted

_NOWHERE = CodeOrigin("", 0)
_SCALARS = frozenset({"bool", "number", "string"})


def shape(value: Value[Datum]) -> str:
    """Return the type as text, `any` where it is not known."""
    match known_or(value, None):
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str() | Template() | Encoded():
            return "string"
        case Record(members, None):
            return "{" + ",".join(f"{quoted(key)}:{shape(members[key])}" for key in sorted(members)) + "}"
        case Items(items, None):
            inner = sorted({shape(item) for item in items} - {"any"})
            return f"[{','.join(inner)}]"
        case _:
            return "any"


def unify(call: FunctionCall, items: Values, rest: Unknown | None = None) -> tuple[Value[Datum], ...]:
    """Return the members converted to one type, as in a list; `rest` where there may be more of any type."""
    if len(items) > 1 or rest is not None:
        items = [_loosened(item) for item in items]
    shapes = {shape(item) for item in items if not isinstance(item, Absent)}
    shapes |= set() if rest is None else {"any"}
    certain = shapes - {"any"}
    if shapes <= {"string", "any"} or len(shapes) == 1:
        return tuple(items)
    if "string" in certain and certain <= _SCALARS:
        return tuple(as_string(item) for item in items)
    if len(certain) == 1 and certain <= _SCALARS:
        return tuple(_number_or_string(call, item) for item in items)
    if certain <= _SCALARS:
        refuse(call, "the elements have no common type")
    return tuple(items) if _alike(items) else unsupported(call, "the elements have different types")


def _loosened(item: Value[Datum]) -> Value[Datum]:
    """Add the texts that undecided scalars become beside a text."""
    if not isinstance(item, Unknown) or not item.one_of:
        return item
    texts = (as_string(choice) for choice in item.one_of)
    more = (text for text, choice in zip(texts, item.one_of, strict=True) if text is not choice)
    return replace(item, one_of=(*item.one_of, *more))


def _number_or_string(call: FunctionCall, item: Value[Datum]) -> Value[Datum]:
    """Leave open whether a scalar stays one beside a member that may turn out to be a string."""
    if isinstance(item, Known) and not isinstance(item.value, Reference):
        return Unknown(Why.UNRESOLVED_INPUT, item.at, call.text, (item, as_string(item)))
    return item


def _alike(items: Values) -> bool:
    """Tell whether the members have one type, as far as their types are known."""
    certain = [item.value for item in items if isinstance(item, Known) and shape(item) != "any"]
    records = [each.members for each in certain if isinstance(each, Record)]
    lists = [each.items for each in certain if isinstance(each, Items)]
    if records and len(records) == len(certain):
        return len({tuple(sorted(each)) for each in records}) == 1 and all(
            _alike([each[key] for each in records]) for key in records[0]
        )
    if lists and len(lists) == len(certain):
        return _alike([item for each in lists for item in each])
    return len({shape(Known(each, _NOWHERE)) for each in certain}) <= 1


def identity(value: Value[Datum]) -> str:
    """Return a text that is equal for equal values of one shape; it sorts as the members of a set do."""
    match as_text(value):
        case Known(bool() as flag):
            return "T" if flag else "F"
        case Known(int() | float() as number):
            return number_text(number)
        case Known(str() as text):
            return quoted(text)
        case Known(Record(members)):
            return "<" + "".join(identity(members[key]) + ";" for key in sorted(members)) + ">"
        case Known(Items(items)):
            return "[" + "".join(identity(item) + ";" for item in items) + "]"
        case Known(inner):
            return repr(inner)
        case Absent():
            return "~"
        case Unknown() as gap:
            return repr(gap)


def typed_identity(value: Value[Datum]) -> str:
    """Return `identity` with the type, so that values of different types differ."""
    return f"{shape(value)} {identity(value)}"


def give_up(call: FunctionCall, *values: Value[Datum]) -> NoReturn:
    """Say that the result hangs on what one of the values will be."""
    for value in values:
        if isinstance(value, Unknown):
            raise NoAnswerError(gap_of(value))
    computed(call)


def equal(call: FunctionCall, one: Value[Datum], other: Value[Datum]) -> bool:
    """Tell whether two values are equal, where that is certain."""
    if isinstance(one, Known) and isinstance(other, Known) and type(one.value) is type(other.value) is str:
        return bool(one.value == other.value)
    if is_fixed(one) and typed_identity(one) == typed_identity(other):
        return True
    if is_literal(one) and is_literal(other):
        return False
    give_up(call, one, other)


def distinct(call: FunctionCall, items: Values) -> Items:
    """Return the members without repetition, in order.

    Where members are not literal, some may turn out equal: `rest` is set, and only membership is certain.
    """
    kept: dict[str, Value[Datum]] = {}
    for item in items:
        kept.setdefault(typed_identity(item), item)
    certain = all(is_literal(item) for item in items) or (len(kept) == 1 and is_fixed(items[0]))
    if certain or len(items) == 1:
        return Items(tuple(kept.values()))
    return Items(tuple(items), Unknown(Why.COMPUTED, call.at, call.text))


def as_set(call: FunctionCall, items: Values, rest: Unknown | None = None) -> SetItems:
    """Return the members as a set keeps them: once each, in its order; `rest` where there may be more of any type."""
    kept = distinct(call, unify(call, items, rest))
    if rest is not None:
        return SetItems(kept.items, rest)
    items = kept.items if kept.rest is not None else tuple(sorted(kept.items, key=_set_order))
    return SetItems(items, kept.rest)


def _set_order(item: Value[Datum]) -> tuple[bool, float, str]:
    match known_or(as_text(item), None):
        case bool() | int() | float() as number:
            return (False, number, "")
        case str() as text:
            return (False, 0, text)
        case _:
            return (isinstance(item, Absent), 0, identity(item))


# Functions


def _conversion(convert: Callable[[FunctionCall, Value[Datum]], Value[Datum]]) -> Function:
    """Return a function of one argument that leaves null, and what only a reference tells, as they are."""

    def run(call: FunctionCall, args: Values) -> Value[Datum]:
        is_left = isinstance(args[0], Absent) or isinstance(known_or(args[0], None), Reference)
        return args[0] if is_left else convert(call, args[0])

    return Function(run, 1, 1)


def _to_string(call: FunctionCall, value: Value[Datum]) -> Value[Datum]:
    """Return a scalar as a string; texts stay as they are."""
    if isinstance(value, Unknown):
        return value
    found = parts(call, value)
    return text_answer(call, found) if isinstance(known_or(value, None), bool | int | float) else value


def _to_number(call: FunctionCall, value: Value[Datum]) -> Value[Datum]:
    return Known(number(call, value), call.at)


def _to_bool(call: FunctionCall, value: Value[Datum]) -> Value[Datum]:
    return Known(boolean(call, value), call.at)


def _to_list(call: FunctionCall, value: Value[Datum]) -> Value[Datum]:
    items = listed(call, value)
    return items_answer(call, unify(call, items.items, items.rest), items.rest)


def _to_set(call: FunctionCall, value: Value[Datum]) -> Value[Datum]:
    """Return the members as a set: once each, in a set's order."""
    items = listed(call, value)
    return Known(as_set(call, items.items, items.rest), call.at)


def _to_map(call: FunctionCall, value: Value[Datum]) -> Value[Datum]:
    """Return a map whose members have one type."""
    record = mapping(call, value)
    unified = unify(call, tuple(record.members.values()), record.rest)
    return Known(Record(dict(zip(record.members, unified, strict=True)), record.rest), call.at)


def legacy_list(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the list that 0.11's `list("a", "b")` writes."""
    return items_answer(call, unify(call, args))


def same(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the argument: marking a value as sensitive does not change it."""
    del call
    return args[0]


FUNCTIONS: dict[str, Function] = {
    "ephemeralasnull": Function(same, 1, 1),
    "list": Function(legacy_list, 0, None),
    "nonsensitive": Function(same, 1, 1),
    "sensitive": Function(same, 1, 1),
    "tobool": _conversion(_to_bool),
    "tolist": _conversion(_to_list),
    "tomap": _conversion(_to_map),
    "tonumber": _conversion(_to_number),
    "toset": _conversion(_to_set),
    "tostring": _conversion(_to_string),
}
