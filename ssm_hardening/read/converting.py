"""Turns values that were read into the model's types: texts, switches, numbers, lists; unknown stays unknown.

Each converter takes what an argument evaluated to, or a member of a document or of an answer of AWS, and names it
(`what`) where it has to say that the value is of another type.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.text.writing import as_text

Converter: TypeAlias = Callable[[Value[Any], str], Value[Any]]

_PARAMETER = re.compile(r"\{\{.*\}\}", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,18}")


def mapped(
    value: Value[Any],
    known: Callable[[Known[Any]], Value[Any]],
    *,
    absent: Callable[[Absent], Value[Any]] | None = None,
) -> Value[Any]:
    """Apply `known` to what is known, branch by branch where a conditional could not be decided."""
    match value:
        case Known():
            return known(value)
        case Absent():
            return value if absent is None else absent(value)
        case Unknown(one_of=branches):
            return either(value, [mapped(branch, known, absent=absent) for branch in branches])


def either(gap: Unknown, branches: Sequence[Value[Any]]) -> Value[Any]:
    """Return what all branches say, or the gap with the branches as its possible values."""
    if branches and all(same(branches[0], branch) for branch in branches[1:]):
        return branches[0]
    flat = [each for branch in branches for each in _choices(branch)]
    return replace(gap, one_of=() if all(isinstance(each, Unknown) for each in flat) else tuple(flat))


def _choices(value: Value[Any]) -> tuple[Value[Any], ...]:
    return value.one_of if isinstance(value, Unknown) and value.one_of else (value,)


def same(one: Value[Any], other: Value[Any]) -> bool:
    """Say whether two values are certainly equal, wherever they were written."""
    match one, other:
        case Known(left), Known(right):
            return type(left) is type(right) and bool(left == right)
        case Absent(), Absent():
            return True
        case _:
            return False


def default(value: Value[Any], fallback: object) -> Value[Any]:
    """Fill in what AWS or the provider assumes where nothing is written."""
    return mapped(value, lambda known: known, absent=lambda absent: Known(fallback, absent.at, defaulted=True))


def text(value: Value[Any], what: str) -> Value[Any]:
    """Return a text; an empty one counts as not set."""
    return mapped(as_text(value), lambda known: _text(known, what))


def _text(known: Known[Any], what: str) -> Value[Any]:
    match known.value:
        case "":
            return Absent(known.at)
        case str() | Reference():
            return known
        case Template(parts):
            certain = any(not isinstance(part, Unknown) for part in parts)
            return known if certain else Unknown(Why.COMPUTED, known.at, str(known.value))
        case other:
            return wrong_type(known, f"{what} is {kind_of(other)}, not a text")


def switch(value: Value[Any], what: str) -> Value[Any]:
    """Return a boolean; a text that reads `true` or `false` keeps that text in `raw`."""
    return mapped(as_text(value), lambda known: _switch(known, what))


def _switch(known: Known[Any], what: str) -> Value[Any]:
    match known.value:
        case bool():
            return known
        case "":
            return Absent(known.at)
        case "true" | "false" as raw:
            return Known(raw == "true", known.at, raw=raw)
        case other:
            return _not_told(known, f"{what} is {kind_of(other)}, not true or false")


def number(value: Value[Any], what: str) -> Value[Any]:
    """Return a whole number; a text of digits keeps that text in `raw`."""
    return mapped(as_text(value), lambda known: _number(known, what))


def _number(known: Known[Any], what: str) -> Value[Any]:
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


def record(value: Value[Any], what: str) -> Value[Any]:
    """Return an object."""
    return mapped(value, lambda known: known if isinstance(known.value, Record) else _no(known, what, "an object"))


def items(value: Value[Any], what: str) -> Value[Any]:
    """Return a list."""
    return mapped(value, lambda known: known if isinstance(known.value, Items) else _no(known, what, "a list"))


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
            return f'the text "{value}"' if len(value) <= 40 else "a text"  # noqa: PLR2004 (what a line of a report bears)
        case Record():
            return "an object"
        case Items():
            return "a list"
        case _:
            return "a text with holes"


def member(value: Value[Any], path: Sequence[str]) -> Value[Any]:
    """Follow keys through objects; Absent where a key is known to be missing on the way."""
    for n, key in enumerate(path):
        value = mapped(record(value, ".".join(path[:n]) or "the content"), partial(_get, key))
    return value


def _get(key: str, known: Known[Any]) -> Value[Any]:
    value: Value[Any] = known.value.get(key, known.at)
    return value
