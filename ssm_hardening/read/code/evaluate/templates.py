"""What chooses between expressions, `cond ? a : b` and `try`; and templates, in expressions, files and strings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Repeated, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse_template
from ssm_hardening.hcl.writing import describe
from ssm_hardening.read.code.evaluate.alternatives import cause_alone, combine, lift
from ssm_hardening.read.code.evaluate.collections import bound, entries
from ssm_hardening.read.code.evaluate.operators import to_bool
from ssm_hardening.read.code.evaluate.scope import Scope, TraversalStep
from ssm_hardening.read.code.evaluate.types import alike, may_be_retyped
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.code.functions.filesystem import read_text_file
from ssm_hardening.read.code.functions.table import call_function
from ssm_hardening.read.code.values import Invalid, Values, is_invalid
from ssm_hardening.text.writing import MAX_TEXT, Part, as_text, assembled, length_of, parts_of

if TYPE_CHECKING:
    from ssm_hardening.read.code.evaluate.expressions import Evaluator


def conditional(evaluator: "Evaluator", expr: ast.Conditional, scope: Scope) -> Value[Datum]:
    """`condition ? then : otherwise`: both results have one type, whichever is taken."""
    match to_bool(evaluator.evaluate(expr.condition, scope)):
        case Known(flag, _):
            taken, other = (expr.then, expr.otherwise) if flag else (expr.otherwise, expr.then)
            value = evaluator.evaluate(taken, scope)
            if not may_be_retyped(value):
                return value
            return _typed(value, _aside(evaluator, other, scope), (taken, other), scope)
        case Invalid() as error if evaluator.attempts:
            return error
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


def _aside(evaluator: "Evaluator", expr: ast.Expr, scope: Scope) -> Value[Datum]:
    """Evaluate what is not taken, and so cannot fail."""
    before = evaluator.hazards
    value = evaluator.evaluate(expr, scope)
    evaluator.hazards = before
    return value


def _typed(value: Value[Datum], beside: Value[Datum], written: tuple[ast.Expr, ast.Expr], scope: Scope) -> Value[Datum]:
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


def attempt(evaluator: "Evaluator", call: FunctionCall, expr: ast.Call, scope: Scope) -> Value[Datum]:
    """`try` and `can`: what may fail in an argument may lead on to the next one."""
    args: list[Value[Datum]] = []
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


def _or_failed(value: Value[Datum], call: FunctionCall, text: str) -> Value[Datum]:
    failed = Invalid(Why.COMPUTED, call.at, text)
    if not isinstance(value, Unknown):
        return Unknown(Why.COMPUTED, call.at, f"whether {text} exists", (value, failed))
    return replace(value, one_of=(*value.one_of, failed)) if value.one_of else value


# Templates


def template_if(evaluator: "Evaluator", expr: ast.TemplateIf, scope: Scope) -> Value[Datum]:
    """`%{ if condition }…%{ else }…%{ endif }`."""
    at = scope.origin(expr.span)
    otherwise = Known("", at) if expr.otherwise is None else evaluator.evaluate(expr.otherwise, scope)
    match to_bool(evaluator.evaluate(expr.condition, scope)):
        case Known(flag, _):
            return evaluator.evaluate(expr.then, scope) if flag else otherwise
        case Unknown() as gap:
            evaluator.hazards += 1
            return combine([evaluator.evaluate(expr.then, scope), otherwise], gap)


def template_for(evaluator: "Evaluator", expr: ast.TemplateFor, scope: Scope) -> Value[Datum]:
    """`%{ for x in c }…%{ endfor }`."""
    at = scope.origin(expr.span)

    def loop(args: Values) -> Value[Datum]:
        found = entries(args[0], at, describe(expr.collection))
        if isinstance(found, Invalid):
            return found
        if isinstance(found, Unknown):
            return _repeated(evaluator, expr, scope, found)
        if found.rest is not None:
            # More members may stand anywhere between these.
            return _repeated(evaluator, expr, scope, found.rest)
        inner = (bound(scope, expr.key_name, expr.value_name, key, value) for key, value in found.pairs)
        return text_from([evaluator.evaluate(expr.body, each) for each in inner], at)

    return lift(loop, (evaluator.evaluate(expr.collection, scope),))


def _repeated(evaluator: "Evaluator", expr: ast.TemplateFor, scope: Scope, cause: Unknown) -> Repeated:
    """Return what a loop over unknown members writes: its body for one of them, any number of times."""
    before, gap = evaluator.hazards, cause_alone(cause)
    each = evaluator.evaluate(expr.body, bound(scope, expr.key_name, expr.value_name, gap, gap))
    evaluator.hazards = before
    return Repeated(gap.why, gap.at, gap.detail, each=each)


def template_function(evaluator: "Evaluator", call: FunctionCall, args: Values, scope: Scope) -> Value[Datum]:
    """Evaluate `templatefile(path, vars)` or `templatestring(text, vars)`."""
    match args:
        case [source, names]:
            text = read_text_file(call, source) if call.name == "templatefile" else as_text(source)
            return render(evaluator, text, names, scope, call)
        case _:
            return Invalid(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: expected two arguments")


def render(
    evaluator: "Evaluator", text: Value[Datum], names: Value[Datum], scope: Scope, call: FunctionCall
) -> Value[Datum]:
    """Evaluate a text as a template in which only `names` are bound."""
    match text, names:
        case (Known(str() as literal, at), Known(Record() as given)):
            return _rendered(evaluator, literal, at if isinstance(at, CodeOrigin) else call.at, given, scope)
        case (Known(str()), Unknown() as gap):
            return gap
        case (Known(str()), _):
            return Invalid(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: the variables are not a map")
        case (Unknown() as gap, _):
            return gap
        case (Absent(), _):
            return Invalid(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: the template is missing")
        case _:
            return Unknown(Why.COMPUTED, call.at, call.text)


def _rendered(evaluator: "Evaluator", literal: str, place: CodeOrigin, names: Record, scope: Scope) -> Value[Datum]:
    try:
        parsed = parse_template(literal, place.file, place.line)
    except UnreadableError as error:
        return Unknown(Why.UNPARSEABLE, CodeOrigin(place.file, error.line), error.reason)
    inner = Scope(_OnlyBound(scope, names.rest), place.file, names.members)
    value = evaluator.evaluate(parsed, inner)
    return replace(value, at=place) if isinstance(value, Known) else value


class _OnlyBound:
    """A resolver for templates: nothing but the variables handed over has a name."""

    def __init__(self, scope: Scope, rest: Unknown | None) -> None:
        self._outer = scope.resolver
        self._rest = rest
        self.path = self._outer.path
        self.folder = self._outer.folder
        self.root_folder = self._outer.root_folder
        self.bounds = self._outer.bounds

    def resolve(self, head: str, steps: Sequence[TraversalStep], at: CodeOrigin) -> tuple[Value[Datum], int]:
        """Return the gap of a name that may or may not be bound."""
        del steps
        if self._rest is not None:
            return self._rest, 0
        return Invalid(Why.UNRESOLVED_INPUT, at, f"the template uses {head}, which is not passed to it"), 0

    def attribute(self, whole: Reference, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an attribute of an object that was handed over."""
        return self._outer.attribute(whole, name, at)

    def declared_type(self, variable: str) -> str | None:
        """Return nothing: a template has no variables that were declared."""
        del variable
        return None

    def may_exist_not(self, address: str) -> bool:
        """Say whether an object that was handed over may turn out not to exist."""
        return self._outer.may_exist_not(address)


_MOST_PIECES = 10_000


def text_from(args: Values, at: CodeOrigin) -> Value[Datum]:
    """Return the parts as one text; Invalid where Terraform refuses one of them."""
    refused = _refused(args)
    if refused is not None:
        return refused
    pieces = list(_pieces(args))
    if length_of(pieces) > MAX_TEXT or len(pieces) > _MOST_PIECES:
        return Unknown(Why.UNSUPPORTED, at, "the string is too large")
    return assembled(pieces, at)


def _refused(args: Values) -> Invalid | None:
    for arg in args:
        match arg:
            case Absent(at):
                return Invalid(Why.UNRESOLVED_INPUT, at, "null cannot be included in a string")
            case Known(Record() | Items(), at):
                return Invalid(Why.UNRESOLVED_INPUT, at, "a collection cannot be included in a string")
            case Invalid():
                return arg
            case _:
                continue
    return None


def _pieces(args: Values) -> Iterator[Part]:
    for arg in args:
        match as_text(arg):
            case Known(content):
                yield from parts_of(content) or ()
            case Unknown() as gap:
                yield gap
            case Absent():
                continue
