"""Texts with holes, and JSON read from them: one unknown member leaves its siblings known, each with its line.

A hole is replaced by one character that no text has, the text is read, and the holes are put back:
within quotes they make a text with holes, bare they stand for one value.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ssm_hardening.core.logic import known_or, unanswered
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.text.writing import MAX_TEXT, Part, assembled, joined

_FIRST_HOLE = 0xF0000
_MAX_HOLES = 5_000
_HOLE = re.compile(f"[{chr(_FIRST_HOLE)}-{chr(0xFFFFD)}]")
_HOLES_IN_A_ROW = re.compile(r"(?:\.\*){2,}")
_LONGEST_NAME = 500
"""Names of up to so many characters are compared with a key that has holes; a longer one may be meant."""

MAX_DEPTH = 100


class UnreadableTextError(Exception):
    """The text is not what it should be, at `offset`. Never leaves this part of the package."""

    def __init__(self, offset: int, reason: str, why: Why = Why.UNPARSEABLE) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason
        self.why = why


@dataclass(frozen=True, slots=True)
class TextWithHoles:
    """A text whose holes are single characters; `first_line` is where it begins, if its lines are those of a file."""

    text: str
    holes: tuple[Reference | Unknown, ...]
    at: Origin
    first_line: int | None

    def origin(self, offset: int) -> Origin:
        """Return where the character stands."""
        if self.first_line is None or not isinstance(self.at, CodeOrigin):
            return self.at
        return replace(self.at, line=self.first_line + self.text.count("\n", 0, offset), end_line=0)

    def parts(self, content: str) -> tuple[Part, ...]:
        """Return a piece of the text with its holes put back."""
        found: list[Part] = []
        position = 0
        for match in _HOLE.finditer(content):
            found += [content[position : match.start()], self.holes[ord(match[0]) - _FIRST_HOLE]]
            position = match.end()
        return joined((*found, content[position:]))

    def text_value(self, content: str, offset: int) -> Value[Datum]:
        """Return a quoted text as a value."""
        return assembled(self.parts(content), self.origin(offset))

    def bare(self, content: str, offset: int, read: Callable[[str], Value[Datum] | None]) -> Value[Datum]:
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


def with_holes(parts: Sequence[Part], at: Origin, first_line: int | None) -> TextWithHoles | Unknown:
    """Return a text in parts as one in which each hole is a single character; Unknown where there are too many."""
    holes = tuple(part for part in parts if not isinstance(part, str))
    literal = "".join(part for part in parts if isinstance(part, str))
    if len(holes) > _MAX_HOLES or len(literal) > MAX_TEXT or has_hole(literal):
        return Unknown(Why.UNSUPPORTED, at, "the string is too large, or contains private use characters of plane 15")
    numbered = iter(range(_FIRST_HOLE, _FIRST_HOLE + len(holes)))
    text = "".join(part if isinstance(part, str) else chr(next(numbered)) for part in parts)
    return TextWithHoles(text, holes, at, first_line)


def has_hole(content: str) -> bool:
    """Tell whether a piece of a document's text has a hole."""
    return _HOLE.search(content) is not None


def _reread(value: Value[Datum], read: Callable[[str], Value[Datum] | None]) -> Value[Datum] | None:
    match known_or(value, None):
        case str() as text:
            found = read(text)
            return moved(found, value.at) if isinstance(found, Known) else None
        case bool() | int() | float():
            return value
        case _:
            return None


def moved(value: Value[Datum], at: Origin) -> Value[Datum]:
    """Return what was read elsewhere as it stands at this place; why it is not known stays where it is."""
    return value if isinstance(value, Unknown) else replace(value, at=at)


def add_member(
    members: dict[str, Value[Datum]], key: tuple[Part, ...], value: Value[Datum], at: Origin
) -> Unknown | None:
    """Add a member; a key with a hole stays unknown and may repeat, and so overwrite, one before it."""
    if all(isinstance(part, str) for part in key):
        members["".join(str(part) for part in key)] = value
        return None
    gap = Unknown(Why.UNRESOLVED_INPUT, at, f"the key {Template(key)}")
    members.update(dict.fromkeys(names_spelled(members, key), gap))
    return gap


def more_members(members: dict[str, Value[Datum]], hole: Unknown) -> Unknown:
    """Return why there may be more members where a hole stands between some; it may overwrite those before it."""
    gap = unanswered(hole)
    texts = [spelled(each) for each in hole.one_of]
    for name in members:
        if not texts or any(text is None or name in text for text in texts):
            members[name] = gap
    return gap


def spelled(candidate: Value[Datum]) -> str | None:
    """Return the text that a hole may stand for, its own holes as characters of the private use; None for others."""
    match known_or(candidate, None):
        case str() as text:
            return text
        case Template(parts):
            return "".join(part if isinstance(part, str) else chr(_FIRST_HOLE) for part in parts)
        case _:
            return None


def names_spelled(names: Iterable[str], spelling: Sequence[Part]) -> list[str]:
    """Return the names that a text with holes may turn out to be."""
    spelled = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in spelling)
    pattern = re.compile(_HOLES_IN_A_ROW.sub(".*", spelled), re.DOTALL)
    return [name for name in names if len(name) > _LONGEST_NAME or pattern.fullmatch(name)]


@dataclass(frozen=True, slots=True)
class UnknownLines:
    """A place in a text where a hole stood that may be lines; `continues`: they may go on with the text before it."""

    offset: int
    hole: Unknown
    continues: bool


_OPENS = re.compile(r"\s*(?:#|-(?:\s|$)|\S.*:(?:\s|$))")
"""What a line of YAML begins with that does not go on with the text before it."""


def without_lines(document: TextWithHoles, *, any_alone: bool) -> tuple[TextWithHoles, list[UnknownLines]]:
    """Return a text without the holes that stand for whole lines, and their places.

    `any_alone`: one that is alone on its line counts, though nothing tells what it may be.
    """
    text = document.text
    taken: list[tuple[int, Unknown]] = []
    for match in reversed(list(_HOLE.finditer(text))):
        hole = document.holes[ord(match[0]) - _FIRST_HOLE]
        if isinstance(hole, Unknown) and _are_lines(text, match.start(), hole, any_alone=any_alone):
            text = text[: match.start()] + text[match.end() :]
            taken.append((match.start(), hole))
    places = [UnknownLines(start - n, hole, _continues(hole)) for n, (start, hole) in enumerate(reversed(taken))]
    return replace(document, text=text), places


def _are_lines(text: str, position: int, hole: Unknown, *, any_alone: bool) -> bool:
    """Say whether a hole is whole lines, none of which takes what follows it for its own."""
    before = _HOLE.sub("", text[text.rfind("\n", 0, position) + 1 : position])
    behind, _, later = text[position + 1 :].partition("\n")
    is_first, is_last = not before.strip(), not behind.strip()
    if not hole.one_of:
        return any_alone and is_first and is_last
    texts = [spelled(each) for each in hole.one_of]
    next_lines = [before + behind, *later.split("\n", 50)] if is_first else later.split("\n", 50)
    depth = next((_indentation(line) for line in next_lines if line.strip()), 0)
    for each in texts:
        lines = [] if each is None else ((before if is_first else "") + each).split("\n")
        filled = [line for line in lines if line.strip()]
        begins = is_last and bool(lines) and not lines[0].strip()
        ends = is_first and bool(lines) and lines[-1] == before
        if each is None or (each and not (len(lines) > 1 and (begins or ends))):
            return False
        if filled and min(map(_indentation, filled)) < depth:
            return False
    return True


def _continues(hole: Unknown) -> bool:
    texts = [spelled(each) for each in hole.one_of]
    return not texts or not all(text is not None and (not text.strip() or _OPENS.match(text)) for text in texts)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


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
        hole = self.document.holes[ord(self.document.text[start]) - _FIRST_HOLE]
        before = self.document.text[:start].rstrip()[-1:]
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
