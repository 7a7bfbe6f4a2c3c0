"""The door to JSON and YAML texts with holes; and YAML, read with PyYAML's nodes, which know their places."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import chained, unanswered
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
    Unknown,
    Value,
    Why,
)
from ssm_hardening.text.json_reading import read_json
from ssm_hardening.text.reading import (
    MAX_DEPTH,
    TextWithHoles,
    UnknownLines,
    UnreadableTextError,
    add_member,
    has_hole,
    more_members,
    moved,
    with_holes,
    without_lines,
)
from ssm_hardening.text.writing import as_text

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True)
class Decoder:
    """Reads one kind of text, each member known or unknown by itself."""

    kind: str
    read: Callable[[TextWithHoles], Value[Datum]]

    def __call__(self, value: Value[Datum], at: Origin, *, first_line: int | None = None) -> Value[Datum]:
        """Return the value that a text holds; Unknown(UNPARSEABLE) where the text is of another kind.

        `first_line` is the line of the text's first character; without it, every member stands at `at`.
        """

        def decoded(known: Known[Datum]) -> Value[Datum]:
            content = known.value
            if isinstance(content, Encoded) and (content.format.upper() == self.kind or content.format == "json"):
                return content.value
            return chained(as_text(known), read)

        def read(text: Known[Datum]) -> Value[Datum]:
            document = _document(text.value, at, first_line)
            return document if isinstance(document, Unknown) else self._read(document)

        return chained(value, decoded)

    def _read(self, document: TextWithHoles) -> Value[Datum]:
        try:
            return self.read(document)
        except UnreadableTextError as error:
            return document.unread(error, self.kind)
        except RecursionError:
            return Unknown(Why.UNSUPPORTED, document.at, f"{self.kind} is nested too deeply")


def _document(content: Datum, at: Origin, first_line: int | None) -> TextWithHoles | Unknown:
    match content:
        case str():
            return with_holes((content,), at, first_line)
        case Template(parts):
            return with_holes(parts, at, first_line)
        case Reference():
            return Unknown(Why.COMPUTED, at, str(content))
        case _:
            return Unknown(Why.UNPARSEABLE, at, "not a string")


def is_other_file(origin: Origin, at: CodeOrigin) -> bool:
    """Tell whether a text was read from another file than the one the expression stands in."""
    return isinstance(origin, CodeOrigin) and origin.file != at.file


_WORDS: dict[str, bool] = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,14})\Z", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,14})\.\d{1,15}\Z", re.ASCII)
# Read in one way by YAML 1.1, in another by 1.2, in a third by Terraform: numbers of other bases, dates, y and n.
_AMBIGUOUS = re.compile(
    r"[-+.]?\d[-+\d_.:,eExXoObBa-fA-FTZtz ]*\Z|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)\Z|[yYnN]\Z|<<\Z", re.ASCII
)
_TAGS = "tag:yaml.org,2002:"
_MAX_NODES = 20_000
"""Values and keys of a YAML text, each place where an alias stands counted; a session document has fifty."""

_NOWHERE = CodeOrigin("", 0)


def _read_yaml(document: TextWithHoles) -> Value[Datum]:
    """Return the value of a YAML text; raises UnreadableTextError.

    Holes that stand for lines (`%{ if … }`) leave the lines around them known.
    """
    found, places = without_lines(document, any_alone=False)
    try:
        return _composed_yaml(found, places)
    except UnreadableTextError:
        found, more = without_lines(document, any_alone=True)
        if len(more) == len(places):
            raise
        return _composed_yaml(found, more)


def _composed_yaml(document: TextWithHoles, places: Sequence[UnknownLines]) -> Value[Datum]:
    import yaml

    try:
        node = yaml.compose(document.text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        offset = error.problem_mark.index if error.problem_mark else 0
        raise UnreadableTextError(offset, error.problem or "unreadable") from None
    except yaml.YAMLError as error:
        raise UnreadableTextError(0, str(error).partition("\n")[0]) from None
    if node is None:
        return Absent(document.at)
    return _YamlReader(document, places).value(node, document.origin(node.start_mark.index), 0)


@cache
def _loader() -> "type[yaml.SafeLoader]":
    """Return PyYAML's loader with bounds: what it does for each level of nesting grows with their square."""
    import yaml

    class Bounded(yaml.SafeLoader):
        """Refuses collections within more than MAX_DEPTH others, and texts with too many values."""

        composed = 0

        def compose_node(self, parent: "yaml.Node | None", index: int) -> "yaml.Node | None":
            """Count the values while they are read: each takes as long as a thousand characters of JSON."""
            self.composed += 1
            if self.composed > _MAX_NODES:
                raise UnreadableTextError(self.index, "too large", Why.UNSUPPORTED)
            node: yaml.Node | None = super().compose_node(parent, index)
            return node

        def fetch_flow_collection_start(self, token: type) -> None:
            """Count the brackets that are open."""
            self._refuse_deep(self.flow_level)
            super().fetch_flow_collection_start(token)

        def add_indent(self, column: int) -> bool:
            """Count the blocks that are open."""
            self._refuse_deep(len(self.indents))
            added: bool = super().add_indent(column)
            return added

        def _refuse_deep(self, levels: int) -> None:
            if levels > MAX_DEPTH:
                raise UnreadableTextError(self.index, "nested too deeply", Why.UNSUPPORTED)

    return Bounded


@dataclass(slots=True)
class _YamlReader:
    document: TextWithHoles
    places: Sequence[UnknownLines]
    nodes: int = field(default=0)

    def value(self, node: "yaml.Node", at: Origin, depth: int) -> Value[Datum]:
        """Return a node's value; aliases are followed, but not without end."""
        import yaml

        self.nodes += 1
        if self.nodes > _MAX_NODES or depth > MAX_DEPTH:
            raise UnreadableTextError(node.start_mark.index, "nested too deeply or too large", Why.UNSUPPORTED)
        match node:
            case yaml.CollectionNode() if node.tag not in (_TAGS + "map", _TAGS + "seq"):
                return Unknown(Why.UNSUPPORTED, at, f"the tag {node.tag}")
            case yaml.MappingNode():
                return self.members(node, at, depth)
            case yaml.SequenceNode():
                items = [self.value(each, self.origin(each), depth + 1) for each in node.value]
                gap = next((unanswered(place.hole) for place in self.within(node)), None)
                return Known(Items(tuple(items), gap), at)
            case _:
                return self.scalar(node, at)

    def origin(self, node: "yaml.Node") -> Origin:
        return self.document.origin(node.start_mark.index)

    def members(self, node: "yaml.MappingNode", at: Origin, depth: int) -> Value[Datum]:
        members: dict[str, Value[Datum]] = {}
        rest: Unknown | None = None
        places = self.within(node)
        for key, each in node.value:
            while places and places[0].offset <= key.start_mark.index:
                rest = more_members(members, places.pop(0).hole)
            gap = self.member(members, key, each, depth)
            rest = rest if gap is None else gap
        for place in places:
            rest = more_members(members, place.hole)
        return Known(Record(members, rest), at)

    def within(self, node: "yaml.Node") -> list[UnknownLines]:
        """Return the places within a collection, or right before or behind it, in order."""
        start, end = node.start_mark.index, node.end_mark.index
        while start > 0 and self.document.text[start - 1].isspace():
            start -= 1
        is_flow, column = getattr(node, "flow_style", False), node.start_mark.column
        return [place for place in self.between(start, end) if is_flow or column >= place.indentation]

    def between(self, start: int, end: int) -> Sequence[UnknownLines]:
        """Return the places from one offset to another, both included."""
        by_offset = attrgetter("offset")
        first = bisect_left(self.places, start, key=by_offset)
        return self.places[first : bisect_right(self.places, end, lo=first, key=by_offset)]

    def lines_in(self, node: "yaml.Node") -> Unknown | None:
        """Return the hole that stands in a text, or for one that is missing."""
        start, end = node.start_mark.index, node.end_mark.index
        is_open = start == end or getattr(node, "style", None) in ("|", ">")
        behind = end
        while behind < len(self.document.text) and self.document.text[behind].isspace():
            behind += 1
        for place in self.between(start + 1 if start < end else start, behind):
            if place.offset < end or is_open or place.continues:
                return unanswered(place.hole)
        return None

    def member(
        self, members: dict[str, Value[Datum]], key: "yaml.Node", each: "yaml.Node", depth: int
    ) -> Unknown | None:
        """Add a member; a key that is not certainly a text stays unknown."""
        at = self.origin(key)
        value = self.value(each, at, depth + 1)
        if isinstance(key.value, str) and (has_hole(key.value) or self.is_text(key, at)):
            return add_member(members, self.document.parts(key.value), value, at)
        return Unknown(Why.UNSUPPORTED, at, "a key that is not a string")

    def is_text(self, key: "yaml.Node", at: Origin) -> bool:
        """Tell whether a key is a text: not `on`, `<<`, or a number."""
        name = self.scalar(key, at)
        return isinstance(name, Known) and isinstance(name.value, str)

    def scalar(self, node: "yaml.Node", at: Origin) -> Value[Datum]:
        """Return a scalar; only a plain one without tag is anything but a text."""
        content: str = node.value
        start = node.start_mark.index
        if self.places and (gap := self.lines_in(node)) is not None:
            return gap
        if getattr(node, "style", None) is not None and node.tag == _TAGS + "str":
            return moved(self.document.text_value(content, start), at)
        if getattr(node, "style", None) is not None or not _tag_fits(node.tag, content):
            return Unknown(Why.UNSUPPORTED, at, f"the tag {node.tag}")
        if len(content) == 1 and has_hole(content):
            return moved(self.document.bare(content, start, plain), at)
        if has_hole(content):
            return moved(self.document.text_value(content, start), at)
        if content in _NULLS:
            return Absent(at)
        found = plain(content)
        return Unknown(Why.UNPARSEABLE, at, f"{content[:80]} in YAML") if found is None else moved(found, at)


def _tag_fits(tag: str, content: str) -> bool:
    """Tell whether a plain scalar has the type it looks like, and no tag that changes it."""
    if content in _NULLS:
        return tag == _TAGS + "null"
    match plain(content):
        case Known(bool()):
            return tag == _TAGS + "bool"
        case Known(str()):
            return tag == _TAGS + "str"
        case Known():
            return tag in (_TAGS + "int", _TAGS + "float")
        case _:
            return True


def plain(content: str) -> Value[Datum] | None:
    """Return what a plain scalar is, or None where YAML's versions disagree."""
    if content in _WORDS:
        return Known(_WORDS[content], _NOWHERE)
    if _INTEGER.match(content):
        return Known(int(content), _NOWHERE)
    if _DECIMAL.match(content):
        number = float(content)
        return Known(int(number) if number.is_integer() else number, _NOWHERE)
    return None if _AMBIGUOUS.match(content) else Known(content, _NOWHERE)


decode_json = Decoder("JSON", read_json)
decode_yaml = Decoder("YAML", _read_yaml)
"""What YAML 1.1 and 1.2 read differently (`010`, `y`, a date) is unknown."""
