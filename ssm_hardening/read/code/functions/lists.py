"""Functions on lists and sets. Where members may be missing, `rest` stays set and positions are not certain."""

import itertools
import math
from collections.abc import Callable

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.code.functions import types
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Function,
    FunctionCall,
    NoAnswerError,
    answer,
    boolean,
    gap_of,
    integer,
    items_answer,
    listed,
    parts,
    refuse,
    sequence,
    text,
    unsupported,
)
from ssm_hardening.read.code.functions.strings import length_of_text
from ssm_hardening.read.code.values import SetItems, Values, is_fixed, is_literal
from ssm_hardening.text.writing import as_string, names_a_string


def length(call: FunctionCall, args: Values) -> Value[Datum]:
    """Count the members of a collection, or the characters of a text."""
    match known_or(args[0], None):
        case Items(members, rest) | Record(members, rest):
            return gap_of(rest) if rest is not None else Known(len(members), call.at)
        case Reference() as reference:
            return Unknown(Why.COMPUTED, call.at, f"length({reference})")
        case bool() | int() | float():
            return refuse(call, "expected a collection or a string")
        case _:
            return length_of_text(call, args[0])


def concat(call: FunctionCall, args: Values) -> Value[Datum]:
    """Join lists; an unknown one leaves the members of the others known."""
    lists = [listed(call, arg) for arg in args]
    rest = next((each.rest for each in lists if each.rest is not None), None)
    return items_answer(call, [item for each in lists for item in each.items], rest)


def flatten(call: FunctionCall, args: Values) -> Value[Datum]:
    """Replace lists within a list by their members, at any depth."""
    flat: list[Value[Datum]] = []
    rest = _flatten(listed(call, args[0]), flat, call)
    return items_answer(call, flat, rest)


def _flatten(items: Items, flat: list[Value[Datum]], call: FunctionCall) -> Unknown | None:
    rest = items.rest
    for item in items.items:
        inner: Unknown | None = None
        match item:
            case Known(Items() as nested):
                inner = _flatten(nested, flat, call)
            case Known(Reference() as reference):
                # What is certainly one text is a member; another one may be a list.
                if names_a_string(reference):
                    flat.append(item)
                else:
                    inner = Unknown(Why.COMPUTED, call.at, str(reference))
            case Unknown():
                inner = gap_of(item)
            case _:
                flat.append(item)
        rest = inner if rest is None else rest
    return rest


def distinct(call: FunctionCall, args: Values) -> Value[Datum]:
    """Leave repeated members out."""
    items = listed(call, args[0])
    kept = types.distinct(call, types.unify(call, items.items, items.rest))
    return Known(Items(kept.items, items.rest if items.rest is not None else kept.rest), call.at)


def compact(call: FunctionCall, args: Values) -> Value[Datum]:
    """Leave empty and null texts out; an unknown text may be empty."""
    items = listed(call, args[0])
    rest, kept = items.rest, []
    for item in items.items:
        match item:
            case Unknown():
                rest = gap_of(item)
            case Known(Template(holes)) if all(isinstance(hole, Unknown) for hole in holes):
                rest = next(gap_of(hole) for hole in holes if isinstance(hole, Unknown))
            case Known() if parts(call, item):
                kept.append(as_string(item))
            case _:
                continue
    return items_answer(call, kept, rest)


def contains(call: FunctionCall, args: Values) -> Value[Datum]:
    """Tell whether a list has a member."""
    items = listed(call, args[0])
    found: list[Unknown] = [] if items.rest is None else [gap_of(items.rest)]
    for item in items.items:
        match _equal(call, item, args[1]):
            case True:
                return Known(True, call.at)
            case Unknown() as gap:
                found.append(gap)
            case False:
                continue
    return found[0] if found else Known(False, call.at)


def _equal(call: FunctionCall, one: Value[Datum], other: Value[Datum]) -> bool | Unknown:
    try:
        return types.equal(call, one, other)
    except NoAnswerError as stop:
        return stop.value


def index(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the place of a member."""
    for n, item in enumerate(sequence(call, args[0])):
        if types.equal(call, item, args[1]):
            return Known(n, call.at)
    return refuse(call, "the item was not found")


def element(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return a member, counting on from the start behind the end."""
    place, items = integer(call, args[1]), sequence(call, args[0])
    if not items:
        refuse(call, "the list is empty")
    if place < 0:
        unsupported(call, "negative indexes are not supported")
    return items[place % len(items)]


def cut(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the members from one place up to another."""
    items, start, end = sequence(call, args[0]), integer(call, args[1]), integer(call, args[2])
    if not 0 <= start <= end <= len(items):
        refuse(call, "the index is out of range")
    return items_answer(call, items[start:end])


def reverse(call: FunctionCall, args: Values) -> Value[Datum]:
    """Reverse a list."""
    items = listed(call, args[0])
    return items_answer(call, items.items[::-1], items.rest)


def sort(call: FunctionCall, args: Values) -> Value[Datum]:
    """Sort texts; where one is not known, neither is the place of any, but each is a member."""
    items = listed(call, args[0])
    gap = (
        items.rest
        if items.rest is not None
        else next((_unsorted(call, item) for item in items.items if not is_literal(item)), None)
    )
    if gap is not None:
        return Known(Items(tuple(as_string(item) for item in items.items), gap), call.at)
    return answer(call, sorted(text(call, item) for item in items.items))


def _unsorted(call: FunctionCall, item: Value[Datum]) -> Unknown:
    return gap_of(item) if isinstance(item, Unknown) else Unknown(Why.COMPUTED, call.at, call.text)


def chunks(call: FunctionCall, args: Values) -> Value[Datum]:
    """Cut a list into lists of one size."""
    items, size = sequence(call, args[0]), integer(call, args[1])
    if size < 0:
        refuse(call, "the size is negative")
    size = size or max(len(items), 1)
    return items_answer(call, [items_answer(call, items[n : n + size]) for n in range(0, len(items), size)])


def one(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the only member, or null."""
    items = sequence(call, args[0])
    if len(items) > 1:
        refuse(call, "the list has more than one element")
    return items[0] if items else Absent(call.at)


def _flags(*, wanted: bool) -> Function:
    """Return alltrue or anytrue: one member that differs from the result's default decides."""

    def run(call: FunctionCall, args: Values) -> Value[Datum]:
        items = listed(call, args[0])
        gaps: list[Value[Datum]] = [] if items.rest is None else [gap_of(items.rest)]
        for item in items.items:
            match item:
                case Known(bool() | str()) if boolean(call, item) is not wanted:
                    return Known(not wanted, call.at)
                case Absent() if wanted:
                    return Known(False, call.at)
                case Known(bool() | str()) | Absent():
                    continue
                case _:
                    gaps.append(item)
        if not gaps:
            return Known(wanted, call.at)
        return gaps[0] if isinstance(gaps[0], Unknown) else types.give_up(call, *gaps)

    return Function(run, 1, 1)


# Sets


def set_product(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return all combinations of members."""
    lists = [sequence(call, arg) for arg in args]
    if math.prod(len(each) for each in lists) > MAX_ITEMS:
        unsupported(call, "the result is too large")
    unified = [types.unify(call, each) for each in lists]
    product = items_answer(call, [items_answer(call, row) for row in itertools.product(*unified)])
    if all(isinstance(known_or(arg, None), SetItems) for arg in args):
        return Known(types.as_set(call, product.value.items), call.at)
    return product


def set_union(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the members of any set; those of unknown sets are missing."""
    sets = [listed(call, arg) for arg in args]
    rest = next((each.rest for each in sets if each.rest is not None), None)
    return Known(types.as_set(call, [item for each in sets for item in each.items], rest), call.at)


def _combined(keep: Callable[[bool, bool], bool]) -> Callable[[FunctionCall, Values], Value[Datum]]:
    """Return a function that keeps members by whether they are in the first and in the second set."""

    def run(call: FunctionCall, args: Values) -> Value[Datum]:
        result = sequence(call, args[0])
        for arg in args[1:]:
            other = sequence(call, arg)
            both = types.unify(call, (*result, *other))
            one, two = both[: len(result)], both[len(result) :]
            result = tuple(item for item in both if keep(_among(call, item, one), _among(call, item, two)))
        return Known(types.as_set(call, result), call.at)

    return run


def _among(call: FunctionCall, item: Value[Datum], members: Values) -> bool:
    mark = types.typed_identity(item)
    if is_fixed(item) and any(types.typed_identity(other) == mark for other in members):
        return True
    return any(types.equal(call, item, other) for other in members)


def match_keys(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the values whose keys are wanted."""
    values, keys, wanted = (sequence(call, arg) for arg in args)
    if len(values) != len(keys):
        refuse(call, "the lists have different lengths")
    both = types.unify(call, (*keys, *wanted))
    keys, wanted = both[: len(keys)], both[len(keys) :]
    kept = [value for value, key in zip(values, keys, strict=True) if _among(call, key, wanted)]
    return items_answer(call, kept)


FUNCTIONS: dict[str, Function] = {
    "alltrue": _flags(wanted=True),
    "anytrue": _flags(wanted=False),
    "chunklist": Function(chunks, 2, 2),
    "compact": Function(compact, 1, 1),
    "concat": Function(concat, 1, None),
    "contains": Function(contains, 2, 2),
    "distinct": Function(distinct, 1, 1),
    "element": Function(element, 2, 2),
    "flatten": Function(flatten, 1, 1),
    "index": Function(index, 2, 2),
    "length": Function(length, 1, 1),
    "matchkeys": Function(match_keys, 3, 3),
    "one": Function(one, 1, 1),
    "reverse": Function(reverse, 1, 1),
    "setintersection": Function(_combined(lambda first, second: first and second), 1, None),
    "setproduct": Function(set_product, 2, None),
    "setsubtract": Function(_combined(lambda first, second: first and not second), 2, 2),
    "setunion": Function(set_union, 1, None),
    "slice": Function(cut, 3, 3),
    "sort": Function(sort, 1, 1),
}
