"""What walks collections: `for` expressions, `%{ for }`, and splats."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.sources.terraform.encoded import as_text
from ssm_hardening.sources.terraform.evaluate.alternatives import lift
from ssm_hardening.sources.terraform.evaluate.collections import entries, grouped, splat_items
from ssm_hardening.sources.terraform.evaluate.operators import to_bool
from ssm_hardening.sources.terraform.evaluate.pieces import text_from
from ssm_hardening.sources.terraform.evaluate.scope import Scope
from ssm_hardening.sources.terraform.functions.arguments import MAX_ITEMS
from ssm_hardening.values import Items, Known, Unknown, Value, Why

if TYPE_CHECKING:
    from ssm_hardening.sources.terraform.evaluate.expressions import Evaluator

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
