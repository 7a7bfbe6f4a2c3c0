"""The evaluator of expressions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.read.code.evaluate import operators
from ssm_hardening.read.code.evaluate.alternatives import Operation, Scales, combine, lift, may_be_too_many
from ssm_hardening.read.code.evaluate.collections import for_expression, member, splat, splat_item
from ssm_hardening.read.code.evaluate.scope import Scope, TraversalStep
from ssm_hardening.read.code.evaluate.sensitivity import Marks
from ssm_hardening.read.code.evaluate.templates import (
    attempt,
    conditional,
    template_for,
    template_function,
    template_if,
    text_from,
)
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.code.functions.table import call_function
from ssm_hardening.read.code.values import Invalid, Values, is_open
from ssm_hardening.read.paths import Bounds
from ssm_hardening.text.writing import as_text, composed, scalar_text

DEEPEST = 300
"""How deep evaluation may go, through expressions and everything they refer to."""

MOST_STEPS = 250_000
"""How many expressions are evaluated for one root module before the rest stays unknown."""

Handler: TypeAlias = Callable[["Evaluator", Any, Scope], Value[Datum]]


class Evaluator:
    """Evaluates the expressions of one root module.

    It counts its work, so that no configuration can keep it busy for ever, and notes in `hazards` what Terraform might
    refuse (an instance that may not exist), which decides between the arguments of `try`.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._steps = 0
        self._scales = Scales()
        self._parts: list[Value[Datum]] = []
        self.marks = Marks()
        self.hazards = 0
        self.attempts = 0

    def evaluate(self, expr: ast.Expr, scope: Scope) -> Value[Datum]:
        """Return what the expression is, as far as the text can tell."""
        self._steps += 1
        if self._depth > DEEPEST or self._steps > MOST_STEPS:
            reason = "nested too deeply" if self._depth > DEEPEST else "too complex to evaluate"
            return Unknown(Why.UNSUPPORTED, scope.origin(expr.span), f"{reason}: {type(expr).__name__}")
        self._depth += 1
        outer, self._parts = self._parts, []
        try:
            value = self.marks.settle(expr, self._HANDLERS[type(expr)](self, expr, scope), self._parts)
        finally:
            self._depth -= 1
            self._parts = outer
        self._parts.append(value)
        if self._scales.is_too_heavy(value):
            return Unknown(Why.UNSUPPORTED, scope.origin(expr.span), f"too large: {describe(expr)}")
        return value

    # Leaves

    def _literal(self, expr: ast.Literal, scope: Scope) -> Value[Datum]:
        at = scope.origin(expr.span)
        if expr.value is None:
            return Absent(at)
        return Known(composed(expr.value) if isinstance(expr.value, str) else expr.value, at)

    def _tuple(self, expr: ast.TupleExpr, scope: Scope) -> Value[Datum]:
        return Known(Items(tuple(self.evaluate(item, scope) for item in expr.items)), scope.origin(expr.span))

    def _object(self, expr: ast.ObjectExpr, scope: Scope) -> Value[Datum]:
        members: dict[str, Value[Datum]] = {}
        rest: Unknown | None = None
        for item in expr.items:
            value = self.evaluate(item.value, scope)
            key = as_text(self.evaluate(item.key, scope))
            text = scalar_text(key.value) if isinstance(key, Known) else None
            if text is not None:
                members[text] = value
                continue
            if not isinstance(key, Unknown) or isinstance(key, Invalid):
                return Invalid(Why.UNRESOLVED_INPUT, key.at, f"{describe(item.key)} is not a valid key")
            self.hazards += 1  # It may be null.
            rest = Unknown(key.why, key.at, f"the key {describe(item.key)}")
            # The key may be one of those before it, whose value it would replace.
            members = {name: combine([before, value], rest) for name, before in members.items()}
        return Known(Record(members, rest), scope.origin(expr.span))

    # Traversals

    def _name(self, expr: ast.Name, scope: Scope) -> Value[Datum]:
        return self._traversal(expr, scope)

    def _traversal(self, expr: ast.Expr, scope: Scope) -> Value[Datum]:
        base, steps = self._unwind(expr, scope)
        keys = len(self._parts)
        try:
            return self._found(base, steps, expr, scope)
        finally:
            # What a name stands for has marks of its own, whatever was evaluated on the way to it.
            del self._parts[keys:]

    def _found(self, base: ast.Expr, steps: Sequence[TraversalStep], expr: ast.Expr, scope: Scope) -> Value[Datum]:
        if isinstance(base, ast.Name):
            if base.name in scope.bindings:
                value, used = scope.bindings[base.name], 0
            else:
                value, used = scope.resolver.resolve(base.name, steps, scope.origin(expr.span))
        else:
            value, used = self.evaluate(base, scope), 0
        return self._walk(value, steps[used:], expr, scope)

    def _unwind(self, expr: ast.Expr, scope: Scope) -> tuple[ast.Expr, list[TraversalStep]]:
        steps: list[TraversalStep] = []
        while isinstance(expr, ast.Attr | ast.Index):
            if isinstance(expr, ast.Attr):
                steps.append(TraversalStep(expr.name))
            else:
                steps.append(TraversalStep(None, self.evaluate(expr.key, scope)))
            expr = expr.target
        return expr, steps[::-1]

    def _walk(self, value: Value[Datum], steps: Sequence[TraversalStep], expr: ast.Expr, scope: Scope) -> Value[Datum]:
        if not steps:
            return value
        at, text = scope.origin(expr.span), describe(expr)
        for step in steps:
            value = self._step(value, step, scope, at, text)
        return value

    def _step(self, value: Value[Datum], step: TraversalStep, scope: Scope, at: CodeOrigin, text: str) -> Value[Datum]:
        key = Known(composed(step.name or ""), at) if step.key is None else step.key
        if step.key is not None and _is_some_instance(value):
            return value

        def take(args: Values) -> Value[Datum]:
            return member(args[0], args[1], scope.resolver, at, text)

        self.hazards += isinstance(key, Unknown) or isinstance(known_or(key, None), Reference | Template)
        taken = self._lift(take, (value, key))
        if isinstance(taken, Known) and isinstance(taken.value, Reference):
            self.hazards += scope.resolver.may_exist_not(taken.value.address)
        return taken

    def _lift(self, function: Operation, args: Values) -> Value[Datum]:
        if self.attempts and any(is_open(arg) for arg in args):
            self.hazards += 1  # What is not known may be null, or of another type.

        def counted(combination: Values) -> Value[Datum]:
            result = function(combination)
            self.hazards += isinstance(result, Invalid)
            return result

        return lift(counted, args)

    # Operators

    def _unary(self, expr: ast.Unary, scope: Scope) -> Value[Datum]:
        at = scope.origin(expr.span)
        function = operators.negate if expr.operator == "!" else operators.minus
        return self._lift(lambda args: function(args[0], at), (self.evaluate(expr.operand, scope),))

    def _binary(self, expr: ast.Binary, scope: Scope) -> Value[Datum]:
        at, text = scope.origin(expr.span), describe(expr)
        left, right = self.evaluate(expr.left, scope), self.evaluate(expr.right, scope)
        if expr.operator in {"&&", "||"}:
            return self._lift(lambda args: operators.both_or_either(expr.operator, args[0], args[1], at), (left, right))
        return self._lift(lambda args: operators.binary(expr.operator, args[0], args[1], at, text), (left, right))

    # Calls

    def _call(self, expr: ast.Call, scope: Scope) -> Value[Datum]:
        call = FunctionCall(expr.name.removeprefix("core::"), scope.origin(expr.span), describe(expr), *_folders(scope))
        if call.name in {"try", "can"}:
            return attempt(self, call, expr, scope)
        args = [self.evaluate(arg, scope) for arg in expr.args]
        if call.name in {"templatefile", "templatestring"}:
            return template_function(self, call, args, scope)
        if expr.expand:
            args = _expanded(args)
        result = self._lift(lambda combination: call_function(call, combination), args)
        return _renamed(result, args, call)

    # Templates

    def _template(self, expr: ast.TemplateExpr, scope: Scope) -> Value[Datum]:
        at = scope.origin(expr.span)
        if expr.heredoc:
            # A heredoc's text starts on the line after its marker: readers of its content count from there.
            at = replace(at, line=at.line + 1)
        parts = [self.evaluate(part, scope) for part in expr.parts]
        if may_be_too_many(parts):
            # Each part keeps what it may be: readers of documents tell what stands around it.
            return text_from(parts, at)
        return self._lift(lambda args: text_from(args, at), parts)

    _HANDLERS: ClassVar[dict[type, Handler]] = {
        ast.Literal: _literal,
        ast.TupleExpr: _tuple,
        ast.ObjectExpr: _object,
        ast.Name: _name,
        ast.Attr: _traversal,
        ast.Index: _traversal,
        ast.Splat: splat,
        ast.SplatItem: splat_item,
        ast.Unary: _unary,
        ast.Binary: _binary,
        ast.Conditional: conditional,
        ast.Call: _call,
        ast.TemplateExpr: _template,
        ast.TemplateIf: template_if,
        ast.TemplateFor: template_for,
        ast.For: for_expression,
    }


def _is_some_instance(value: Value[Datum]) -> bool:
    """Say whether this is a block whose keys are not known; any index means one of its instances."""
    block = known_or(value, None)
    return isinstance(block, Reference) and not block.attribute and block.address.endswith("[*]")


def _folders(scope: Scope) -> tuple[Path, Path, Bounds]:
    return scope.resolver.folder, scope.resolver.root_folder, scope.resolver.bounds


def _expanded(args: Values) -> list[Value[Datum]]:
    last = args[-1] if args else None
    if not isinstance(last, Known) or not isinstance(last.value, Items):
        return list(args)
    rest = last.value.rest
    return [*args[:-1], *last.value.items, *(() if rest is None else (rest,))]


def _renamed(result: Value[Datum], args: Values, call: FunctionCall) -> Value[Datum]:
    """Name the whole call where an argument's gap came through: `upper(var.x)` is not `var.x`."""
    if isinstance(result, Unknown) and not isinstance(result, Invalid) and any(result is arg for arg in args):
        return replace(result, detail=f"{call.text}: {result.detail}")
    return result
