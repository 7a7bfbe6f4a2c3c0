"""Attributes and indexes of values, and what walks collections: `for` and splats."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

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
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.read.code.evaluate.alternatives import MOST, lift
from ssm_hardening.read.code.evaluate.operators import to_bool
from ssm_hardening.read.code.evaluate.scope import Resolver, Scope
from ssm_hardening.read.code.evaluate.sensitivity import placed
from ssm_hardening.read.code.functions.arguments import MAX_ITEMS
from ssm_hardening.read.code.functions.maps import one_of_members
from ssm_hardening.read.code.values import Invalid, SetItems, Values
from ssm_hardening.text.writing import as_text, names_a_string, number_text, scalar_text

if TYPE_CHECKING:
    from ssm_hardening.read.code.evaluate.expressions import Evaluator

_MOST_DIGITS = 10


def member(value: Value[Datum], key: Value[Datum], resolver: Resolver, at: CodeOrigin, text: str) -> Value[Datum]:
    """Return `value.key` or `value[key]`; `text` is the whole expression, for what cannot be told."""
    match value:
        case Known(Record() as record):
            return _of_record(record, key, at, text)
        case Known(Items() as items):
            return _of_items(items, key, at, text)
        case Known(Reference() as reference):
            return _of_reference(reference, key, resolver, at, text)
        case Known(Template() | Encoded()):
            return Unknown(Why.COMPUTED, at, text)
        case Known():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: it has no elements")
        case Absent():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is no preceding element")
        case Invalid():
            return value
        case Unknown():
            return replace(value, detail=f"{text}: {value.detail}", one_of=())


def _of_record(record: Record, key: Value[Datum], at: CodeOrigin, text: str) -> Value[Datum]:
    name = known_or(key, None)
    if isinstance(key, Unknown) or isinstance(name, Template | Reference):
        return one_of_members(record, key)
    if isinstance(name, bool) or not isinstance(name, str | int | float):
        return Unknown(Why.COMPUTED, at, text)
    wanted = name if isinstance(name, str) else number_text(name)
    if wanted in record.members:
        return record.members[wanted]
    if record.rest is not None:
        return replace(record.rest, detail=f"{text}: {record.rest.detail}")
    return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is no element with the key {wanted!r}")


def _of_items(items: Items, key: Value[Datum], at: CodeOrigin, text: str) -> Value[Datum]:
    if isinstance(items, SetItems):
        return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: elements of a set cannot be accessed by index")
    position = _position(key)
    if position is None:
        if isinstance(key, Unknown):
            return _one_of_many(key, items.items, complete=items.rest is None)
        if isinstance(key, Known) and isinstance(key.value, str):
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: a list has no attributes")
        return Unknown(Why.COMPUTED, at, text)
    if 0 <= position < len(items.items) and items.rest is None:
        return items.items[position]
    if items.rest is not None:
        return replace(items.rest, detail=f"{text}: {items.rest.detail}")
    return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is no element with the index {position}")


def _position(key: Value[Datum]) -> int | None:
    match known_or(key, None):
        case bool():
            return None
        case int() as position:
            return position
        case str() as digits if digits.isdecimal() and len(digits) < _MOST_DIGITS:
            return int(digits)
        case _:
            return None


def _one_of_many(key: Unknown, candidates: Values, *, complete: bool) -> Value[Datum]:
    """Return one of the members: which one hangs on the key."""
    if complete and 1 <= len(candidates) <= MOST:
        return Unknown(key.why, key.at, key.detail, tuple(candidates))
    return Unknown(key.why, key.at, key.detail)


def _of_reference(
    reference: Reference, key: Value[Datum], resolver: Resolver, at: CodeOrigin, text: str
) -> Value[Datum]:
    if reference.attribute:
        return Unknown(Why.COMPUTED, at, text)
    match key:
        case Known(str() as name) if not name.isdecimal():
            return resolver.attribute(reference, name, at)
        case _:
            # `aws_x.y[0]` on a resource without count, or an index that only apply can tell.
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: there is only one object")


@dataclass(frozen=True, slots=True)
class Entries:
    """The keys and members of a collection, in Terraform's order; `rest` where there may be more."""

    pairs: tuple[tuple[Value[Datum], Value[Datum]], ...]
    rest: Unknown | None = None


def entries(collection: Value[Datum], at: CodeOrigin, text: str) -> Entries | Unknown:
    """Return what a `for` over the collection walks; `text` names it where it cannot be told."""
    match collection:
        case Known(Record(members, rest)):
            return Entries(tuple((_key(key, members[key]), members[key]) for key in sorted(members)), rest)
        case Known(SetItems(items, rest)):
            return Entries(tuple((item, item) for item in items), rest)
        case Known(Items(items, rest)):
            return Entries(tuple((_place(n, item, rest), item) for n, item in enumerate(items)), rest)
        case Known(Reference() | Template() | Encoded()):
            return Unknown(Why.COMPUTED, at, text)
        case Known():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text} is not a collection")
        case Absent():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text} is null")
        case Unknown():
            return collection


def _key(key: str | int, member: Value[Datum]) -> Known[Datum]:
    """Return a key, which stands where its member does; that the member is sensitive says nothing of it."""
    return Known(key, placed(member.at, sensitive=False))


def _place(number: int, item: Value[Datum], rest: Unknown | None) -> Value[Datum]:
    """Return a member's place; where there may be more members, it may stand anywhere."""
    return _key(number, item) if rest is None else Unknown(rest.why, rest.at, rest.detail)


def splat_items(value: Value[Datum], at: CodeOrigin, text: str) -> Items | Unknown:
    """Return the members a splat walks: a single value is a list of one, null a list of none."""
    match value:
        case Absent():
            return Items(())
        case Unknown():
            return value
        case Known(Items() as items):
            return items
        case Known(Reference() as reference) if _may_be_many(reference):
            return Items((), Unknown(Why.COMPUTED, at, f"the number of elements of {text}"))
        case Known():
            return Items((value,))


def _may_be_many(reference: Reference) -> bool:
    """Say whether this is a block of unknown keys, or an attribute that may be a list."""
    if reference.attribute:
        return not names_a_string(reference)
    return reference.address.endswith("[*]")


def grouped(
    expr: ast.For, made: Sequence[tuple[Value[Datum] | None, Value[Datum]]], rest: Unknown | None, at: CodeOrigin
) -> Value[Datum]:
    """Put the members of a `for` together: a list, a map, or a map of lists (`...`)."""
    if expr.key is None:
        return Known(Items(tuple(value for _, value in made), rest), at)
    members: dict[str, Value[Datum]] = {}
    repeated: str | None = None
    groups: dict[str, list[Value[Datum]]] = {}
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
        return Invalid(Why.UNRESOLVED_INPUT, at, f"the key {repeated!r} appears more than once")
    return Known(Record(members, rest), at)


_ITEM = "[*]"
"""The name a splat's member is bound to; no name of HCL looks so."""

Pairs: TypeAlias = Sequence[tuple[Value[Datum], Value[Datum]]]
Members: TypeAlias = list[tuple[Value[Datum] | None, Value[Datum]]]


def for_expression(evaluator: "Evaluator", expr: ast.For, scope: Scope) -> Value[Datum]:
    """`[for x in c : x]` and `{for k, v in c : k => v}`."""
    at = scope.origin(expr.span)

    def loop(args: Values) -> Value[Datum]:
        found = entries(args[0], at, describe(expr.collection))
        if isinstance(found, Unknown):
            return found
        if len(found.pairs) > MAX_ITEMS:
            return Unknown(Why.UNSUPPORTED, at, f"more than {MAX_ITEMS} elements in {describe(expr.collection)}")
        made, rest = _members(evaluator, expr, found.pairs, scope)
        return grouped(expr, made, rest if found.rest is None else found.rest, at)

    return lift(loop, (evaluator.evaluate(expr.collection, scope),))


def _members(evaluator: "Evaluator", expr: ast.For, pairs: Pairs, scope: Scope) -> tuple[Members, Unknown | None]:
    made: Members = []
    rest: Unknown | None = None
    for key, value in pairs:
        inner = bound(scope, expr.key_name, expr.value_name, key, value)
        kept = True if expr.condition is None else to_bool(evaluator.evaluate(expr.condition, inner))
        if isinstance(kept, Unknown):
            rest = replace(kept, one_of=())
        elif kept is True or (isinstance(kept, Known) and kept.value):
            made_key = None if expr.key is None else as_text(evaluator.evaluate(expr.key, inner))
            made.append((made_key, evaluator.evaluate(expr.value, inner)))
    return made, rest


def bound(scope: Scope, key_name: str | None, value_name: str, key: Value[Datum], value: Value[Datum]) -> Scope:
    """Return the scope of one round of a `for`."""
    names = {value_name: value} if key_name is None else {key_name: key, value_name: value}
    return scope.bind(**names)


def splat(evaluator: "Evaluator", expr: ast.Splat, scope: Scope) -> Value[Datum]:
    """`c[*].x`."""
    at = scope.origin(expr.span)

    def spread(args: Values) -> Value[Datum]:
        found = splat_items(args[0], at, describe(expr))
        if isinstance(found, Unknown):
            return found
        made = (evaluator.evaluate(expr.body, scope.bind(**{_ITEM: item})) for item in found.items)
        return Known(Items(tuple(made), found.rest), at)

    return lift(spread, (evaluator.evaluate(expr.target, scope),))


def splat_item(evaluator: "Evaluator", expr: ast.SplatItem, scope: Scope) -> Value[Datum]:
    """Return the member that the body of a splat is about."""
    del evaluator
    return scope.bindings.get(_ITEM, Unknown(Why.UNSUPPORTED, scope.origin(expr.span), "splat"))
