"""What chooses between expressions: conditionals, `%{ if }`, `try` and `can`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.sources.terraform.evaluate.alternatives import combine, lift
from ssm_hardening.sources.terraform.evaluate.operators import to_bool
from ssm_hardening.sources.terraform.evaluate.scope import Scope
from ssm_hardening.sources.terraform.evaluate.unifying import alike, may_be_retyped
from ssm_hardening.sources.terraform.functions.arguments import Call
from ssm_hardening.sources.terraform.functions.maps import is_invalid
from ssm_hardening.sources.terraform.functions.table import call_function
from ssm_hardening.sources.terraform.invalid import Invalid
from ssm_hardening.values import Absent, Known, Unknown, Value, Why

if TYPE_CHECKING:
    from ssm_hardening.sources.terraform.evaluate.expressions import Evaluator


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
