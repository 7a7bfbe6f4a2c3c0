"""Reads JSON and YAML texts with holes: one unknown member leaves its siblings known, each with its line.

A hole is replaced by one character that no text has, the text is read, and the holes are put back:
within quotes they make a text with holes, bare they stand for one value.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Encoded, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.text.writing import Part, as_text, joined, parts_of, text_of

_FIRST_HOLE = 0xF0000
_MAX_HOLES = 5_000
_HOLE = re.compile(f"[{chr(_FIRST_HOLE)}-{chr(0xFFFFD)}]")
MAX_TEXT = 1_000_000
MAX_DEPTH = 100


class Decoder(Protocol):
    """What decode_json and decode_yaml have in common."""

    def __call__(
        self,
        value: Value[Any],
        at: Origin,
        *,
        first_line: int | None = None,
        line_of: Callable[[int], int] | None = None,
    ) -> Value[Any]:
        """Return the value that a text holds."""
        ...


class UnreadableTextError(Exception):
    """The text is not what it should be, at `offset`. Never leaves this part of the package."""

    def __init__(self, offset: int, reason: str, why: Why = Why.UNPARSEABLE) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason
        self.why = why


@dataclass(frozen=True, slots=True)
class Document:
    """A text whose holes are single characters, and where its lines stand."""

    text: str
    holes: tuple[Reference | Unknown, ...]
    at: Origin
    line_of: Callable[[int], int] | None

    def origin(self, offset: int) -> Origin:
        """Return where the character stands."""
        if self.line_of is None or not isinstance(self.at, CodeOrigin):
            return self.at
        return replace(self.at, line=self.line_of(offset), end_line=0)

    def parts(self, content: str) -> tuple[Part, ...]:
        """Return a piece of the text with its holes put back."""
        found: list[Part] = []
        position = 0
        for match in _HOLE.finditer(content):
            found += [content[position : match.start()], self.holes[ord(match[0]) - _FIRST_HOLE]]
            position = match.end()
        return joined((*found, content[position:]))

    def text_value(self, content: str, offset: int) -> Value[Any]:
        """Return a quoted text as a value."""
        return text_of(self.parts(content), self.origin(offset))

    def bare(self, content: str, offset: int, read: Callable[[str], Value[Any] | None]) -> Value[Any]:
        """Return what a lone hole outside of quotes stands for; `read` reads a candidate's text."""
        hole = self.holes[ord(content) - _FIRST_HOLE]
        if isinstance(hole, Reference):
            return Known(hole, self.origin(offset))
        candidates = [_reread(each, read) for each in hole.one_of]
        known = tuple(each for each in candidates if each is not None)
        return replace(hole, one_of=known if len(known) == len(candidates) else ())

    def unread(self, error: UnreadableTextError, kind: str) -> Unknown:
        """Return the error as a value that says where the text is wrong."""
        return Unknown(error.why, self.origin(error.offset), f"not {kind}: {error.reason}")


def has_hole(content: str) -> bool:
    """Tell whether a piece of a document's text has a hole."""
    return _HOLE.search(content) is not None


def _reread(value: Value[Any], read: Callable[[str], Value[Any] | None]) -> Value[Any] | None:
    match value:
        case Known(str() as text, at):
            found = read(text)
            return Known(found.value, at) if isinstance(found, Known) else None
        case Known(bool() | int() | float()):
            return value
        case _:
            return None


def add_member(members: dict[str, Value[Any]], key: tuple[Part, ...], value: Value[Any], at: Origin) -> Unknown | None:
    """Add a member; a key with a hole stays unknown and may repeat, and so overwrite, one before it."""
    if all(isinstance(part, str) for part in key):
        members["".join(str(part) for part in key)] = value
        return None
    gap = Unknown(Why.UNRESOLVED_INPUT, at, f"the key {Template(key)}")
    pattern = re.compile(
        ".*".join(re.escape(part) if isinstance(part, str) else "" for part in _spread(key)), re.DOTALL
    )
    for name in members:
        if len(name) > 500 or pattern.fullmatch(name):  # noqa: PLR2004 (bounds the matching)
            members[name] = gap
    return gap


def _spread(key: tuple[Part, ...]) -> list[Part]:
    """Return the literal parts of a key, with one empty text at each end that is a hole."""
    return [
        *([""] if not isinstance(key[0], str) else []),
        *(part for part in key if isinstance(part, str)),
        *([""] if not isinstance(key[-1], str) else []),
    ]


def decode_json(
    value: Value[Any],
    at: Origin,
    *,
    first_line: int | None = None,
    line_of: Callable[[int], int] | None = None,
) -> Value[Any]:
    """Return the value that a JSON text holds, each member known or unknown by itself.

    `first_line` is the line of the text's first character, `line_of` maps an offset in the text (each hole
    counts as one character) to a line; without either, every member stands at `at`. What is no JSON is
    Unknown(UNPARSEABLE).
    """
    from ssm_hardening.text import json_reader  # noqa: PLC0415 (it reads what is defined here)

    return _decode(value, at, "JSON", json_reader.read, _lines(first_line, line_of))


def decode_yaml(
    value: Value[Any],
    at: Origin,
    *,
    first_line: int | None = None,
    line_of: Callable[[int], int] | None = None,
) -> Value[Any]:
    """Return the value that a YAML text holds; see `decode_json`.

    What YAML 1.1 and 1.2 read differently (`010`, `y`, a date) is unknown.
    """
    from ssm_hardening.text import yaml_reader  # noqa: PLC0415 (as above)

    return _decode(value, at, "YAML", yaml_reader.read, _lines(first_line, line_of))


def is_other_file(origin: Origin, at: CodeOrigin) -> bool:
    """Tell whether a text was read from another file than the one the expression stands in."""
    return isinstance(origin, CodeOrigin) and origin.file != at.file


_Lines = Callable[[str], Callable[[int], int] | None]


def _lines(first_line: int | None, line_of: Callable[[int], int] | None) -> _Lines:
    """Return how to find a line, once the text is known."""
    if line_of is not None or first_line is None:
        return lambda _text: line_of
    return lambda text: lambda offset: first_line + text.count("\n", 0, offset)


def _decode(
    value: Value[Any], at: Origin, kind: str, read: Callable[[Document], Value[Any]], lines: _Lines
) -> Value[Any]:
    match value:
        case Absent() | Unknown():
            return value
        case Known(Encoded(format=written, value=inner)) if written.upper() == kind or written == "json":
            return inner
        case Known():
            return _read(_document(as_text(value), at, lines), kind, read)


def _read(document: Document | Unknown, kind: str, read: Callable[[Document], Value[Any]]) -> Value[Any]:
    if isinstance(document, Unknown):
        return document
    try:
        return read(document)
    except UnreadableTextError as error:
        return document.unread(error, kind)
    except RecursionError:
        return Unknown(Why.UNSUPPORTED, document.at, f"{kind} nested too deeply")


def _document(value: Value[Any], at: Origin, lines: _Lines) -> Document | Unknown:
    if not isinstance(value, Known):
        return value if isinstance(value, Unknown) else Unknown(Why.UNPARSEABLE, at, "no text")
    if isinstance(value.value, Reference):
        return Unknown(Why.COMPUTED, at, str(value.value))
    parts = parts_of(value.value)
    if parts is None or not isinstance(value.value, str | Template):
        return Unknown(Why.UNPARSEABLE, at, "not a text")
    holes = tuple(part for part in parts if not isinstance(part, str))
    literal = "".join(part for part in parts if isinstance(part, str))
    if len(holes) > _MAX_HOLES or len(literal) > MAX_TEXT or has_hole(literal):
        return Unknown(Why.UNSUPPORTED, at, "a text that is too large or has characters of plane 15")
    numbered = iter(range(_FIRST_HOLE, _FIRST_HOLE + len(holes)))
    text = "".join(part if isinstance(part, str) else chr(next(numbered)) for part in parts)
    return Document(text, holes, at, lines(text))


def record_of(members: dict[str, Value[Any]], rest: Unknown | None, at: Origin) -> Value[Any]:
    """Return an object."""
    return Known(Record(members, rest), at)
