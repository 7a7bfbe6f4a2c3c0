"""Functions on maps and objects, and the choices among values."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

from ssm_hardening.core.logic import certainly, known_or
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.code.functions import types
from ssm_hardening.read.code.functions.arguments import (
    Function,
    FunctionCall,
    answer,
    computed,
    gap_of,
    items_answer,
    listed,
    mapping,
    refuse,
    sequence,
    text,
    unsupported,
)
from ssm_hardening.read.code.values import Values, is_fixed, is_invalid, same
from ssm_hardening.text.reading import names_spelled
from ssm_hardening.text.writing import as_string, as_text, parts_of

_MAX_CHOICES = 8


def merge(call: FunctionCall, args: Values) -> Value[Datum]:
    """Merge maps; the last one that has a key decides.

    An unknown map may overwrite what stands before it and may add keys; what follows it stays known.
    """
    maps = [arg for arg in args if not isinstance(arg, Absent)]
    choices = [_candidates(arg) for arg in maps]
    if math.prod(len(each) for each in choices) > _MAX_CHOICES:
        choices = [(arg,) for arg in maps]
    merged = [_merge(call, row) for row in itertools.product(*choices)]
    return Known(merged[0] if len(merged) == 1 else _common(call, merged), call.at)


def _candidates(arg: Value[Datum]) -> tuple[Value[Datum], ...]:
    """Return what an argument may be, as far as all of it is known."""
    if isinstance(arg, Unknown) and arg.one_of and all(_is_map(each) for each in arg.one_of):
        return arg.one_of
    return (arg,)


def _is_map(value: Value[Datum]) -> bool:
    return certainly(value, lambda content: isinstance(content, Record), absent=True)


def _merge(call: FunctionCall, maps: Values) -> Record:
    members: dict[str, Value[Datum]] = {}
    rest: Unknown | None = None
    for each in maps:
        record = _map_or_gap(call, each)
        if record.rest is not None:
            gap = rest = gap_of(record.rest)
            members = dict.fromkeys(members, gap)
        members |= record.members
    return Record(members, rest)


def _map_or_gap(call: FunctionCall, value: Value[Datum]) -> Record:
    match value:
        case Absent():
            return Record({})
        case Unknown():
            return Record({}, gap_of(value))
        case Known(Reference() as reference):
            return Record({}, Unknown(Why.COMPUTED, call.at, str(reference)))
        case _:
            return mapping(call, value)


def _common(call: FunctionCall, records: Sequence[Record]) -> Record:
    """Return what several possible maps have in common, member by member."""
    keys = list(dict.fromkeys(key for record in records for key in record.members))
    rest = next((record.rest for record in records if record.rest is not None), None)
    if rest is None and any(len(record.members) != len(keys) for record in records):
        rest = Unknown(Why.UNRESOLVED_INPUT, call.at, call.text)
    return Record({key: _agreed(call, key, records) for key in keys}, rest)


def _agreed(call: FunctionCall, key: str, records: Sequence[Record]) -> Value[Datum]:
    found = [record.get(key, call.at) for record in records]
    first = found[0]
    if is_fixed(first) and all(types.typed_identity(each) == types.typed_identity(first) for each in found):
        return first
    if all(each is first for each in found):
        return first
    return Unknown(Why.UNRESOLVED_INPUT, call.at, call.text, tuple(found))


def lookup(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return a member, or the default."""
    record, name = mapping(call, args[0]), known_or(as_string(as_text(args[1])), None)
    default = next(iter(args[2:]), None)
    if default is None and isinstance(name, Reference | Template):
        computed(call)
    if not isinstance(name, str) and not isinstance(args[1], Absent):
        return one_of_members(record, args[1], *(() if default is None else (default,)))
    key = text(call, args[1])
    found = record.members.get(key)
    if found is not None:
        return found if record.rest is None else _maybe_missing(found, default)
    if record.rest is not None:
        return gap_of(record.rest)
    return refuse(call, f"there is no element with the key {key!r}") if default is None else default


def _maybe_missing(found: Value[Datum], default: Value[Datum] | None) -> Value[Datum]:
    """Add the default to the candidates of a member that may not be there."""
    if not isinstance(found, Unknown) or not any(isinstance(each, Absent) for each in found.one_of):
        return found
    more = () if default is None else (default,)
    return Unknown(found.why, found.at, found.detail, (*found.one_of, *more))


def one_of_members(record: Record, key: Value[Datum], *default: Value[Datum]) -> Value[Datum]:
    """Return the member under a key that is not known in full: one of those that it may spell, or the default."""
    parts = parts_of(key.value) if isinstance(key, Known) else ()
    names = names_spelled(record.members, parts) if parts else list(record.members)
    gap = next((part for part in parts or () if isinstance(part, Unknown)), key)
    why = gap if isinstance(gap, Unknown) else Unknown(Why.COMPUTED, key.at, str(known_or(key, "")))
    found = (*(record.members[name] for name in names), *default)
    if found and record.rest is None and all(same(each, found[0]) for each in found):
        return found[0]
    return replace(why, one_of=found if record.rest is None and len(found) <= _MAX_CHOICES else ())


def keys(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the keys in order."""
    record = mapping(call, args[0])
    return items_answer(call, [Known(key, call.at) for key in sorted(record.members)], record.rest)


def values(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the members in the order of their keys."""
    record = mapping(call, args[0])
    return items_answer(call, [record.members[key] for key in sorted(record.members)], record.rest)


def _whole(call: FunctionCall, value: Value[Datum]) -> Record:
    record = mapping(call, value)
    return types.give_up(call, record.rest) if record.rest is not None else record


def zip_map(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return a map of keys to values."""
    names, members = [text(call, key) for key in sequence(call, args[0])], sequence(call, args[1])
    if len(names) != len(members):
        refuse(call, "the lists have different lengths")
    return Known(Record(dict(zip(names, members, strict=True))), call.at)


def transpose(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the map of members to the keys under which they stand."""
    record = _whole(call, args[0])
    turned: dict[str, list[str]] = {}
    for key in sorted(record.members):
        for member in sequence(call, record.members[key]):
            turned.setdefault(text(call, member), []).append(key)
    return answer(call, turned)


def coalesce(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the first argument that is neither null nor empty."""
    unified = types.unify(call, args)
    candidates: list[Value[Datum]] = []
    for arg in unified:
        match arg:
            case Absent() | Known(""):
                continue
            case Known(Template(parts)) if all(isinstance(part, Unknown) for part in parts):
                candidates.append(next(part for part in parts if isinstance(part, Unknown)))
            case Unknown():
                candidates.append(arg)
            case Known():
                return _first([*candidates, arg])
    return _first(candidates) if candidates else refuse(call, "all arguments are null or empty")


def coalesce_list(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the first list that has members."""
    for arg in args:
        match arg:
            case Absent():
                unsupported(call, "null lists are not supported")
            case Known(Items((), None)):
                continue
            case Known(Items((), rest)) if rest is not None:
                return gap_of(rest)
            case _:
                listed(call, arg)
                return arg
    return refuse(call, "all lists are empty")


def _first(candidates: Values) -> Value[Datum]:
    """Return the only candidate, or an unknown that lists what it may be where all of that is known."""
    first = candidates[0]
    if not isinstance(first, Unknown):
        return first
    found: list[Value[Datum]] = []
    for each in candidates:
        if isinstance(each, Unknown) and not each.one_of:
            return gap_of(first)
        found += each.one_of if isinstance(each, Unknown) else (each,)
    return Unknown(first.why, first.at, first.detail, tuple(found))


def try_values(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the first argument that raises no error; the evaluator has evaluated them all."""
    candidates: list[Value[Datum]] = []
    for arg in args:
        if is_invalid(arg):
            continue
        candidates.append(arg)
        if not isinstance(arg, Unknown):
            break
    return _first(candidates) if candidates else refuse(call, "no expression succeeded")


def can_value(call: FunctionCall, args: Values) -> Value[Datum]:
    """Tell whether the argument raises no error; an unknown one may raise one later."""
    if is_invalid(args[0]):
        return Known(False, call.at)
    return gap_of(args[0]) if isinstance(args[0], Unknown) else Known(True, call.at)


def legacy_map(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the map that 0.11's `map("a", 1)` writes."""
    if len(args) % 2:
        refuse(call, "a key has no value")
    names = [text(call, key) for key in args[::2]]
    return Known(Record(dict(zip(names, args[1::2], strict=True))), call.at)


FUNCTIONS: dict[str, Function] = {
    "can": Function(can_value, 1, 1),
    "coalesce": Function(coalesce, 1, None),
    "coalescelist": Function(coalesce_list, 1, None),
    "keys": Function(keys, 1, 1),
    "lookup": Function(lookup, 2, 3),
    "map": Function(legacy_map, 0, None),
    "merge": Function(merge, 0, None),
    "transpose": Function(transpose, 1, 1),
    "try": Function(try_values, 1, None),
    "values": Function(values, 1, 1),
    "zipmap": Function(zip_map, 2, 2),
}
