"""Functions on lists and sets. Where members may be missing, `rest` stays set and positions are not certain."""

from collections.abc import Callable, Sequence
from typing import Any

from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.code.functions import types
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Call,
    Function,
    answer,
    boolean,
    gap_of,
    integer,
    items_answer,
    listed,
    number,
    parts,
    refuse,
    sequence,
    text,
    unsupported,
)
from ssm_hardening.read.code.functions.strings import length_of_text

Args = Sequence[Value[Any]]


def length(call: Call, args: Args) -> Value[Any]:
    """Count the members of a collection, or the characters of a text."""
    match args[0]:
        case Known(Items(members, rest)) | Known(Record(members, rest)):
            return gap_of(rest) if rest is not None else Known(len(members), call.at)
        case Known(Reference() as reference):
            return Unknown(Why.COMPUTED, call.at, f"length({reference})")
        case _:
            return length_of_text(call, args[0])


def concat(call: Call, args: Args) -> Value[Any]:
    """Join lists; an unknown one leaves the members of the others known."""
    lists = [listed(call, arg) for arg in args]
    rest = next((each.rest for each in lists if each.rest is not None), None)
    return items_answer(call, [item for each in lists for item in each.items], rest)


def flatten(call: Call, args: Args) -> Value[Any]:
    """Replace lists within a list by their members, at any depth."""
    flat: list[Value[Any]] = []
    rest = _flatten(listed(call, args[0]), flat, call)
    return items_answer(call, flat, rest)


def _flatten(items: Items, flat: list[Value[Any]], call: Call) -> Unknown | None:
    rest = items.rest
    for item in items.items:
        inner: Unknown | None = None
        match item:
            case Known(Items() as nested):
                inner = _flatten(nested, flat, call)
            case Known(Reference() as reference):
                flat, inner = _maybe_list(flat, item, reference, call)
            case Unknown():
                inner = gap_of(item)
            case _:
                flat.append(item)
        rest = inner if rest is None else rest
    return rest


def _maybe_list(
    flat: list[Value[Any]], item: Value[Any], reference: Reference, call: Call
) -> tuple[list[Value[Any]], Unknown | None]:
    """Keep a reference that is certainly one text; another one may be a list."""
    from ssm_hardening.text.writing import names_a_string  # noqa: PLC0415

    if not names_a_string(reference):
        return flat, Unknown(Why.COMPUTED, call.at, str(reference))
    flat.append(item)
    return flat, None


def distinct(call: Call, args: Args) -> Value[Any]:
    """Leave repeated members out."""
    items = listed(call, args[0])
    kept = types.distinct(call, types.unify(call, items.items, items.rest))
    return Known(Items(kept.items, items.rest if items.rest is not None else kept.rest), call.at)


def compact(call: Call, args: Args) -> Value[Any]:
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
                kept.append(item if isinstance(item.value, str) else answer_text(call, item))
            case _:
                continue
    return items_answer(call, kept, rest)


def answer_text(call: Call, item: Known[Any]) -> Value[Any]:
    """Return a member of a list of strings as a string."""
    return Known(text(call, item), item.at) if isinstance(item.value, bool | int | float) else item


def contains(call: Call, args: Args) -> Value[Any]:
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


def _equal(call: Call, one: Value[Any], other: Value[Any]) -> bool | Unknown:
    from ssm_hardening.read.code.functions.arguments import NoAnswerError  # noqa: PLC0415

    try:
        return types.equal(call, one, other)
    except NoAnswerError as stop:
        return stop.value


def index(call: Call, args: Args) -> Value[Any]:
    """Return the place of a member."""
    for n, item in enumerate(sequence(call, args[0])):
        if types.equal(call, item, args[1]):
            return Known(n, call.at)
    return refuse(call, "item not found")


def element(call: Call, args: Args) -> Value[Any]:
    """Return a member, counting on from the start behind the end."""
    place, items = integer(call, args[1]), sequence(call, args[0])
    if not items:
        refuse(call, "an empty list")
    if place < 0:
        unsupported(call, "a negative index")
    return items[place % len(items)]


def cut(call: Call, args: Args) -> Value[Any]:
    """Return the members from one place up to another."""
    items, start, end = sequence(call, args[0]), integer(call, args[1]), integer(call, args[2])
    if not 0 <= start <= end <= len(items):
        refuse(call, "out of range")
    return items_answer(call, items[start:end])


def sort(call: Call, args: Args) -> Value[Any]:
    """Sort texts by their characters."""
    return answer(call, sorted(text(call, item) for item in sequence(call, args[0])))


def reverse(call: Call, args: Args) -> Value[Any]:
    """Reverse a list."""
    return items_answer(call, sequence(call, args[0])[::-1])


def count_up(call: Call, args: Args) -> Value[Any]:
    """Return the numbers from a start up to a limit."""
    numbers = [number(call, arg) for arg in args]
    start, limit = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 else (1 if limit >= start else -1)  # noqa: PLR2004 (an optional third)
    if not all(isinstance(each, int) for each in (start, limit, step)):
        unsupported(call, "fractions")
    if not step or (limit - start) * step < 0:
        refuse(call, "the step leads away from the limit")
    if abs(limit - start) / abs(step) > MAX_ITEMS:
        unsupported(call, "too large")
    return answer(call, list(range(int(start), int(limit), int(step))))


def chunks(call: Call, args: Args) -> Value[Any]:
    """Cut a list into lists of one size."""
    items, size = sequence(call, args[0]), integer(call, args[1])
    if size < 0:
        refuse(call, "a negative size")
    size = size or max(len(items), 1)
    return items_answer(call, [items_answer(call, items[n : n + size]) for n in range(0, len(items), size)])


def one(call: Call, args: Args) -> Value[Any]:
    """Return the only member, or null."""
    items = sequence(call, args[0])
    if len(items) > 1:
        refuse(call, "more than one member")
    return items[0] if items else Absent(call.at)


def coalesce_list(call: Call, args: Args) -> Value[Any]:
    """Return the first list that has members."""
    for arg in args:
        match arg:
            case Absent():
                unsupported(call, "a null list")
            case Known(Items((), None)):
                continue
            case Known(Items((), rest)) if rest is not None:
                return gap_of(rest)
            case _:
                listed(call, arg)
                return arg
    return refuse(call, "no list has members")


def _flags(wanted: bool) -> Callable[[Call, Args], Value[Any]]:  # noqa: FBT001 (private, and a value)
    """Return alltrue or anytrue: one member that differs from the result's default decides."""

    def run(call: Call, args: Args) -> Value[Any]:
        items = listed(call, args[0])
        gaps: list[Value[Any]] = [] if items.rest is None else [gap_of(items.rest)]
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
        return gaps[0] if gaps and isinstance(gaps[0], Unknown) else _flag(call, gaps, wanted)

    return run


def _flag(call: Call, gaps: Sequence[Value[Any]], wanted: bool) -> Value[Any]:  # noqa: FBT001 (as above)
    return types.give_up(call, *gaps) if gaps else Known(wanted, call.at)


FUNCTIONS: dict[str, Function] = {
    "alltrue": Function(_flags(True), 1, 1),
    "anytrue": Function(_flags(False), 1, 1),
    "chunklist": Function(chunks, 2, 2),
    "coalescelist": Function(coalesce_list, 1, None),
    "compact": Function(compact, 1, 1),
    "concat": Function(concat, 1, None),
    "contains": Function(contains, 2, 2),
    "distinct": Function(distinct, 1, 1),
    "element": Function(element, 2, 2),
    "flatten": Function(flatten, 1, 1),
    "index": Function(index, 2, 2),
    "length": Function(length, 1, 1),
    "one": Function(one, 1, 1),
    "range": Function(count_up, 1, 3),
    "reverse": Function(reverse, 1, 1),
    "slice": Function(cut, 3, 3),
    "sort": Function(sort, 1, 1),
}
