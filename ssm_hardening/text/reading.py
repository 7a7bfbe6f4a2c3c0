"""Texts with holes, as documents are read from them: one unknown member leaves its siblings known, each with its line.

A hole is replaced by one character that no text has, the text is read, and the holes are put back: within quotes they
make a text with holes, bare they stand for one value, and on lines of their own for lines that may be there or not.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ssm_hardening.core.logic import known_or, unanswered
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Datum, Known, Reference, Repeated, Template, Unknown, Value, Why
from ssm_hardening.text.writing import MAX_TEXT, Part, assembled, joined

_FIRST_HOLE = 0xF0000
_MAX_HOLES = 5_000
HOLE = re.compile(f"[{chr(_FIRST_HOLE)}-{chr(0xFFFFD)}]")
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

    def hole(self, character: str) -> Reference | Unknown:
        """Return the hole that a character stands for."""
        return self.holes[ord(character) - _FIRST_HOLE]

    def origin(self, offset: int) -> Origin:
        """Return where the character stands."""
        if self.first_line is None or not isinstance(self.at, CodeOrigin):
            return self.at
        return replace(self.at, line=self.first_line + bisect_left(_line_ends(self.text), offset), end_line=0)

    def parts(self, content: str) -> tuple[Part, ...]:
        """Return a piece of the text with its holes put back."""
        found: list[Part] = []
        position = 0
        for match in HOLE.finditer(content):
            found += [content[position : match.start()], _in_a_line(self.hole(match[0]))]
            position = match.end()
        return joined((*found, content[position:]))

    def text_value(self, content: str, offset: int) -> Value[Datum]:
        """Return a quoted text as a value."""
        return assembled(self.parts(content), self.origin(offset))

    def bare(self, content: str, offset: int, read: Callable[[str], Value[Datum] | None]) -> Value[Datum]:
        """Return what a lone hole outside of quotes stands for; `read` reads a candidate's text."""
        hole = self.hole(content)
        if isinstance(hole, Reference):
            return Known(hole, self.origin(offset))
        candidates = [_reread(each, read) for each in hole.one_of]
        known = tuple(each for each in candidates if each is not None)
        return replace(unanswered(hole), one_of=known if len(known) == len(candidates) else ())

    def unread(self, error: UnreadableTextError, kind: str) -> Unknown:
        """Return the error as a value that says where the text is wrong."""
        return Unknown(error.why, self.origin(error.offset), f"not {kind}: {error.reason}")


def _ends(text: str) -> Sequence[int]:
    return [found.start() for found in re.finditer("\n", text)]


_line_ends: Memory[[str], Sequence[int]] = Memory(_ends, most=8)

_IN_A_LINE = re.compile(r"[\w ./@*+=,-]*\Z")
"""Texts that mean themselves wherever they stand in a document."""


def _in_a_line(hole: Reference | Unknown) -> Reference | Unknown:
    """Return a hole in a text of a document; what it may be stays where it reads the same in quotes or without."""
    if isinstance(hole, Reference) or (hole.one_of and all(_is_plain(each) for each in hole.one_of)):
        return hole
    return unanswered(hole)


def _is_plain(candidate: Value[Datum]) -> bool:
    content = known_or(candidate, None)
    return isinstance(content, bool | int | float) or (isinstance(content, str) and bool(_IN_A_LINE.match(content)))


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
    return HOLE.search(content) is not None


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
    texts = spellings(hole)
    names: Iterable[str] = members
    if texts and not any(text is None or "\\" in text or _OPEN_KEY.search(text) for text in texts):
        names = {name for text in texts for name in _names_in(text or "") if name in members}
    members.update(dict.fromkeys(names, gap))
    return gap


_NAMES = re.compile(r"\"([^\"]*)\"|([^\s\"':,{}\[\]]+)|'([^']*)'")
_PLAIN_KEY = re.compile(r"^[ \-]*+([^:\n]+):", re.MULTILINE)


def _names_in(text: str) -> Iterator[str]:
    """Yield whatever may be a key in a text without escapes: what stands in quotes, words, and what a colon follows."""
    yield from (name for found in _NAMES.findall(text) for name in found)
    yield from (name.rstrip() for name in _PLAIN_KEY.findall(text))


_OPEN_KEY = re.compile(f"{HOLE.pattern}[^\\n,{{}}]*:")
"""A hole in what may be a key."""


def spellings(hole: Unknown) -> list[str | None]:
    """Return the texts that a hole may stand for, or texts like it; none where nothing tells."""
    if not isinstance(hole, Repeated):
        return [_spelled(each) for each in hole.one_of]
    once = None if hole.each is None else _spelled(hole.each)
    return [once, None if once is None else once + once, ""]


def _spelled(candidate: Value[Datum]) -> str | None:
    """Return a text, its own holes as characters of the private use; None for what is no text."""
    match known_or(candidate, None):
        case str() as text:
            return text
        case Template(parts):
            return "".join(part if isinstance(part, str) else chr(_FIRST_HOLE) for part in parts)
        case _:
            return None


def names_spelled(names: Iterable[str], spelling: Sequence[Part]) -> list[str]:
    """Return the names that a text with holes may turn out to be."""
    pieces = [""]
    for part in spelling:
        if isinstance(part, str):
            pieces[-1] += part
        else:
            pieces.append("")
    if len(pieces) == 1:
        return [name for name in names if name == pieces[0]]
    return [name for name in names if len(name) > _LONGEST_NAME or _has_in_order(name, pieces)]


def _has_in_order(name: str, pieces: Sequence[str]) -> bool:
    """Say whether a name begins and ends with the outer pieces, and has the others between them, one after another.

    Each is taken where it stands first: no pattern of holes makes that slow.
    """
    first, *inner, last = pieces
    position, end = len(first), len(name) - len(last)
    if position > end or not (name.startswith(first) and name.endswith(last)):
        return False
    for piece in inner:
        found = name.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


@dataclass(frozen=True, slots=True)
class UnknownLines:
    """A place in a text where a hole stood that may be lines, none of them indented less than `indentation`.

    `continues`: they may go on with the text before it.
    """

    offset: int
    hole: Unknown
    indentation: int
    continues: bool


_OPENS = re.compile(r"\s*(?:#|-(?:\s|$)|\S.*:(?:\s|$))")
"""What a line of YAML begins with that does not go on with the text before it."""


def without_lines(document: TextWithHoles, *, any_alone: bool) -> tuple[TextWithHoles, list[UnknownLines]]:
    """Return a text without the holes that stand for whole lines, and their places.

    `any_alone`: one that is alone on its line counts, though nothing tells what it may be.
    """
    text = document.text
    taken: dict[int, tuple[Unknown, int]] = {}
    for match in reversed(list(HOLE.finditer(text))):
        hole = document.hole(match[0])
        if isinstance(hole, Unknown) and (any_alone or hole.one_of or isinstance(hole, Repeated)):
            indentation = _least_indentation(_surroundings(text, match.start(), taken), hole)
            if indentation is not None:
                taken[match.start()] = (hole, indentation)
    starts = sorted(taken)
    places = [UnknownLines(start - n, *taken[start], _continues(taken[start][0])) for n, start in enumerate(starts)]
    pieces = zip((0, *(start + 1 for start in starts)), (*starts, len(text)), strict=True)
    kept = "".join(text[start:end] for start, end in pieces)
    return replace(document, text=kept), places


_FAR = 300
"""Characters of a line, and of the lines behind it, that are looked at around a hole."""


def _surroundings(text: str, position: int, taken: Container[int]) -> tuple[str, str, list[str]]:
    """Return what stands on the line of a hole before and behind it, and the next lines; others' holes left out."""
    before = text[max(position - _FAR, 0) : position]
    rest = text[position + 1 : position + _FAR]
    behind, *later = "".join(each for n, each in enumerate(rest, position + 1) if n not in taken).split("\n")
    return HOLE.sub("", before.rpartition("\n")[2]), behind, later


def _least_indentation(around: tuple[str, str, list[str]], hole: Unknown) -> int | None:
    """Return how far the lines are indented that a hole stands for.

    None where it may be something else, or lines that take those behind it for their own.
    """
    before, behind, later = around
    is_first, is_last = not before.strip(), not behind.strip()
    texts = spellings(hole)
    if not texts:
        return 0 if is_first and is_last else None
    next_lines = [before + behind, *later] if is_first else later
    depth = next((_indentation(line) for line in next_lines if line.strip()), 0)
    found: list[int] = []
    for each in texts:
        lines = [] if each is None else ((before if is_first else "") + each).split("\n")
        begins = is_last and bool(lines) and not lines[0].strip()
        ends = is_first and bool(lines) and lines[-1] == before
        if each is None or (each and not (len(lines) > 1 and (begins or ends))):
            return None
        found += [_indentation(line) for line in lines if line.strip()]
    least = min(found, default=depth)
    return None if least < depth else least


def _continues(hole: Unknown) -> bool:
    texts = spellings(hole)
    return not texts or not all(text is not None and (not text.strip() or _OPENS.match(text)) for text in texts)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
