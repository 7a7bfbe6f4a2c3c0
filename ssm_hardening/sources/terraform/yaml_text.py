"""Writes values as YAML text exactly as `yamlencode` does, or says that it cannot."""

import re
from collections.abc import Iterator
from typing import Any

from ssm_hardening.sources.terraform.json_text import names_a_string
from ssm_hardening.sources.terraform.texts import Part, number_text, parts_of
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why

_PLAIN = re.compile(r"[ !#-\[\]-~]*\Z")
_FOLD_WIDTH = 70


class _NotWritableError(Exception):
    """The exact text depends on something that is not known."""

    def __init__(self, gap: Unknown) -> None:
        super().__init__(gap.detail)
        self.gap = gap


def render(value: Value[Any]) -> Iterator[Part]:
    """Yield the text in parts; one unknown hole where the layout depends on something unknown."""
    try:
        lines = _lines(value)
    except _NotWritableError as stop:
        return iter((stop.gap,))
    return (part for line in lines for part in (*line, "\n"))


def _lines(value: Value[Any]) -> list[list[Part]]:
    """Return the lines of a block; a scalar is one line."""
    match value:
        case Known(Record(members, None)) if members:
            return [line for key in sorted(members) for line in _member(key, members[key])]
        case Known(Items(items, None)) if items:
            return [line for item in items for line in _indented("- ", _lines(item))]
        case _:
            return [list(_scalar(value))]


def _member(key: str, value: Value[Any]) -> list[list[Part]]:
    name = "".join(str(part) for part in _string((key,), value)) + ":"
    lines = _lines(value)
    match value:
        case Known(Record(members, None)) if members:
            return [[name], *_indented("  ", lines)]
        case Known(Items(items, None)) if items:
            return [[name], *lines]
        case _:
            return [[name + " ", *lines[0]]]


def _indented(first: str, lines: list[list[Part]]) -> list[list[Part]]:
    return [[first if n == 0 else "  ", *line] for n, line in enumerate(lines)]


def _scalar(value: Value[Any]) -> Iterator[Part]:
    match value:
        case Absent():
            yield "null"
        case Unknown():
            raise _NotWritableError(value)
        case Known(bool() as flag):
            yield "true" if flag else "false"
        case Known(int() | float() as number):
            yield number_text(number)
        case Known(Record(rest=None)):
            yield "{}"
        case Known(Items(rest=None)):
            yield "[]"
        case Known(str() | Template() as text):
            yield from _string(parts_of(text) or (), value)
        case Known(Reference() as reference) if names_a_string(reference):
            yield from _string((reference,), value)
        case Known(_, at):
            raise _NotWritableError(Unknown(Why.COMPUTED, at, "yamlencode of a value that is not known"))


def _string(parts: tuple[Part, ...], value: Value[Any]) -> Iterator[Part]:
    """Yield a quoted string; the encoder folds long ones and writes other characters in its own way."""
    literal = "".join(part for part in parts if isinstance(part, str))
    if not _PLAIN.match(literal) or (len(literal) > _FOLD_WIDTH and " " in literal):
        raise _NotWritableError(Unknown(Why.UNSUPPORTED, value.at, "the exact text of yamlencode"))
    return iter(('"', *parts, '"'))
