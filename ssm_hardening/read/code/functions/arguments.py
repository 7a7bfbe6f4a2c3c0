"""What a function knows about its call, and how it reads its arguments.

The readers raise `NoAnswerError` where an argument does not allow an exact result; `call_function` turns it into
the value it carries. A null argument or one of a wrong type is an error in Terraform: Invalid.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from ssm_hardening.core.logic import unanswered
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Items,
    Known,
    LaidOut,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.read.code.values import Invalid, Values
from ssm_hardening.read.paths import ALONE, Bounds
from ssm_hardening.text.writing import MAX_TEXT, Part, as_text, assembled, joined, length_of, parts_of, scalar_text

MAX_ITEMS = 1_000
"""Items a computed list may have; more is not evaluated."""


_MAX_DIGITS = 100


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One call: its name, where it stands, its text, the folders of the calling and the root module, and the bounds."""

    name: str
    at: CodeOrigin
    text: str
    module_dir: Path
    root_dir: Path
    bounds: Bounds = ALONE


Run: TypeAlias = Callable[[FunctionCall, Values], Value[Datum]]
Plain: TypeAlias = "str | bool | int | float | Sequence[Plain] | Mapping[str, Plain] | None"
"""What Python computes of literal arguments."""
Reader: TypeAlias = Callable[[FunctionCall, Value[Datum]], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """A function and how many arguments it takes (`most` None: any number)."""

    run: Run
    least: int
    most: int | None


class NoAnswerError(Exception):
    """There is no exact result; `value` says why. Never leaves this package."""

    def __init__(self, value: Unknown) -> None:
        super().__init__(value.detail)
        self.value = value


def refuse(call: FunctionCall, reason: str) -> NoReturn:
    """Say that Terraform raises an error here."""
    raise NoAnswerError(Invalid(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: {reason}"))


def computed(call: FunctionCall) -> NoReturn:
    """Say that the result is known only after apply."""
    raise NoAnswerError(Unknown(Why.COMPUTED, call.at, call.text))


def unsupported(call: FunctionCall, reason: str = "") -> NoReturn:
    """Say that we do not evaluate this call."""
    detail = f"{call.text}: {reason}" if reason else call.text
    raise NoAnswerError(Unknown(Why.UNSUPPORTED, call.at, detail))


def gap_of(unknown: Unknown) -> Unknown:
    """Return the cause without its candidates: they are candidates of the argument, not of the result."""
    return unanswered(unknown)


def known(call: FunctionCall, value: Value[Datum]) -> Datum:
    """Return what is known, a text instead of an encoded value."""
    match as_text(value):
        case Known(inner):
            return inner
        case Absent():
            refuse(call, "an argument is null")
        case Unknown() as gap:
            raise NoAnswerError(gap_of(gap))


def parts(call: FunctionCall, value: Value[Datum]) -> tuple[Part, ...]:
    """Return a text in parts; an unknown is a hole."""
    if call.name not in _KEEP_WORDS:
        _refuse_layout(call, value)
    match as_text(value):
        case Unknown() as gap:
            return (gap,)
        case Absent():
            refuse(call, "an argument is null")
        case Known(inner):
            found = parts_of(inner)
            return refuse(call, "expected a string") if found is None else joined(found)


_KEEP_WORDS = frozenset({
    "chomp", "format", "formatlist", "indent", "join", "lower", "replace", "tostring", "trim", "trimspace", "upper",
})  # fmt: skip
"""Functions whose result means the same, whatever the layout of a document is."""


def _refuse_layout(call: FunctionCall, value: Value[Datum]) -> None:
    """Say that a result depends on the layout of a document, where only its content is known."""
    if isinstance(value, Known) and isinstance(value.value, LaidOut):
        unsupported(call, "the layout of the document is not known")


def has_no_holes(found: Sequence[Part]) -> bool:
    """Say whether a text is literal throughout."""
    return all(isinstance(part, str) for part in found)


def undecided(call: FunctionCall, found: Sequence[Part]) -> Value[Datum]:
    """Say which hole leaves the result open."""
    for part in found:
        if isinstance(part, Unknown):
            return gap_of(part)
    return computed(call)


def changed(call: FunctionCall, hole: Reference | Unknown) -> Unknown:
    """Return a hole of whose text another one was made."""
    return gap_of(hole) if isinstance(hole, Unknown) else Unknown(Why.COMPUTED, call.at, f"{call.text}: {hole}")


def text(call: FunctionCall, value: Value[Datum]) -> str:
    """Return a text that is wholly literal."""
    _refuse_layout(call, value)
    inner = known(call, value)
    if isinstance(inner, Reference | Template):
        computed(call)
    found = scalar_text(inner)
    return refuse(call, "expected a string") if found is None else found


def number(call: FunctionCall, value: Value[Datum]) -> int | float:
    """Return a literal number; a string that spells one is one."""
    inner = known(call, value)
    match inner:
        case bool() | Record() | Items():
            refuse(call, "expected a number")
        case int() | float():
            return inner
        case str():
            found = parse_number(inner)
            return refuse(call, "expected a number") if found is None else found
        case _:
            computed(call)


def parse_number(literal: str) -> int | float | None:
    """Return the decimal number a string spells, or None."""
    try:
        return int(literal) if literal.strip("+-").isdecimal() and len(literal) < _MAX_DIGITS else _float(literal)
    except ValueError:
        return None


def _float(literal: str) -> int | float | None:
    if not literal or set(literal) - set("0123456789+-.eE"):
        return None
    return whole_number(float(literal))


def whole_number(value: float) -> int | float | None:
    """Return an integer where the number is one; None where it is too large to be exact."""
    if isinstance(value, int):
        return value
    if abs(value) >= 2**53:
        return None
    return int(value) if value.is_integer() else value


def integer(call: FunctionCall, value: Value[Datum]) -> int:
    """Return a literal whole number."""
    found = number(call, value)
    return found if isinstance(found, int) else refuse(call, "expected a whole number")


def boolean(call: FunctionCall, value: Value[Datum]) -> bool:
    """Return a literal boolean; `"true"` and `"false"` are booleans too."""
    match known(call, value):
        case bool() as flag:
            return flag
        case "true":
            return True
        case "false":
            return False
        case Reference() | Template():
            computed(call)
        case _:
            refuse(call, "expected a bool")


def listed(call: FunctionCall, value: Value[Datum]) -> Items:
    """Return a list that may have more members than are known; a reference may be any list."""
    match value:
        case Known(Items() as items):
            return items
        case Known(Reference() as reference):
            return Items((), Unknown(Why.COMPUTED, call.at, str(reference)))
        case Known():
            refuse(call, "expected a list")
        case Absent():
            refuse(call, "an argument is null")
        case Unknown():
            return Items((), gap_of(value))


def sequence(call: FunctionCall, value: Value[Datum]) -> tuple[Value[Datum], ...]:
    """Return the members of a list all of which are there."""
    items = listed(call, value)
    if items.rest is not None:
        raise NoAnswerError(gap_of(items.rest))
    return items.items


def mapping(call: FunctionCall, value: Value[Datum]) -> Record:
    """Return an object or map."""
    match known(call, value):
        case Record() as record:
            return record
        case Reference():
            computed(call)
        case _:
            refuse(call, "expected a map")


def answer(call: FunctionCall, result: Plain) -> Value[Datum]:
    """Return a plain Python result as a value whose members all stand at the call."""
    match result:
        case None:
            return Absent(call.at)
        case str():
            return text_answer(call, (result,))
        case bool() | int() | float():
            return Known(result, call.at)
        case Mapping():
            return Known(Record({key: answer(call, item) for key, item in result.items()}), call.at)
        case Sequence():
            return items_answer(call, [answer(call, item) for item in result])


def text_answer(call: FunctionCall, pieces: Sequence[Part]) -> Value[Datum]:
    """Return a text, unless it is too large."""
    return unsupported(call, "the result is too large") if length_of(pieces) > MAX_TEXT else assembled(pieces, call.at)


def items_answer(call: FunctionCall, items: Values, rest: Unknown | None = None) -> Known[Items]:
    """Return a list, unless it is too large."""
    if len(items) > MAX_ITEMS:
        unsupported(call, "the result is too large")
    return Known(Items(tuple(items), rest), call.at)


def exactly(body: Callable[..., Plain], *readers: Reader, least: int | None = None, most: int | None = -1) -> Function:
    """Return a function of literal arguments; a ValueError of `body` is an error of Terraform.

    The last reader serves all further arguments where `most` is larger or None.
    """

    def run(call: FunctionCall, args: Values) -> Value[Datum]:
        read = [readers[min(n, len(readers) - 1)](call, arg) for n, arg in enumerate(args)]
        try:
            return answer(call, body(*read))
        except ValueError as error:
            refuse(call, str(error))

    return Function(run, len(readers) if least is None else least, len(readers) if most == -1 else most)
