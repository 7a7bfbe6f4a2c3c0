"""Type constraints of variables: converting what was given, and filling in `optional` defaults."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.logic import certainly, known_or
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
from ssm_hardening.hcl.syntax import parse_expression
from ssm_hardening.read.code.evaluate.alternatives import lift
from ssm_hardening.read.code.functions import types
from ssm_hardening.read.code.functions.arguments import FunctionCall, NoAnswerError, parse_number
from ssm_hardening.read.code.values import SetItems, Values
from ssm_hardening.text.writing import as_string, as_text, names_a_string

if TYPE_CHECKING:
    from ssm_hardening.read.code.evaluate.expressions import Evaluator
    from ssm_hardening.read.code.evaluate.scope import Scope


def alike(value: Value[Datum], other: Value[Datum], *, with_tuple: bool) -> Value[Datum]:
    """Return the value as it comes out of a conditional whose other result is `other`.

    `cond ? 1 : "a"` is a text in either case, and `cond ? {a = true, b = "x"} : {}` a map of texts. A set and a tuple
    (`with_tuple`: one of both is written as `[…]`) make a set, a set and a list a list.
    """
    return lift(lambda args: _set_or_list(_beside(args[0], (args[1],)), args[1], with_tuple=with_tuple), (value, other))


def _set_or_list(value: Value[Datum], other: Value[Datum], *, with_tuple: bool) -> Value[Datum]:
    content, beside = known_or(value, None), known_or(other, None)
    if not isinstance(content, Items) or not isinstance(beside, Items):
        return value
    if isinstance(content, SetItems) == isinstance(beside, SetItems):
        return value
    as_set = Known(_as_set(content.items, content.rest), value.at)
    as_list = Known(Items(content.items, content.rest), value.at)
    return as_set if with_tuple else Unknown(Why.COMPUTED, value.at, "whether it is a set or a list", (as_list, as_set))


def common(members: Values) -> tuple[Value[Datum], ...]:
    """Return the members of a list or map with the one type that all have."""
    return tuple(
        _beside(member, [*members[:n], *members[n + 1 :]]) if may_be_retyped(member) else member
        for n, member in enumerate(members)
    )


def may_be_retyped(value: Value[Datum]) -> bool:
    """Say whether the value may become another one: all but texts may."""
    if isinstance(value, Unknown):
        return any(may_be_retyped(choice) for choice in value.one_of)
    return certainly(value, lambda content: not isinstance(content, str | Reference | Template | Encoded))


def _beside(value: Value[Datum], others: Values) -> Value[Datum]:
    match value:
        case Known(bool() | int() | float()):
            return _scalar(value, as_string(value), others)
        case Known(Items() as items, at):
            return Known(_items(items, others), at)
        case Known(Record() as record, at):
            return Known(_record(record, others), at)
        case Unknown(one_of=choices) if choices:
            return replace(value, one_of=tuple(_beside(choice, others) for choice in choices))
        case _:
            return value


def _scalar(value: Value[Datum], text: Value[Datum], others: Values) -> Value[Datum]:
    if any(_is_text(other) for other in others):
        return text
    for other in others:
        match other:
            case Unknown(one_of=()):
                return replace(other, one_of=(value, text))
            case Unknown() if any(_is_text(choice) for choice in other.one_of):
                return text
            case Known(Reference() as reference) if not names_a_string(reference):
                return Unknown(Why.COMPUTED, value.at, str(reference), (value, text))
            case _:
                continue
    return value


def _is_text(value: Value[Datum]) -> bool:
    content = known_or(value, None)
    if isinstance(content, Reference):
        return names_a_string(content)
    return isinstance(content, str | Template | Encoded)


def _items(items: Items, others: Values) -> Items:
    lists = [other.value for other in others if isinstance(other, Known) and isinstance(other.value, Items)]
    gaps = [other for other in others if isinstance(other, Unknown)]
    if not gaps and lists and all(_same_length(items, each) for each in lists):
        columns = [[each.items[n] for each in lists] for n in range(len(items.items))]
        made = tuple(_beside(item, column) for item, column in zip(items.items, columns, strict=True))
    else:
        more = [*(member for each in lists for member in _all(each.items, each.rest)), *gaps]
        pool = [*items.items, *more] if lists else more
        made = tuple(_beside(item, pool) for item in items.items)
    return replace(items, items=made)


def _as_set(members: Values, rest: Unknown | None) -> SetItems:
    """Return the members in a set's order where they are texts; others may be equal to one another."""
    if not members:
        return SetItems((), rest)
    texts = {item.value: item for item in members if isinstance(item, Known) and isinstance(item.value, str)}
    if all(isinstance(item, Known) and isinstance(item.value, str) for item in members):
        return SetItems(tuple(texts[text] for text in sorted(texts)), rest)
    open_ = next((item for item in members if isinstance(item, Unknown)), None)
    return SetItems(tuple(members), _first_gap(rest, open_, members[0]))


def _first_gap(rest: Unknown | None, member: Unknown | None, first: Value[Datum]) -> Unknown:
    for gap in (rest, member):
        if gap is not None:
            return replace(gap, one_of=())
    return Unknown(Why.UNSUPPORTED, first.at, "which elements of a set are equal")


def _same_length(one: Items, other: Items) -> bool:
    return one.rest is None and other.rest is None and len(one.items) == len(other.items)


def _all(members: Values, rest: Unknown | None) -> list[Value[Datum]]:
    return [*members] if rest is None else [*members, rest]


def _record(record: Record, others: Values) -> Record:
    records = [other.value for other in others if isinstance(other, Known) and isinstance(other.value, Record)]
    gaps = [other for other in others if isinstance(other, Unknown)]
    if not gaps and all(_same_keys(record, each) for each in records):
        return replace(
            record,
            members={
                key: _beside(member, [each.members[key] for each in records]) for key, member in record.members.items()
            },
        )
    more = [*(member for each in records for member in _all(tuple(each.members.values()), each.rest)), *gaps]
    pool = [*record.members.values(), *more] if records else more
    return replace(record, members={key: _beside(member, pool) for key, member in record.members.items()})


def _same_keys(one: Record, other: Record) -> bool:
    return one.rest is None and other.rest is None and one.members.keys() == other.members.keys()


def convert(value: Value[Datum], constraint: ast.Expr | None, evaluator: "Evaluator", scope: "Scope") -> Value[Datum]:
    """Return the value as the type constraint makes it; what does not fit is returned as it is.

    A value that Terraform would refuse never reaches a resource, so nothing is claimed about it.
    """
    if constraint is None:
        return value
    return _Conversion(evaluator, scope).converted(value, _parsed(constraint))


def _parsed(constraint: ast.Expr) -> ast.Expr:
    """Return a constraint in quotes as what it says: the JSON syntax has no other way to write it."""
    if not (isinstance(constraint, ast.Literal) and isinstance(constraint.value, str)):
        return constraint
    try:
        return parse_expression(constraint.value, "")
    except UnreadableError:
        return constraint


class _Conversion:
    """Converts to one constraint; `scope` is where its defaults are evaluated."""

    def __init__(self, evaluator: "Evaluator", scope: "Scope") -> None:
        self._evaluator = evaluator
        self._scope = scope

    def converted(self, value: Value[Datum], constraint: ast.Expr) -> Value[Datum]:
        """Return the value, or each of the values that it may be, as the constraint makes it."""
        return lift(lambda args: self._one(args[0], constraint), (value,))

    def _one(self, value: Value[Datum], constraint: ast.Expr) -> Value[Datum]:
        match constraint:
            case ast.Name(name="list" | "set" | "map" as kind):
                return self._collection(value, kind, common)
            case ast.Name(name=name):
                return _primitive(value, name)
            case ast.Call(name="optional", args=(inner, *_)):
                return self.converted(value, inner)
            case ast.Call(name="object", args=(ast.ObjectExpr() as shape,)):
                return self._object(value, shape)
            case ast.Call(name="tuple", args=(ast.TupleExpr(items=shapes),)):
                return self._tuple(value, shapes)
            case ast.Call(name="list" | "set" | "map" as kind, args=(inner,)):
                return self._collection(value, kind, partial(self._members, inner))
            case _:
                return value

    def _members(self, inner: ast.Expr, members: Values) -> tuple[Value[Datum], ...]:
        converted = tuple(self.converted(member, inner) for member in members)
        return common(converted) if _is_any(inner) else converted

    def _collection(
        self, value: Value[Datum], kind: str, convert_all: Callable[[Values], tuple[Value[Datum], ...]]
    ) -> Value[Datum]:
        match value:
            case Known(Items(items, rest), at) if kind == "set":
                return self._set(Known(Items(convert_all(items), rest), at))
            case Known(Items(items, rest), at) if kind == "list":
                return Known(Items(convert_all(items), rest), at)
            case Known(Record(members, rest), at) if kind == "map":
                made = convert_all(tuple(members.values()))
                return Known(Record(dict(zip(members, made, strict=True)), rest), at)
            case _:
                return value

    def _set(self, value: Known[Items]) -> Value[Datum]:
        at = self._scope.origin(ast.Span(0, 0, 0, 0, 0))
        resolver = self._scope.resolver
        call = FunctionCall("toset", at, "a set", resolver.folder, resolver.root_folder)
        try:
            members = types.as_set(call, value.value.items)
        except NoAnswerError as stop:
            return Known(SetItems((), stop.value), value.at)
        rest = members.rest if value.value.rest is None else value.value.rest
        return Known(SetItems(members.items, rest), value.at)

    def _tuple(self, value: Value[Datum], shapes: Sequence[ast.Expr]) -> Value[Datum]:
        content = known_or(value, None)
        if not isinstance(content, Items) or content.rest is not None or len(content.items) != len(shapes):
            return value
        pairs = zip(content.items, shapes, strict=True)
        return Known(Items(tuple(self.converted(item, shape) for item, shape in pairs)), value.at)

    def _object(self, value: Value[Datum], shape: ast.ObjectExpr) -> Value[Datum]:
        record = known_or(value, None)
        if not isinstance(record, Record):
            return value
        made: dict[str, Value[Datum]] = {}
        for item in shape.items:
            key = item.key.value if isinstance(item.key, ast.Literal) else None
            if isinstance(key, str) and (key in record.members or record.rest is None):
                made[key] = self._attribute(record.members.get(key, Absent(value.at)), item.value)
        return Known(Record(made, record.rest), value.at)

    def _attribute(self, value: Value[Datum], constraint: ast.Expr) -> Value[Datum]:
        match constraint:
            case ast.Call(name="optional", args=(inner, fallback)):
                filled = lift(
                    lambda args: (
                        self._evaluator.evaluate(fallback, self._scope) if isinstance(args[0], Absent) else args[0]
                    ),
                    (value,),
                )
                return self.converted(filled, inner)
            case _:
                return self.converted(value, constraint)


def _is_any(constraint: ast.Expr) -> bool:
    return isinstance(constraint, ast.Name) and constraint.name == "any"


def _primitive(value: Value[Datum], name: str) -> Value[Datum]:
    if not isinstance(value, Known):
        return value
    match name, as_text(value):
        case "string", _:
            return as_string(value)
        case "bool", Known("true" | "false" as text, at):
            return Known(text == "true", at)
        case "number", Known(str() as text, at) if (number := parse_number(text)) is not None:
            return Known(number, at)
        case _:
            return value
