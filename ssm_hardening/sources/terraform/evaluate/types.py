"""Type constraints of variables: converting what was given, and filling in `optional` defaults."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ssm_hardening.errors import UnreadableError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse_expression
from ssm_hardening.sources.terraform.encoded import as_text
from ssm_hardening.sources.terraform.evaluate.alternatives import lift
from ssm_hardening.sources.terraform.evaluate.unifying import common
from ssm_hardening.sources.terraform.functions import types
from ssm_hardening.sources.terraform.functions.arguments import Call, NoAnswerError, parse_number
from ssm_hardening.sources.terraform.texts import scalar_text
from ssm_hardening.sources.terraform.unordered import SetItems
from ssm_hardening.values import Absent, Items, Known, Record, Unknown, Value

if TYPE_CHECKING:
    from ssm_hardening.sources.terraform.evaluate.expressions import Evaluator
    from ssm_hardening.sources.terraform.evaluate.scope import Scope


def convert(value: Value[Any], constraint: ast.Expr | None, evaluator: "Evaluator", scope: "Scope") -> Value[Any]:
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

    def converted(self, value: Value[Any], constraint: ast.Expr) -> Value[Any]:
        """Return the value, or each of the values that it may be, as the constraint makes it."""
        return lift(lambda args: self._one(args[0], constraint), (value,))

    def _one(self, value: Value[Any], constraint: ast.Expr) -> Value[Any]:
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

    def _members(self, inner: ast.Expr, members: Sequence[Value[Any]]) -> tuple[Value[Any], ...]:
        converted = tuple(self.converted(member, inner) for member in members)
        return common(converted) if _is_any(inner) else converted

    def _collection(
        self, value: Value[Any], kind: str, convert_all: Callable[[Sequence[Value[Any]]], tuple[Value[Any], ...]]
    ) -> Value[Any]:
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

    def _set(self, value: Known[Items]) -> Value[Any]:
        at = self._scope.origin(ast.Span(0, 0, 0, 0, 0))
        resolver = self._scope.resolver
        call = Call("toset", at, "a set", resolver.folder, resolver.root_folder)
        try:
            members = types.as_set(call, value.value.items)
        except NoAnswerError as stop:
            return Known(SetItems((), stop.value), value.at)
        rest = members.rest if value.value.rest is None else value.value.rest
        return Known(SetItems(members.items, rest), value.at)

    def _tuple(self, value: Value[Any], shapes: Sequence[ast.Expr]) -> Value[Any]:
        match value:
            case Known(Items(items, None), at) if len(items) == len(shapes):
                pairs = zip(items, shapes, strict=True)
                return Known(Items(tuple(self.converted(item, shape) for item, shape in pairs)), at)
            case _:
                return value

    def _object(self, value: Value[Any], shape: ast.ObjectExpr) -> Value[Any]:
        match value:
            case Known(Record(members, rest), at):
                made: dict[str, Value[Any]] = {}
                for item in shape.items:
                    key = item.key.value if isinstance(item.key, ast.Literal) else None
                    if isinstance(key, str) and (key in members or rest is None):
                        made[key] = self._attribute(members.get(key, Absent(at)), item.value)
                return Known(Record(made, rest), at)
            case Known() | Absent() | Unknown():
                return value

    def _attribute(self, value: Value[Any], constraint: ast.Expr) -> Value[Any]:
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


def _primitive(value: Value[Any], name: str) -> Value[Any]:
    if not isinstance(value, Known):
        return value
    match name, as_text(value):
        case "string", Known(bool() | int() | float() as content, at):
            return Known(scalar_text(content), at)
        case "bool", Known("true" | "false" as text, at):
            return Known(text == "true", at)
        case "number", Known(str() as text, at) if (number := parse_number(text)) is not None:
            return Known(number, at)
        case _:
            return value
