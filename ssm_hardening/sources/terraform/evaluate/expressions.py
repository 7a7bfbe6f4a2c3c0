"""The evaluator of expressions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeAlias

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.encoded import as_text
from ssm_hardening.sources.terraform.evaluate import operators
from ssm_hardening.sources.terraform.evaluate.access import member
from ssm_hardening.sources.terraform.evaluate.alternatives import combine, lift
from ssm_hardening.sources.terraform.evaluate.collections import entries, grouped, splat_items
from ssm_hardening.sources.terraform.evaluate.pieces import text_from
from ssm_hardening.sources.terraform.evaluate.scope import Scope, Step
from ssm_hardening.sources.terraform.evaluate.weights import Scales
from ssm_hardening.sources.terraform.functions.arguments import MAX_ITEMS, Call
from ssm_hardening.sources.terraform.functions.table import call_function
from ssm_hardening.sources.terraform.invalid import Invalid
from ssm_hardening.sources.terraform.texts import scalar_text
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Unknown, Value, Why

DEEPEST = 300
"""How deep evaluation may go, through expressions and everything they refer to."""

MOST_STEPS = 250_000
"""How many expressions are evaluated for one root module before the rest stays unknown."""

Handler: TypeAlias = Callable[["Evaluator", Any, Scope], Value[Any]]


class Evaluator:
    """Evaluates the expressions of one root module.

    It counts its work, so that no configuration can keep it busy for ever, and notes in `hazards` what Terraform might
    refuse (an instance that may not exist), which decides between the arguments of `try`.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._steps = 0
        self._scales = Scales()
        self.hazards = 0

    def evaluate(self, expr: ast.Expr, scope: Scope) -> Value[Any]:
        """Return what the expression is, as far as the text can tell."""
        self._steps += 1
        if self._depth > DEEPEST or self._steps > MOST_STEPS:
            reason = "nested too deep" if self._depth > DEEPEST else "too much to evaluate"
            return Unknown(Why.UNSUPPORTED, scope.origin(expr.span), f"{reason}: {type(expr).__name__}")
        self._depth += 1
        try:
            value = self._HANDLERS[type(expr)](self, expr, scope)
        finally:
            self._depth -= 1
        if self._scales.is_too_heavy(value):
            return Unknown(Why.UNSUPPORTED, scope.origin(expr.span), f"too large: {describe(expr)}")
        return value

    # Leaves

    def _literal(self, expr: ast.Literal, scope: Scope) -> Value[Any]:
        at = scope.origin(expr.span)
        return Absent(at) if expr.value is None else Known(expr.value, at)

    def _tuple(self, expr: ast.TupleExpr, scope: Scope) -> Value[Any]:
        return Known(Items(tuple(self.evaluate(item, scope) for item in expr.items)), scope.origin(expr.span))

    def _object(self, expr: ast.ObjectExpr, scope: Scope) -> Value[Any]:
        members: dict[str, Value[Any]] = {}
        rest: Unknown | None = None
        for item in expr.items:
            value = self.evaluate(item.value, scope)
            key = as_text(self.evaluate(item.key, scope))
            text = scalar_text(key.value) if isinstance(key, Known) else None
            if text is not None:
                members[text] = value
            else:
                rest = key if isinstance(key, Unknown) else Unknown(Why.COMPUTED, key.at, f"key {describe(item.key)}")
        return Known(Record(members, rest), scope.origin(expr.span))

    # Traversals

    def _name(self, expr: ast.Name, scope: Scope) -> Value[Any]:
        return self._traversal(expr, scope)

    def _traversal(self, expr: ast.Expr, scope: Scope) -> Value[Any]:
        base, steps = self._unwind(expr, scope)
        if isinstance(base, ast.Name):
            if base.name in scope.bindings:
                value, used = scope.bindings[base.name], 0
            else:
                value, used = scope.resolver.resolve(base.name, steps, scope.origin(expr.span))
        else:
            value, used = self.evaluate(base, scope), 0
        return self._walk(value, steps[used:], expr, scope)

    def _unwind(self, expr: ast.Expr, scope: Scope) -> tuple[ast.Expr, list[Step]]:
        steps: list[Step] = []
        while isinstance(expr, ast.Attr | ast.Index):
            if isinstance(expr, ast.Attr):
                steps.append(Step(expr.name))
            else:
                steps.append(Step(None, self.evaluate(expr.key, scope)))
            expr = expr.target
        return expr, steps[::-1]

    def _walk(self, value: Value[Any], steps: Sequence[Step], expr: ast.Expr, scope: Scope) -> Value[Any]:
        if not steps:
            return value
        at, text = scope.origin(expr.span), describe(expr)
        for step in steps:
            value = self._step(value, step, scope, at, text)
        return value

    def _step(self, value: Value[Any], step: Step, scope: Scope, at: CodeOrigin, text: str) -> Value[Any]:
        key = Known(step.name, at) if step.key is None else step.key
        if step.key is not None and _is_some_instance(value):
            return value

        def take(args: Sequence[Value[Any]]) -> Value[Any]:
            return member(args[0], args[1], scope.resolver, at, text)

        taken = self._lift(take, (value, key))
        if isinstance(taken, Known) and isinstance(taken.value, Reference):
            self.hazards += scope.resolver.may_exist_not(taken.value.address)
        return taken

    def _lift(self, function: Callable[[Sequence[Value[Any]]], Value[Any]], args: Sequence[Value[Any]]) -> Value[Any]:
        def counted(combination: Sequence[Value[Any]]) -> Value[Any]:
            result = function(combination)
            self.hazards += isinstance(result, Invalid)
            return result

        return lift(counted, args)

    def _splat(self, expr: ast.Splat, scope: Scope) -> Value[Any]:
        at = scope.origin(expr.span)

        def spread(args: Sequence[Value[Any]]) -> Value[Any]:
            items = splat_items(args[0], at, describe(expr))
            if isinstance(items, Unknown):
                return items
            return Known(
                Items(tuple(self._splat_member(expr.body, item, scope) for item in items.items), items.rest), at
            )

        return lift(spread, (self.evaluate(expr.target, scope),))

    def _splat_member(self, body: ast.Expr, item: Value[Any], scope: Scope) -> Value[Any]:
        return self.evaluate(body, scope.bind(**{_ITEM: item}))

    def _splat_item(self, expr: ast.SplatItem, scope: Scope) -> Value[Any]:
        return scope.bindings.get(_ITEM, Unknown(Why.UNSUPPORTED, scope.origin(expr.span), "splat"))

    # Operators

    def _unary(self, expr: ast.Unary, scope: Scope) -> Value[Any]:
        at = scope.origin(expr.span)
        function = operators.negate if expr.operator == "!" else operators.minus
        return self._lift(lambda args: function(args[0], at), (self.evaluate(expr.operand, scope),))

    def _binary(self, expr: ast.Binary, scope: Scope) -> Value[Any]:
        at, text = scope.origin(expr.span), describe(expr)
        left, right = self.evaluate(expr.left, scope), self.evaluate(expr.right, scope)
        if expr.operator in {"&&", "||"}:
            return self._lift(lambda args: operators.both_or_either(expr.operator, args[0], args[1], at), (left, right))
        return self._lift(lambda args: operators.binary(expr.operator, args[0], args[1], at, text), (left, right))

    def _conditional(self, expr: ast.Conditional, scope: Scope) -> Value[Any]:
        match operators.to_bool(self.evaluate(expr.condition, scope)):
            case Known(flag, _):
                return self.evaluate(expr.then if flag else expr.otherwise, scope)
            case Absent(at):
                return Invalid(Why.UNRESOLVED_INPUT, at, f"{describe(expr.condition)} is null")
            case Unknown() as gap:
                return combine([self.evaluate(expr.then, scope), self.evaluate(expr.otherwise, scope)], gap)

    # Calls

    def _call(self, expr: ast.Call, scope: Scope) -> Value[Any]:
        call = Call(expr.name.removeprefix("core::"), scope.origin(expr.span), describe(expr), *_folders(scope))
        if call.name in {"try", "can"}:
            return self._try(call, expr, scope)
        args = [self.evaluate(arg, scope) for arg in expr.args]
        if call.name in {"templatefile", "templatestring"}:
            from ssm_hardening.sources.terraform.evaluate.templates import template_function  # noqa: PLC0415 - a cycle

            return template_function(self, call, args, scope)
        if expr.expand:
            args = _expanded(args)
        result = self._lift(lambda combination: call_function(call, combination), args)
        return _renamed(result, args, call)

    def _try(self, call: Call, expr: ast.Call, scope: Scope) -> Value[Any]:
        args: list[Value[Any]] = []
        for arg in expr.args:
            before, self.hazards = self.hazards, 0
            value = self.evaluate(arg, scope)
            if self.hazards and not isinstance(value, Unknown):
                failed = Invalid(Why.COMPUTED, call.at, describe(arg))
                value = Unknown(Why.COMPUTED, call.at, f"whether {describe(arg)} exists", (value, failed))
            args.append(value)
            self.hazards = before
        return lift(lambda combination: call_function(call, combination), args)

    # Templates and comprehensions

    def _template(self, expr: ast.TemplateExpr, scope: Scope) -> Value[Any]:
        at = scope.origin(expr.span)
        if expr.heredoc:
            # A heredoc's text starts on the line after its marker: readers of its content count from there.
            at = replace(at, line=at.line + 1)
        return self._lift(lambda args: text_from(args, at), [self.evaluate(part, scope) for part in expr.parts])

    def _template_if(self, expr: ast.TemplateIf, scope: Scope) -> Value[Any]:
        at = scope.origin(expr.span)
        otherwise = Known("", at) if expr.otherwise is None else self.evaluate(expr.otherwise, scope)
        match operators.to_bool(self.evaluate(expr.condition, scope)):
            case Known(flag, _):
                return self.evaluate(expr.then, scope) if flag else otherwise
            case Absent():
                return Invalid(Why.UNRESOLVED_INPUT, at, f"{describe(expr.condition)} is null")
            case Unknown() as gap:
                return combine([self.evaluate(expr.then, scope), otherwise], gap)

    def _template_for(self, expr: ast.TemplateFor, scope: Scope) -> Value[Any]:
        at = scope.origin(expr.span)
        found = entries(self.evaluate(expr.collection, scope), at, describe(expr.collection))
        if isinstance(found, Unknown):
            return found
        parts = [self.evaluate(expr.body, _bound(scope, expr.key_name, expr.value_name, k, v)) for k, v in found.pairs]
        return text_from([*parts, found.rest] if found.rest is not None else parts, at)

    def _for(self, expr: ast.For, scope: Scope) -> Value[Any]:
        at = scope.origin(expr.span)

        def loop(args: Sequence[Value[Any]]) -> Value[Any]:
            found = entries(args[0], at, describe(expr.collection))
            if isinstance(found, Unknown):
                return found
            if len(found.pairs) > MAX_ITEMS:
                return Unknown(Why.UNSUPPORTED, at, f"more than {MAX_ITEMS} members in {describe(expr.collection)}")
            made, rest = self._members(expr, found.pairs, scope)
            return grouped(expr, made, found.rest or rest, at)

        return lift(loop, (self.evaluate(expr.collection, scope),))

    def _members(
        self, expr: ast.For, pairs: Sequence[tuple[Value[Any], Value[Any]]], scope: Scope
    ) -> tuple[list[tuple[Value[Any] | None, Value[Any]]], Unknown | None]:
        made: list[tuple[Value[Any] | None, Value[Any]]] = []
        rest: Unknown | None = None
        for key, value in pairs:
            inner = _bound(scope, expr.key_name, expr.value_name, key, value)
            kept = (
                Known(True, inner.origin(expr.span)) if expr.condition is None else self._keeps(expr.condition, inner)
            )
            if isinstance(kept, Unknown):
                rest = kept
            if isinstance(kept, Known) and kept.value:
                made_key = None if expr.key is None else as_text(self.evaluate(expr.key, inner))
                made.append((made_key, self.evaluate(expr.value, inner)))
        return made, rest

    def _keeps(self, condition: ast.Expr, scope: Scope) -> Value[bool]:
        return operators.to_bool(self.evaluate(condition, scope))

    _HANDLERS: ClassVar[dict[type, Handler]] = {
        ast.Literal: _literal,
        ast.TupleExpr: _tuple,
        ast.ObjectExpr: _object,
        ast.Name: _name,
        ast.Attr: _traversal,
        ast.Index: _traversal,
        ast.Splat: _splat,
        ast.SplatItem: _splat_item,
        ast.Unary: _unary,
        ast.Binary: _binary,
        ast.Conditional: _conditional,
        ast.Call: _call,
        ast.TemplateExpr: _template,
        ast.TemplateIf: _template_if,
        ast.TemplateFor: _template_for,
        ast.For: _for,
    }


_ITEM = "[*]"
"""The name a splat's member is bound to; no name of HCL looks so."""


def _is_some_instance(value: Value[Any]) -> bool:
    """Say whether this is a block whose keys are not known; any index means one of its instances."""
    match value:
        case Known(Reference(address=address, attribute="")):
            return address.endswith("[*]")
        case _:
            return False


def _folders(scope: Scope) -> tuple[Any, Any]:
    return scope.resolver.folder, scope.resolver.root_folder


def _bound(scope: Scope, key_name: str | None, value_name: str, key: Value[Any], value: Value[Any]) -> Scope:
    names = {value_name: value} if key_name is None else {key_name: key, value_name: value}
    return scope.bind(**names)


def _expanded(args: Sequence[Value[Any]]) -> list[Value[Any]]:
    match args[-1] if args else None:
        case Known(Items(items, None)):
            return [*args[:-1], *items]
        case Known(Items(items, rest)) if rest is not None:
            return [*args[:-1], *items, rest]
        case _:
            return list(args)


def _renamed(result: Value[Any], args: Sequence[Value[Any]], call: Call) -> Value[Any]:
    """Name the whole call where an argument's gap came through: `upper(var.x)` is not `var.x`."""
    if isinstance(result, Unknown) and not isinstance(result, Invalid) and any(result is arg for arg in args):
        return replace(result, detail=f"{call.text}: {result.detail}")
    return result
