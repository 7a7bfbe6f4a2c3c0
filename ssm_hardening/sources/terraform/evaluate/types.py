"""Type constraints of variables: converting what was given, and filling in `optional` defaults."""

from typing import TYPE_CHECKING, Any

from ssm_hardening.hcl import ast
from ssm_hardening.sources.terraform.encoded import as_text
from ssm_hardening.sources.terraform.evaluate.alternatives import lift
from ssm_hardening.sources.terraform.functions.arguments import parse_number
from ssm_hardening.sources.terraform.texts import scalar_text
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
    return lift(lambda args: _converted(args[0], constraint, evaluator, scope), (value,))


def _converted(value: Value[Any], constraint: ast.Expr, evaluator: "Evaluator", scope: "Scope") -> Value[Any]:
    match constraint:
        case ast.Name(name=name) | ast.Literal(value=str() as name):
            return _primitive(value, name)
        case ast.Call(name="optional", args=(inner, *_)):
            return _converted(value, inner, evaluator, scope)
        case ast.Call(name="object", args=(ast.ObjectExpr() as shape,)):
            return _object(value, shape, evaluator, scope)
        case ast.Call(name="list" | "set" | "map" as kind, args=(inner,)):
            return _collection(value, kind, inner, evaluator, scope)
        case _:
            return value


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


def _collection(value: Value[Any], kind: str, inner: ast.Expr, evaluator: "Evaluator", scope: "Scope") -> Value[Any]:
    match value:
        case Known(Items(items, rest), at):
            converted = tuple(_converted(item, inner, evaluator, scope) for item in items)
            return Known(Items(_as_set(converted) if kind == "set" else converted, rest), at)
        case Known(Record(members, rest), at):
            made = {key: _converted(member, inner, evaluator, scope) for key, member in members.items()}
            return Known(Record(made, rest), at)
        case _:
            return value


def _as_set(items: tuple[Value[Any], ...]) -> tuple[Value[Any], ...]:
    texts = [item.value for item in items if isinstance(item, Known) and isinstance(item.value, str)]
    if len(texts) < len(items):
        return items
    by_text = {item.value: item for item in items if isinstance(item, Known)}
    return tuple(by_text[text] for text in sorted(by_text))


def _object(value: Value[Any], shape: ast.ObjectExpr, evaluator: "Evaluator", scope: "Scope") -> Value[Any]:
    match value:
        case Known(Record(members, rest), at):
            made: dict[str, Value[Any]] = {}
            for item in shape.items:
                if isinstance(item.key, ast.Literal) and isinstance(item.key.value, str):
                    key = item.key.value
                    if key in members or rest is None:
                        given = members.get(key, Absent(at))
                        made[key] = _converted(
                            _default(given, item.value, evaluator, scope), item.value, evaluator, scope
                        )
            return Known(Record(made, rest), at)
        case Known() | Absent() | Unknown():
            return value


def _default(value: Value[Any], constraint: ast.Expr, evaluator: "Evaluator", scope: "Scope") -> Value[Any]:
    match value, constraint:
        case Absent(), ast.Call(name="optional", args=(_, fallback)):
            return evaluator.evaluate(fallback, scope)
        case _:
            return value
