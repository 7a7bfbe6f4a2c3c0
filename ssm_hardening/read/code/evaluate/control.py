"""What chooses between expressions, and what walks collections: conditionals, `try`, `for`, and splats."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ssm_hardening.core.values import Absent, Items, Known, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.read.code.evaluate.alternatives import combine, lift
from ssm_hardening.read.code.evaluate.collections import entries, grouped, splat_items
from ssm_hardening.read.code.evaluate.operators import to_bool
from ssm_hardening.read.code.evaluate.scope import Scope
from ssm_hardening.read.code.evaluate.templates import text_from
from ssm_hardening.read.code.evaluate.types import alike, may_be_retyped
from ssm_hardening.read.code.functions.arguments import MAX_ITEMS, Call
from ssm_hardening.read.code.functions.maps import is_invalid
from ssm_hardening.read.code.functions.table import call_function
from ssm_hardening.read.code.values import Invalid
from ssm_hardening.text.writing import as_text

if TYPE_CHECKING:
    from ssm_hardening.read.code.evaluate.expressions import Evaluator


def conditional(evaluator: "Evaluator", expr: ast.Conditional, scope: Scope) -> Value[Any]:
    """`condition ? then : otherwise`: both results have one type, whichever is taken."""
    match to_bool(evaluator.evaluate(expr.condition, scope)):
        case Known(flag, _):
            taken, other = (expr.then, expr.otherwise) if flag else (expr.otherwise, expr.then)
            value = evaluator.evaluate(taken, scope)
            if not may_be_retyped(value):
                return value
            return _typed(value, _aside(evaluator, other, scope), (taken, other), scope)
        case Absent(at):
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{describe(expr.condition)} is null")
        case Unknown() as gap:
            evaluator.hazards += 1  # It may be null.
            then, otherwise = evaluator.evaluate(expr.then, scope), evaluator.evaluate(expr.otherwise, scope)
            return combine(
                [
                    _typed(then, otherwise, (expr.then, expr.otherwise), scope),
                    _typed(otherwise, then, (expr.otherwise, expr.then), scope),
                ],
                gap,
            )


def _aside(evaluator: "Evaluator", expr: ast.Expr, scope: Scope) -> Value[Any]:
    """Evaluate what is not taken, and so cannot fail."""
    before = evaluator.hazards
    value = evaluator.evaluate(expr, scope)
    evaluator.hazards = before
    return value


def _typed(value: Value[Any], beside: Value[Any], written: tuple[ast.Expr, ast.Expr], scope: Scope) -> Value[Any]:
    """Return a result with the type it has in common with the other one; `written` are both expressions."""
    expr = written[1]
    if is_invalid(beside) or (isinstance(beside, Unknown) and _is_declared(expr, scope, {"number", "bool"})):
        return value
    if isinstance(beside, Unknown) and _is_declared(expr, scope, {"string"}):
        return alike(value, Known("", beside.at), with_tuple=False)
    return alike(value, beside, with_tuple=any(isinstance(each, ast.TupleExpr) for each in written))


def _is_declared(expr: ast.Expr, scope: Scope, kinds: set[str]) -> bool:
    """Say whether this is a variable of one of these types, though its value is not known."""
    match expr:
        case ast.Attr(target=ast.Name(name="var"), name=name):
            return scope.resolver.declared_type(name) in kinds
        case _:
            return False


def template_if(evaluator: "Evaluator", expr: ast.TemplateIf, scope: Scope) -> Value[Any]:
    """`%{ if condition }…%{ else }…%{ endif }`."""
    at = scope.origin(expr.span)
    otherwise = Known("", at) if expr.otherwise is None else evaluator.evaluate(expr.otherwise, scope)
    match to_bool(evaluator.evaluate(expr.condition, scope)):
        case Known(flag, _):
            return evaluator.evaluate(expr.then, scope) if flag else otherwise
        case Absent():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{describe(expr.condition)} is null")
        case Unknown() as gap:
            evaluator.hazards += 1
            return combine([evaluator.evaluate(expr.then, scope), otherwise], gap)


def attempt(evaluator: "Evaluator", call: Call, expr: ast.Call, scope: Scope) -> Value[Any]:
    """`try` and `can`: what may fail in an argument may lead on to the next one."""
    args: list[Value[Any]] = []
    evaluator.attempts += 1
    for arg in expr.args:
        before, evaluator.hazards = evaluator.hazards, 0
        value = evaluator.evaluate(arg, scope)
        if evaluator.hazards and not isinstance(value, Invalid):
            value = _or_failed(value, call, describe(arg))
        args.append(value)
        evaluator.hazards = before
    evaluator.attempts -= 1
    return lift(lambda combination: call_function(call, combination), args)


def _or_failed(value: Value[Any], call: Call, text: str) -> Value[Any]:
    failed = Invalid(Why.COMPUTED, call.at, text)
    if not isinstance(value, Unknown):
        return Unknown(Why.COMPUTED, call.at, f"whether {text} exists", (value, failed))
    return replace(value, one_of=(*value.one_of, failed)) if value.one_of else value


_ITEM = "[*]"
"""The name a splat's member is bound to; no name of HCL looks so."""

Pairs = Sequence[tuple[Value[Any], Value[Any]]]
Members = list[tuple[Value[Any] | None, Value[Any]]]


def for_expression(evaluator: "Evaluator", expr: ast.For, scope: Scope) -> Value[Any]:
    """`[for x in c : x]` and `{for k, v in c : k => v}`."""
    at = scope.origin(expr.span)

    def loop(args: Sequence[Value[Any]]) -> Value[Any]:
        found = entries(args[0], at, describe(expr.collection))
        if isinstance(found, Unknown):
            return found
        if len(found.pairs) > MAX_ITEMS:
            return Unknown(Why.UNSUPPORTED, at, f"more than {MAX_ITEMS} members in {describe(expr.collection)}")
        made, rest = _members(evaluator, expr, found.pairs, scope)
        return grouped(expr, made, rest if found.rest is None else found.rest, at)

    return lift(loop, (evaluator.evaluate(expr.collection, scope),))


def _members(evaluator: "Evaluator", expr: ast.For, pairs: Pairs, scope: Scope) -> tuple[Members, Unknown | None]:
    made: Members = []
    rest: Unknown | None = None
    for key, value in pairs:
        inner = _bound(scope, expr.key_name, expr.value_name, key, value)
        kept = True if expr.condition is None else to_bool(evaluator.evaluate(expr.condition, inner))
        if isinstance(kept, Unknown):
            rest = replace(kept, one_of=())
        elif kept is True or (isinstance(kept, Known) and kept.value):
            made_key = None if expr.key is None else as_text(evaluator.evaluate(expr.key, inner))
            made.append((made_key, evaluator.evaluate(expr.value, inner)))
    return made, rest


def template_for(evaluator: "Evaluator", expr: ast.TemplateFor, scope: Scope) -> Value[Any]:
    """`%{ for x in c }…%{ endfor }`."""
    at = scope.origin(expr.span)

    def loop(args: Sequence[Value[Any]]) -> Value[Any]:
        found = entries(args[0], at, describe(expr.collection))
        if isinstance(found, Unknown):
            return found
        if found.rest is not None:
            # More members may stand anywhere between these.
            return found.rest
        inner = (_bound(scope, expr.key_name, expr.value_name, key, value) for key, value in found.pairs)
        return text_from([evaluator.evaluate(expr.body, each) for each in inner], at)

    return lift(loop, (evaluator.evaluate(expr.collection, scope),))


def _bound(scope: Scope, key_name: str | None, value_name: str, key: Value[Any], value: Value[Any]) -> Scope:
    names = {value_name: value} if key_name is None else {key_name: key, value_name: value}
    return scope.bind(**names)


def splat(evaluator: "Evaluator", expr: ast.Splat, scope: Scope) -> Value[Any]:
    """`c[*].x`."""
    at = scope.origin(expr.span)

    def spread(args: Sequence[Value[Any]]) -> Value[Any]:
        found = splat_items(args[0], at, describe(expr))
        if isinstance(found, Unknown):
            return found
        made = (evaluator.evaluate(expr.body, scope.bind(**{_ITEM: item})) for item in found.items)
        return Known(Items(tuple(made), found.rest), at)

    return lift(spread, (evaluator.evaluate(expr.target, scope),))


def splat_item(evaluator: "Evaluator", expr: ast.SplatItem, scope: Scope) -> Value[Any]:
    """Return the member that the body of a splat is about."""
    del evaluator
    return scope.bindings.get(_ITEM, Unknown(Why.UNSUPPORTED, scope.origin(expr.span), "splat"))
