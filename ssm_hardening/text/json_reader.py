"""A small JSON reader that knows where each member stands and takes holes for values."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Items, Known, Unknown, Value, Why
from ssm_hardening.text.documents import MAX_DEPTH, Document, UnreadableTextError, add_member, has_hole, record_of

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?P<fraction>\.\d+)?(?P<exponent>[eE][-+]?\d+)?", re.ASCII)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"true|false|null")
_MAX_DIGITS = 100
_NOWHERE = CodeOrigin("", 0)


def read(document: Document) -> Value[Any]:
    """Return the document's value; raises UnreadableTextError."""
    reader = _Reader(document)
    value = reader.value(0, document.origin(reader.skip()))
    if reader.skip() != len(document.text):
        raise reader.error("text behind the value")
    return value


@dataclass(slots=True)
class _Reader:
    document: Document
    position: int = field(default=0)

    def skip(self) -> int:
        """Go on to the next character that is no space."""
        match = _SPACE.match(self.document.text, self.position)
        self.position = match.end() if match else self.position
        return self.position

    def error(self, reason: str) -> UnreadableTextError:
        return UnreadableTextError(min(self.position, len(self.document.text)), reason)

    def take(self, character: str) -> bool:
        """Take a character if it comes next."""
        found = self.document.text.startswith(character, self.skip())
        self.position += found
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.document.text, self.position)
        if found:
            self.position = found.end()
        return found

    def value(self, depth: int, at: Origin) -> Value[Any]:
        """Read one value; a member of an object stands where its key does."""
        if depth > MAX_DEPTH:
            raise UnreadableTextError(self.position, "nested too deeply", Why.UNSUPPORTED)
        start = self.skip()
        if self.take("{"):
            return self.members(depth, at)
        if self.take("["):
            return self.items(depth, at)
        if has_hole(self.document.text[start : start + 1]):
            self.position += 1
            return _placed(self.document.bare(self.document.text[start], start, literal), at)
        return _placed(self.scalar(start), at)

    def scalar(self, start: int) -> Value[Any]:
        if self.document.text.startswith('"', start):
            return self.document.text_value(self.string(), start)
        if word := self.match(_WORD):
            at = self.document.origin(start)
            return Absent(at) if word[0] == "null" else Known(word[0] == "true", at)
        if number := self.match(_NUMBER):
            return _number(number, self.document.origin(start))
        raise self.error("a value is missing")

    def string(self) -> str:
        found = self.match(_STRING)
        if found is None:
            raise self.error("a text that does not end, or an unknown escape")
        text: str = json.loads(found[0])
        return _LONE_SURROGATE.sub("\ufffd", text)

    def members(self, depth: int, at: Origin) -> Value[Any]:
        members: dict[str, Value[Any]] = {}
        rest: Unknown | None = None
        more = not self.take("}")
        while more:
            gap = self.member(members, depth)
            rest = rest if gap is None else gap
            more = self.more("}")
        return record_of(members, rest, at)

    def member(self, members: dict[str, Value[Any]], depth: int) -> Unknown | None:
        start = self.skip()
        at = self.document.origin(start)
        if not self.document.text.startswith('"', start):
            raise self.error("a key is missing")
        key = self.document.parts(self.string())
        if not self.take(":"):
            raise self.error("a colon is missing")
        return add_member(members, key, self.value(depth + 1, at), at)

    def items(self, depth: int, at: Origin) -> Value[Any]:
        items: list[Value[Any]] = []
        rest: Unknown | None = None
        more = not self.take("]")
        while more:
            start = self.skip()
            bare = has_hole(self.document.text[start : start + 1])
            item = self.value(depth + 1, self.document.origin(start))
            if bare and isinstance(item, Unknown):
                rest = item  # `[${join(",", x)}]`: a bare hole may be any number of members
            else:
                items.append(item)
            more = self.more("]")
        return Known(Items(tuple(items), rest), at)

    def more(self, end: str) -> bool:
        """Tell whether another member follows."""
        if self.take(","):
            return True
        if self.take(end):
            return False
        raise self.error(f"a comma or {end} is missing")


def _placed(value: Value[Any], at: Origin) -> Value[Any]:
    match value:
        case Known(inner):
            return Known(inner, at)
        case Absent():
            return Absent(at)
        case Unknown():
            return value


def literal(text: str) -> Value[Any] | None:
    """Return the scalar that a candidate's text is, or None."""
    if text in ("true", "false"):
        return Known(text == "true", _NOWHERE)
    number = _NUMBER.fullmatch(text)
    return _number(number, _NOWHERE) if number else None


def _number(match: re.Match[str], at: Origin) -> Value[Any]:
    """Return a number; one that is too large to be exact stays unknown."""
    text = match[0]
    if not match["fraction"] and not match["exponent"] and len(text) <= _MAX_DIGITS:
        return Known(int(text), at)
    number = float(text) if len(text) <= _MAX_DIGITS else float("inf")
    if abs(number) >= 2**53 or (number == 0 and match["exponent"]):
        return Unknown(Why.UNSUPPORTED, at, text[:_MAX_DIGITS])
    return Known(int(number) if number.is_integer() else number, at)
