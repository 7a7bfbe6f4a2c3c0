"""Terraform's types as far as functions convert between them: one element type for a list, order within a set."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Encoded, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.code.functions.arguments import Call, NoAnswerError, computed, gap_of, refuse, unsupported
from ssm_hardening.read.code.values import SetItems
from ssm_hardening.text.writing import as_text, number_text, quoted, scalar_text

_NOWHERE = CodeOrigin("", 0)
_SCALARS = frozenset({"bool", "number", "string"})


def shape(value: Value[Any]) -> str:
    """Return the type as text, `any` where it is not known."""
    match value:
        case Known(bool()):
            return "bool"
        case Known(int() | float()):
            return "number"
        case Known(str() | Template() | Encoded()):
            return "string"
        case Known(Record(members, None)):
            return "{" + ",".join(f"{quoted(key)}:{shape(members[key])}" for key in sorted(members)) + "}"
        case Known(Items(items, None)):
            inner = sorted({shape(item) for item in items} - {"any"})
            return f"[{','.join(inner)}]"
        case _:
            return "any"


def unify(call: Call, items: Sequence[Value[Any]], rest: Unknown | None = None) -> tuple[Value[Any], ...]:
    """Return the members converted to one type, as in a list; `rest` where there may be more of any type."""
    if len(items) > 1 or rest is not None:
        items = [_loosened(item) for item in items]
    shapes = {shape(item) for item in items if not isinstance(item, Absent)}
    shapes |= set() if rest is None else {"any"}
    certain = shapes - {"any"}
    if shapes <= {"string", "any"} or len(shapes) == 1:
        return tuple(items)
    if "string" in certain and certain <= _SCALARS:
        return tuple(_as_string(item) for item in items)
    if len(certain) == 1 and certain <= _SCALARS:
        return tuple(_number_or_string(call, item) for item in items)
    if certain <= _SCALARS:
        refuse(call, "members have no common type")
    return tuple(items) if _alike(items) else unsupported(call, "members of different types")


def _loosened(item: Value[Any]) -> Value[Any]:
    """Add the texts that undecided scalars become beside a text."""
    match item:
        case Unknown(one_of=choices) if choices:
            texts = (_as_string(choice) for choice in choices)
            more = (text for text, choice in zip(texts, choices, strict=True) if text is not choice)
            return replace(item, one_of=(*choices, *more))
        case _:
            return item


def _number_or_string(call: Call, item: Value[Any]) -> Value[Any]:
    """Leave open whether a scalar stays one beside a member that may turn out to be a string."""
    if isinstance(item, Known) and not isinstance(item.value, Reference):
        return Unknown(Why.UNRESOLVED_INPUT, item.at, call.text, (item, _as_string(item)))
    return item


def _alike(items: Sequence[Value[Any]]) -> bool:
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


def _as_string(item: Value[Any]) -> Value[Any]:
    if isinstance(item, Known) and isinstance(item.value, bool | int | float):
        return Known(scalar_text(item.value), item.at)
    return item


def is_literal(value: Value[Any]) -> bool:
    """Tell whether the value is known down to its last member."""
    return _all_known(value, lambda inner: not isinstance(inner, Reference | Template))


def is_fixed(value: Value[Any]) -> bool:
    """Tell whether two values written like this one are equal: literals and references to single objects."""
    return _all_known(value, _is_fixed_text)


def _is_fixed_text(inner: object) -> bool:
    parts = inner.parts if isinstance(inner, Template) else (inner,)
    return not any(
        isinstance(part, Unknown) or (isinstance(part, Reference) and "[*]" in part.address) for part in parts
    )


def _all_known(value: Value[Any], accepts: Callable[[object], bool]) -> bool:
    match as_text(value):
        case Known(Record(members, rest)):
            return rest is None and all(_all_known(member, accepts) for member in members.values())
        case Known(Items(items, rest)):
            return rest is None and all(_all_known(item, accepts) for item in items)
        case Known(inner):
            return accepts(inner)
        case Absent():
            return True
        case Unknown():
            return False


def identity(value: Value[Any]) -> str:
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


def marked(value: Value[Any]) -> str:
    """Return `identity` with the type, so that values of different types differ."""
    return f"{shape(value)} {identity(value)}"


def give_up(call: Call, *values: Value[Any]) -> NoReturn:
    """Say that the result hangs on what one of the values will be."""
    for value in values:
        if isinstance(value, Unknown):
            raise NoAnswerError(gap_of(value))
    computed(call)


def equal(call: Call, one: Value[Any], other: Value[Any]) -> bool:
    """Tell whether two values are equal, where that is certain."""
    if is_fixed(one) and marked(one) == marked(other):
        return True
    if is_literal(one) and is_literal(other):
        return False
    give_up(call, one, other)


def distinct(call: Call, items: Sequence[Value[Any]]) -> Items:
    """Return the members without repetition, in order.

    Where members are not literal, some may turn out equal: `rest` is set, and only membership is certain.
    """
    kept: dict[str, Value[Any]] = {}
    for item in items:
        kept.setdefault(marked(item), item)
    certain = all(is_literal(item) for item in items) or (len(kept) == 1 and is_fixed(items[0]))
    if certain or len(items) == 1:
        return Items(tuple(kept.values()))
    return Items(tuple(items), Unknown(Why.COMPUTED, call.at, call.text))


def as_set(call: Call, items: Sequence[Value[Any]], rest: Unknown | None = None) -> SetItems:
    """Return the members as a set keeps them: once each, in its order; `rest` where there may be more of any type."""
    kept = distinct(call, unify(call, items, rest))
    if rest is not None:
        return SetItems(kept.items, rest)
    items = kept.items if kept.rest is not None else tuple(sorted(kept.items, key=_set_order))
    return SetItems(items, kept.rest)


def _set_order(item: Value[Any]) -> tuple[bool, float, str]:
    match as_text(item):
        case Known(bool() as flag):
            return (False, float(flag), "")
        case Known(int() | float() as number):
            return (False, number, "")
        case Known(str() as text):
            return (False, 0, text)
        case _:
            return (isinstance(item, Absent), 0, identity(item))
