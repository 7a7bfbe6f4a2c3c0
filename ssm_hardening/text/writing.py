"""Texts in parts, and values as JSON or YAML text exactly as Terraform prints them, holes included."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from ssm_hardening.core import limits
from ssm_hardening.core.logic import known_or, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Encoded,
    Items,
    Known,
    Record,
    Reference,
    Repeated,
    Template,
    Unknown,
    Value,
    Why,
)

Part: TypeAlias = str | Reference | Unknown

MAX_TEXT = limits.TEXT
"""Characters a computed text may have; more is not evaluated."""


def number_text(number: float) -> str:
    """Write a number as Terraform does: without exponent, and without `.0`."""
    if isinstance(number, int):
        return str(number)
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_text(value: float) -> str:
    """Write a boolean or a number as Terraform does where it wants a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def scalar_text(value: object) -> str | None:
    """Return what a literal becomes where Terraform wants a string, or None where it is no scalar."""
    if isinstance(value, bool | int | float):
        return plain_text(value)
    return value if isinstance(value, str) else None


def as_string(value: Value[Datum]) -> Value[Datum]:
    """Return a boolean or a number as the string it becomes beside texts; every other value as it is."""
    if isinstance(value, Known) and isinstance(value.value, bool | int | float):
        return Known(plain_text(value.value), value.at)
    return value


def composed(text: str) -> str:
    """Return a text as Terraform keeps every text: `e` and a combining accent are one `é` (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", _MAY_HAVE_MANY_MARKS.sub(_with_joiners, text))


_MOST_MARKS = 30
"""Combining marks in a row, as Unicode's stream-safe text has them: Python sorts them in the square of the time."""

_MAY_HAVE_MANY_MARKS = re.compile(rf"[^\x00-\x7f]{{{_MOST_MARKS + 1},}}")
_JOINER = "\u034f"


def _with_joiners(found: re.Match[str]) -> str:
    """Return a piece of a text with a joiner where more marks follow, as Go puts one there."""
    letters: list[str] = []
    marks = 0
    for letter in found[0]:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks > _MOST_MARKS:
            letters.append(_JOINER)
            marks = 1
        letters.append(letter)
    return "".join(letters)


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts with neighbouring literals merged and empty ones left out."""
    merged: list[Part] = []
    pending: list[str] = []
    for part in parts:
        if isinstance(part, str):
            pending.append(part)
            continue
        _flush(pending, merged)
        merged.append(part)
    _flush(pending, merged)
    return tuple(merged)


def _flush(pending: list[str], merged: list[Part]) -> None:
    text = composed("".join(pending))
    pending.clear()
    if text:
        merged.append(text)


def assembled(parts: Iterable[Part], at: Origin) -> Value[Datum]:
    """Return the parts as one value: a string, a reference, a template, or the one unknown they consist of."""
    match joined(parts):
        case ():
            return Known("", at)
        case (Unknown() as gap,):
            gap = unanswered(gap) if isinstance(gap, Repeated) else gap
            return replace(gap, one_of=tuple(as_string(each) for each in gap.one_of))
        case (str() | Reference() as part,):
            return Known(part, at)
        case several:
            return Known(Template(several), at)


def parts_of(value: object) -> tuple[Part, ...] | None:
    """Return the parts of a known value that is a text, or None where it is none."""
    match value:
        case Template(parts):
            return parts
        case Reference():
            return (value,)
        case _:
            text = scalar_text(value)
            return None if text is None else (text,)


def length_of(parts: Sequence[Part]) -> int:
    """Return how many literal characters the parts have; what stands for a hole counts as some, too."""
    return sum(len(part) if isinstance(part, str) else _HOLE for part in parts)


_HOLE = 20


_STRING_ATTRIBUTE = re.compile(r"(?:^|[._])(?:id|arn|name|bucket|prefix)$")
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_SPECIAL = re.compile("[<>&\u2028\u2029]")


def quoted(text: str) -> str:
    """Return the text as a JSON string, with the characters escaped that Go escapes."""
    return _SPECIAL.sub(lambda match: _ESCAPED[match[0]], json.dumps(text, ensure_ascii=False))


def names_a_string(reference: Reference) -> bool:
    """Tell whether the attribute is certainly a string (`id`, `arn`, `kms_key_id`)."""
    return _STRING_ATTRIBUTE.search(reference.attribute) is not None


def json_text(value: Value[Datum]) -> Iterator[Part]:
    """Yield the text in parts; an unknown hole outside of quotes stands for one JSON value."""
    if isinstance(value, Known):
        yield from _known(value.value, value.at)
    else:
        yield value if isinstance(value, Unknown) else "null"


def _known(inner: Datum, at: Origin) -> Iterator[Part]:
    match inner:
        case bool() | int() | float():
            yield plain_text(inner)
        case str():
            yield quoted(inner)
        case Template(parts):
            yield from quoted_parts(parts)
        case Reference() if names_a_string(inner):
            yield from quoted_parts((inner,))
        case Reference():
            yield Unknown(Why.COMPUTED, at, str(inner))
        case Record(rest=Unknown() as gap) | Items(rest=Unknown() as gap):
            yield gap
        case Record() | Items():
            yield from _collection(inner)
        case Encoded():
            # An encoded text within another one is a string.
            yield from json_text(as_text(Known(inner, at)))


def quoted_parts(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Yield a quoted string whose holes lie inside of the quotes."""
    yield '"'
    for part in parts:
        yield quoted(part)[1:-1] if isinstance(part, str) else part
    yield '"'


def _collection(inner: Record | Items) -> Iterator[Part]:
    if isinstance(inner, Items):
        yield "["
        for n, item in enumerate(inner.items):
            yield "," if n else ""
            yield from json_text(item)
        yield "]"
        return
    yield "{"
    for n, key in enumerate(sorted(inner.members)):
        yield ("," if n else "") + quoted(key) + ":"
        yield from json_text(inner.members[key])
    yield "}"


_PLAIN = re.compile(r"[ !#-\[\]-~]*\Z")
_FOLD_WIDTH = 70


class _NotWritableError(Exception):
    """The exact text depends on something that is not known."""

    def __init__(self, gap: Unknown) -> None:
        super().__init__(gap.detail)
        self.gap = gap


def yaml_text(value: Value[Datum]) -> Iterator[Part]:
    """Yield the text in parts; one unknown hole where the layout depends on something unknown."""
    try:
        lines = _lines(value)
    except _NotWritableError as stop:
        return iter((stop.gap,))
    return (part for line in lines for part in (*line, "\n"))


def _lines(value: Value[Datum]) -> list[list[Part]]:
    """Return the lines of a block; a scalar is one line."""
    match known_or(value, None):
        case Record(members, None) if members:
            return [line for key in sorted(members) for line in _member(key, members[key])]
        case Items(items, None) if items:
            return [line for item in items for line in _indented("- ", _lines(item))]
        case _:
            return [list(_scalar(value))]


def _member(key: str, value: Value[Datum]) -> list[list[Part]]:
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


def _scalar(value: Value[Datum]) -> Iterator[Part]:
    match value:
        case Absent():
            yield "null"
        case Unknown():
            raise _NotWritableError(value)
        case Known(bool() | int() | float() as scalar):
            yield plain_text(scalar)
        case Known(Record(rest=None)):
            yield "{}"
        case Known(Items(rest=None)):
            yield "[]"
        case Known(str() | Template() as text):
            yield from _string(parts_of(text) or (), value)
        case Known(Reference() as reference) if names_a_string(reference):
            yield from _string((reference,), value)
        case Known(_, at):
            raise _NotWritableError(Unknown(Why.COMPUTED, at, "yamlencode of an unknown value"))


def _string(parts: tuple[Part, ...], value: Value[Datum]) -> Iterator[Part]:
    """Yield a quoted string; the encoder folds long ones and writes other characters in its own way."""
    literal = "".join(part for part in parts if isinstance(part, str))
    if not _PLAIN.match(literal) or (len(literal) > _FOLD_WIDTH and " " in literal):
        raise _NotWritableError(Unknown(Why.UNSUPPORTED, value.at, "the exact text of yamlencode"))
    return iter(('"', *parts, '"'))


def as_text(value: Value[Datum]) -> Value[Datum]:
    """Return an encoded value as the text Terraform computes, with holes where members are unknown.

    Every other value is returned as it is.
    """
    if isinstance(value, Known) and isinstance(value.value, Encoded):
        write = json_text if value.value.format == "json" else yaml_text
        return assembled(write(value.value.value), value.at)
    return value
