"""Turns values that were read into the model's types: texts, switches, numbers, lists; unknown stays unknown.

Each converter takes what an argument evaluated to, or a member of a document or of an answer of AWS, and names it
(`what`) where it has to say that the value is of another type. What an argument's JSON or YAML text holds is a value,
too, with the place of each member.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Encoded,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.text.documents import Decoder, decode_json, decode_yaml
from ssm_hardening.text.writing import as_text

T = TypeVar("T")
U = TypeVar("U")

_PARAMETER = re.compile(r"\{\{.*\}\}", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,18}")
_SHOWN = 40
"""The characters of a text that a line of a report bears."""

_CONFIGURATION = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")


def by_branch(
    value: Value[T], known: Callable[[Known[T]], Value[U]], *, absent: Callable[[Absent], Value[U]] | None = None
) -> Value[U]:
    """Apply `known` to what is known, branch by branch where a conditional could not be decided."""
    match value:
        case Known():
            return known(value)
        case Absent():
            return value if absent is None else absent(value)
        case Unknown(one_of=branches):
            return either(value, [by_branch(branch, known, absent=absent) for branch in branches])


def either(gap: Unknown, branches: Sequence[Value[T]]) -> Value[T]:
    """Return what all branches say, or the gap with the branches as its possible values."""
    if branches and all(same(branches[0], branch) for branch in branches[1:]):
        return branches[0]
    flat = [each for branch in branches for each in _choices(branch)]
    return replace(gap, one_of=() if all(isinstance(each, Unknown) for each in flat) else tuple(flat))


def _choices(value: Value[T]) -> tuple[Value[T], ...]:
    return value.one_of if isinstance(value, Unknown) and value.one_of else (value,)


def same(one: Value[object], other: Value[object]) -> bool:
    """Say whether two values are certainly equal, wherever they were written."""
    match one, other:
        case Known(left), Known(right):
            return type(left) is type(right) and bool(left == right)
        case Absent(), Absent():
            return True
        case _:
            return False


def or_else(value: Value[T], other: Value[T]) -> Value[T]:
    """Return the value, or another one where nothing is written."""
    return by_branch(value, lambda known: known, absent=lambda _: other)


def default(value: Value[T], fallback: T) -> Value[T]:
    """Fill in what AWS or the provider assumes where nothing is written."""
    return by_branch(value, lambda known: known, absent=lambda absent: Known(fallback, absent.at, defaulted=True))


def text(value: Value[Datum], what: str) -> Value[Text]:
    """Return a text; an empty one counts as not set."""
    return by_branch(as_text(value), lambda known: _text(known, what))


def _text(known: Known[Any], what: str) -> Value[Text]:
    match known.value:
        case "":
            return Absent(known.at)
        case str() | Reference():
            return known
        case Template(parts):
            certain = any(not isinstance(part, Unknown) for part in parts)
            return known if certain else Unknown(Why.COMPUTED, known.at, str(known.value))
        case other:
            return wrong_type(known, f"{what} is {kind_of(other)}, not a string")


def switch(value: Value[Datum], what: str) -> Value[bool]:
    """Return a boolean; a text that reads `true` or `false` keeps that text in `raw`."""
    return by_branch(as_text(value), lambda known: _switch(known, what))


def _switch(known: Known[Any], what: str) -> Value[bool]:
    match known.value:
        case bool():
            return known
        case "":
            return Absent(known.at)
        case "true" | "false" as raw:
            return Known(raw == "true", known.at, raw=raw)
        case other:
            return _not_told(known, f"{what} is {kind_of(other)}, not a boolean")


def number(value: Value[Datum], what: str) -> Value[int]:
    """Return a whole number; a text of digits keeps that text in `raw`."""
    return by_branch(as_text(value), lambda known: _number(known, what))


def _number(known: Known[Any], what: str) -> Value[int]:
    match known.value:
        case bool():
            return wrong_type(known, f"{what} is a boolean, not a number")
        case int():
            return known
        case float() as given if given.is_integer():
            return Known(int(given), known.at)
        case "":
            return Absent(known.at)
        case str() as raw if _NUMBER.fullmatch(raw):
            return Known(int(raw), known.at, raw=raw)
        case other:
            return _not_told(known, f"{what} is {kind_of(other)}, not a whole number")


def _not_told(known: Known[Any], complaint: str) -> Unknown:
    """Say why a switch or number has no value: it is told later, or it is simply wrong."""
    match known.value:
        case Reference() | Template() as text_value:
            return Unknown(Why.COMPUTED, known.at, str(text_value))
        case str() as parameter if _PARAMETER.search(parameter):
            return Unknown(Why.COMPUTED, known.at, f"the caller's parameter {parameter}")
        case _:
            return wrong_type(known, complaint)


def record(value: Value[Datum], what: str) -> Value[Record]:
    """Return an object."""
    return by_branch(value, partial(_record, what=what))


def _record(known: Known[Any], what: str) -> Value[Record]:
    return known if isinstance(known.value, Record) else _no(known, what, "an object")


def items(value: Value[Datum], what: str) -> Value[Items]:
    """Return a list."""
    return by_branch(value, partial(_items, what=what))


def _items(known: Known[Any], what: str) -> Value[Items]:
    return known if isinstance(known.value, Items) else _no(known, what, "a list")


def _no(known: Known[Any], what: str, wanted: str) -> Unknown:
    if isinstance(known.value, Reference):
        return Unknown(Why.COMPUTED, known.at, str(known.value))
    return wrong_type(known, f"{what} is {kind_of(known.value)}, not {wanted}")


def wrong_type(known: Known[Any], detail: str) -> Unknown:
    """Say that a value is there, but not one that AWS would read."""
    return Unknown(Why.UNPARSEABLE, known.at, detail)


def kind_of(value: object) -> str:
    """Return what a value is, as a person would call it."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return f"the number {value:g}"
        case str():
            return f'the string "{value}"' if len(value) <= _SHOWN else "a string"
        case Record():
            return "an object"
        case Items():
            return "a list"
        case _:
            return "a partly known string"


def member(value: Value[Datum], path: Sequence[str]) -> Value[Datum]:
    """Follow keys through objects; Absent where a key is known to be missing on the way."""
    for n, key in enumerate(path):
        if isinstance(value, Known) and isinstance(value.value, Record):
            value = value.value.get(key, value.at)  # as below, but this is by far the most frequent case
            continue
        value = by_branch(record(value, ".".join(path[:n]) or "the content"), partial(_get, key))
    return value


def _get(key: str, known: Known[Record]) -> Value[Datum]:
    return known.value.get(key, known.at)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document's value. `problem` says why its text as a whole would be refused; Absent where it would not."""

    value: Value[Datum]
    problem: Value[str]


def json_document(value: Value[Datum]) -> Value[Datum]:
    """Return what a JSON argument (a policy) holds; an empty text holds nothing."""
    return by_branch(value, lambda known: Absent(known.at) if known.value == "" else _decode(known, decode_json))


def decoded(value: Value[Datum], document_format: Value[Datum]) -> Decoded:
    """Return what a document's content holds, in the format that the document declares."""
    read = partial(_in_format, document_format=document_format)
    return Decoded(by_branch(value, read), by_branch(value, partial(_problem, document_format=document_format)))


def _in_format(known: Known[Datum], *, document_format: Value[Datum]) -> Value[Datum]:
    if isinstance(known.value, Encoded):
        return _in_order(known.value.value)
    match document_format:
        case Known("JSON") | Absent():
            return _decode(known, decode_json)
        case Known("YAML"):
            return _decode(known, decode_yaml)
        case _:
            found = _decode(known, decode_json)
            return _decode(known, decode_yaml) if _is_unreadable(found) else found


def _in_order(value: Value[Datum]) -> Value[Datum]:
    """Return an encoded object with keys that differ by case alone in the order of its text: Terraform sorts them."""
    if not isinstance(value, Known) or not isinstance(value.value, Record):
        return value
    members = value.value.members
    alike = len({key.lower() for key in members}) < len(members)
    ordered = {key: _in_order(members[key]) for key in (sorted(members) if alike else members)}
    return replace(value, value=replace(value.value, members=ordered))


def _problem(known: Known[Datum], *, document_format: Value[Datum]) -> Value[str]:
    size = _size(known)
    if size > MOST_BYTES:
        return Known(f"the content has {size:,} bytes (AWS accepts at most {MOST_BYTES:,})", known.at)
    match known.value, document_format:
        case Encoded(format="yaml"), Known("JSON") | Absent():
            return Known("the content is YAML, but document_format is JSON", known.at)
        case str() as written, _:
            found = _in_format(known, document_format=document_format)
            if isinstance(found, Unknown) and _is_unreadable(found):
                return Known(f"the content is {found.detail}", found.at)
            return _repeated(written, known.at)
        case Template(parts), _:
            # A number stands for a hole, within quotes and without: each for one of its own.
            return _repeated(
                "".join(part if isinstance(part, str) else f"{n}" for n, part in enumerate(parts)), known.at
            )
        case _:
            pass
    return Absent(known.at)


MOST_BYTES = 64 * 1024
"""What a document may hold."""


def _size(known: Known[Datum]) -> int:
    """Return how many bytes a content has at least: what is not known of it counts nothing."""
    match as_text(known):
        case Known(str() as written):
            return len(written.encode("utf-8", "surrogatepass"))
        case Known(Template(parts)):
            return sum(len(part.encode("utf-8", "surrogatepass")) for part in parts if isinstance(part, str))
        case _:
            return 0


def _repeated(written: str, at: Origin) -> Value[str]:
    """Say where an object of a JSON text has a key twice, with different values: of these the agent takes the last."""
    found: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen and seen[key] != value:
                found.append(key)
            seen[key] = value
        return seen

    try:
        json.loads(written, object_pairs_hook=members, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return Absent(at)
    if not found:
        return Absent(at)
    detail = f"{found[0]} occurs twice with different values; the agent uses the last one"
    return Unknown(Why.UNSUPPORTED, at, detail)


def _is_unreadable(value: Value[Datum]) -> bool:
    return isinstance(value, Unknown) and value.why is Why.UNPARSEABLE


def _decode(known: Known[Datum], decode: Decoder) -> Value[Datum]:
    return decode(known, known.at, first_line=_first_line(known.at))


def _first_line(at: Origin) -> int | None:
    """Return the line of the text's first character, where its lines are the file's own.

    A heredoc stands on the lines from `at.line` on, and so does a file of another kind; a quoted text stands on one
    line, whatever line breaks it holds.
    """
    match at:
        case CodeOrigin(file, line, end_line):
            own_lines = end_line > line or not file.endswith(_CONFIGURATION)
            return line if own_lines else None
        case _:
            return None
