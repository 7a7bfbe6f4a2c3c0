"""JSON read from texts with holes, by a reader that knows the place of each member."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ssm_hardening.core.logic import unanswered
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.text.reading import (
    MAX_DEPTH,
    TextWithHoles,
    UnreadableTextError,
    add_member,
    has_hole,
    more_members,
    moved,
)

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?P<fraction>\.\d+)?(?P<exponent>[eE][-+]?\d+)?", re.ASCII)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"true|false|null")
_MAX_DIGITS = 100
_NOWHERE = CodeOrigin("", 0)


def read_json(document: TextWithHoles) -> Value[Datum]:
    """Return the value of a JSON text; raises UnreadableTextError."""
    reader = _Reader(document)
    value = reader.value(0, document.origin(reader.skip()))
    if reader.skip() != len(document.text):
        raise reader.error("unexpected text after the value")
    return value


@dataclass(slots=True)
class _Reader:
    document: TextWithHoles
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

    def value(self, depth: int, at: Origin) -> Value[Datum]:
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
            return moved(self.document.bare(self.document.text[start], start, literal), at)
        return moved(self.scalar(start), at)

    def scalar(self, start: int) -> Value[Datum]:
        if self.document.text.startswith('"', start):
            return self.document.text_value(self.string(), start)
        if word := self.match(_WORD):
            at = self.document.origin(start)
            return Absent(at) if word[0] == "null" else Known(word[0] == "true", at)
        if number := self.match(_NUMBER):
            return _number(number, self.document.origin(start))
        raise self.error("expected a value")

    def string(self) -> str:
        found = self.match(_STRING)
        if found is None:
            raise self.error("unterminated string, or an unknown escape sequence")
        text: str = json.loads(found[0])
        return _LONE_SURROGATE.sub("\ufffd", text)

    def members(self, depth: int, at: Origin) -> Value[Datum]:
        members: dict[str, Value[Datum]] = {}
        rest: Unknown | None = None
        for hole in self.places("}"):
            gap = self.member(members, depth) if hole is None else more_members(members, hole)
            rest = rest if gap is None else gap
        return Known(Record(members, rest), at)

    def places(self, end: str) -> Iterator[Unknown | None]:
        """Yield, for each place up to the end, what may stand between members; None where a member does.

        A hole there (`%{ if … }"a": 1,%{ endif }`) brings its own commas.
        """
        may_follow, is_due = True, False
        while True:
            if (hole := self.between(end)) is not None:
                may_follow, is_due = True, False
                yield hole
                self.take(",")
            elif self.take(end):
                if is_due:
                    raise self.error("expected a value")
                return
            elif not may_follow:
                raise self.error(f"expected a comma or {end}")
            else:
                yield None
                may_follow = is_due = self.take(",")

    def between(self, end: str) -> Unknown | None:
        """Take a hole that stands between members: in a list, one that no comma sets apart."""
        start = self.skip()
        if not has_hole(self.document.text[start : start + 1]):
            return None
        self.position += 1
        hole = self.document.hole(self.document.text[start])
        last = start
        while last and self.document.text[last - 1] in " \t\n\r":
            last -= 1
        before = self.document.text[last - 1 : last] if last else ""
        behind = self.document.text[self.skip() : self.position + 1]
        if end == "]" and before in ("[", ",") and behind in (",", "]"):
            self.position = start
            return None
        return hole if isinstance(hole, Unknown) else Unknown(Why.COMPUTED, self.document.origin(start), str(hole))

    def member(self, members: dict[str, Value[Datum]], depth: int) -> Unknown | None:
        start = self.skip()
        at = self.document.origin(start)
        if not self.document.text.startswith('"', start):
            raise self.error("expected a key")
        key = self.document.parts(self.string())
        if not self.take(":"):
            raise self.error("expected a colon")
        return add_member(members, key, self.value(depth + 1, at), at)

    def items(self, depth: int, at: Origin) -> Value[Datum]:
        items: list[Value[Datum]] = []
        rest: Unknown | None = None
        for hole in self.places("]"):
            if hole is not None:
                rest = unanswered(hole)
                continue
            start = self.skip()
            bare = has_hole(self.document.text[start : start + 1])
            item = self.value(depth + 1, self.document.origin(start))
            if bare and isinstance(item, Unknown):
                rest = item  # `[${join(",", x)}]`: a bare hole may be any number of members
            else:
                items.append(item)
        return Known(Items(tuple(items), rest), at)


def literal(text: str) -> Value[Datum] | None:
    """Return the scalar that a candidate's text is, or None."""
    if text in ("true", "false"):
        return Known(text == "true", _NOWHERE)
    number = _NUMBER.fullmatch(text)
    return _number(number, _NOWHERE) if number else None


def _number(match: re.Match[str], at: Origin) -> Value[Datum]:
    """Return a number; one that is too large to be exact stays unknown."""
    text = match[0]
    if not match["fraction"] and not match["exponent"] and len(text) <= _MAX_DIGITS:
        return Known(int(text), at)
    number = float(text) if len(text) <= _MAX_DIGITS else float("inf")
    if abs(number) >= 2**53 or (number == 0 and match["exponent"]):
        return Unknown(Why.UNSUPPORTED, at, text[:_MAX_DIGITS])
    return Known(int(number) if number.is_integer() else number, at)
