"""Templates in files and strings: `templatefile`, `templatestring`, and the `template_file` data source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Unknown, Value, Why
from ssm_hardening.hcl.syntax import parse_template
from ssm_hardening.read.code.evaluate.scope import Scope, Step
from ssm_hardening.read.code.functions.arguments import Call
from ssm_hardening.read.code.functions.filesystem import read_text_file
from ssm_hardening.read.code.values import Invalid
from ssm_hardening.text.writing import MAX_TEXT, Part, as_text, length_of, parts_of, text_of

if TYPE_CHECKING:
    from ssm_hardening.read.code.evaluate.expressions import Evaluator


def template_function(evaluator: "Evaluator", call: Call, args: Sequence[Value[Any]], scope: Scope) -> Value[Any]:
    """Evaluate `templatefile(path, vars)` or `templatestring(text, vars)`."""
    if len(args) != 2:  # noqa: PLR2004 - both take a text and its variables
        return Invalid(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: two arguments are needed")
    text = read_text_file(call, args[0]) if call.name == "templatefile" else as_text(args[0])
    return render(evaluator, text, args[1], scope, call)


def render(evaluator: "Evaluator", text: Value[Any], names: Value[Any], scope: Scope, call: Call) -> Value[Any]:
    """Evaluate a text as a template in which only `names` are bound."""
    match text, names:
        case (Known(str() as literal, at), Known(Record(members, rest))):
            return _rendered(evaluator, literal, at, members, rest, scope, call)
        case (Known(str()), Unknown() as gap):
            return gap
        case (Known(str()), _):
            return Invalid(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: its variables are no map")
        case (Unknown() as gap, _):
            return gap
        case (Absent(), _):
            return Invalid(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: there is no template")
        case _:
            return Unknown(Why.COMPUTED, call.at, call.text)


def _rendered(  # noqa: PLR0913, PLR0917 - everything a template is evaluated with
    evaluator: "Evaluator",
    literal: str,
    at: Any,  # noqa: ANN401 - an origin of any kind
    members: Mapping[str, Value[Any]],
    rest: Unknown | None,
    scope: Scope,
    call: Call,
) -> Value[Any]:
    place = at if isinstance(at, CodeOrigin) else call.at
    try:
        parsed = parse_template(literal, place.file, place.line)
    except UnreadableError as error:
        return Unknown(Why.UNPARSEABLE, CodeOrigin(place.file, error.line), error.reason)
    inner = Scope(_OnlyBound(scope, rest), place.file, dict(members))
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

    def resolve(self, head: str, steps: Sequence[Step], at: CodeOrigin) -> tuple[Value[Any], int]:  # noqa: ARG002
        """Return the gap of a name that may or may not be bound."""
        if self._rest is not None:
            return self._rest, 0
        return Invalid(Why.UNRESOLVED_INPUT, at, f"the template uses {head}, which it is not given"), 0

    def attribute(self, whole: Reference, name: str, at: CodeOrigin) -> Value[Any]:
        """Return an attribute of an object that was handed over."""
        return self._outer.attribute(whole, name, at)

    def declared_type(self, variable: str) -> str | None:  # noqa: ARG002
        """Return nothing: a template has no variables that were declared."""
        return None

    def may_exist_not(self, address: str) -> bool:
        """Say whether an object that was handed over may turn out not to exist."""
        return self._outer.may_exist_not(address)


_MOST_PIECES = 10_000


def text_from(args: Sequence[Value[Any]], at: CodeOrigin) -> Value[Any]:
    """Return the parts as one text; Invalid where Terraform refuses one of them."""
    refused = _refused(args)
    if refused is not None:
        return refused
    pieces = list(_pieces(args))
    if length_of(pieces) > MAX_TEXT or len(pieces) > _MOST_PIECES:
        return Unknown(Why.UNSUPPORTED, at, "a text that is too large")
    return text_of(pieces, at)


def _refused(args: Sequence[Value[Any]]) -> Invalid | None:
    for arg in args:
        match arg:
            case Absent(at):
                return Invalid(Why.UNRESOLVED_INPUT, at, "null in a text")
            case Known(Record() | Items(), at):
                return Invalid(Why.UNRESOLVED_INPUT, at, "a collection in a text")
            case Invalid():
                return arg
            case _:
                continue
    return None


def _pieces(args: Sequence[Value[Any]]) -> Iterator[Part]:
    for arg in args:
        match as_text(arg):
            case Known(content):
                yield from parts_of(content) or ()
            case Unknown() as gap:
                yield gap
            case Absent():
                continue
