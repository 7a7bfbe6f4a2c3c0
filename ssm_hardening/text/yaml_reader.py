"""Reads YAML with PyYAML's nodes, which know their places, and takes holes for values."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Items, Known, Unknown, Value, Why
from ssm_hardening.text.documents import MAX_DEPTH, Document, UnreadableTextError, add_member, has_hole, record_of

if TYPE_CHECKING:
    import yaml

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
_MAX_NODES = 50_000
_NOWHERE = CodeOrigin("", 0)


def read(document: Document) -> Value[Any]:
    """Return the document's value; raises UnreadableTextError."""
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
    return _Reader(document).value(node, document.origin(node.start_mark.index), 0)


@cache
def _loader() -> "type[yaml.SafeLoader]":
    """Return PyYAML's loader with a bound on nesting: what it does for each level grows with their square."""
    import yaml

    class Bounded(yaml.SafeLoader):
        """Refuses collections within more than MAX_DEPTH others."""

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
class _Reader:
    document: Document
    nodes: int = field(default=0)

    def value(self, node: "yaml.Node", at: Origin, depth: int) -> Value[Any]:
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
                return Known(Items(tuple(items)), at)
            case _:
                return self.scalar(node, at)

    def origin(self, node: "yaml.Node") -> Origin:
        return self.document.origin(node.start_mark.index)

    def members(self, node: "yaml.MappingNode", at: Origin, depth: int) -> Value[Any]:
        members: dict[str, Value[Any]] = {}
        rest: Unknown | None = None
        for key, each in node.value:
            gap = self.member(members, key, each, depth)
            rest = rest if gap is None else gap
        return record_of(members, rest, at)

    def member(self, members: dict[str, Value[Any]], key: "yaml.Node", each: "yaml.Node", depth: int) -> Unknown | None:
        """Add a member; a key that is not certainly a text stays unknown."""
        at = self.origin(key)
        value = self.value(each, at, depth + 1)
        if isinstance(key.value, str) and (has_hole(key.value) or self.is_text(key, at)):
            return add_member(members, self.document.parts(key.value), value, at)
        return Unknown(Why.UNSUPPORTED, at, "a key that is not a text")

    def is_text(self, key: "yaml.Node", at: Origin) -> bool:
        """Tell whether a key is a text: not `on`, `<<`, or a number."""
        name = self.scalar(key, at)
        return isinstance(name, Known) and isinstance(name.value, str)

    def scalar(self, node: "yaml.Node", at: Origin) -> Value[Any]:
        """Return a scalar; only a plain one without tag is anything but a text."""
        content: str = node.value
        start = node.start_mark.index
        if getattr(node, "style", None) is not None and node.tag == _TAGS + "str":
            return _placed(self.document.text_value(content, start), at)
        if getattr(node, "style", None) is not None or not _tag_fits(node.tag, content):
            return Unknown(Why.UNSUPPORTED, at, f"the tag {node.tag}")
        if len(content) == 1 and has_hole(content):
            return _placed(self.document.bare(content, start, plain), at)
        if has_hole(content):
            return _placed(self.document.text_value(content, start), at)
        if content in _NULLS:
            return Absent(at)
        found = plain(content)
        return Unknown(Why.UNPARSEABLE, at, f"{content[:80]} in YAML") if found is None else _placed(found, at)


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


def plain(content: str) -> Value[Any] | None:
    """Return what a plain scalar is, or None where YAML's versions disagree."""
    if content in _WORDS:
        return Known(_WORDS[content], _NOWHERE)
    if _INTEGER.match(content):
        return Known(int(content), _NOWHERE)
    if _DECIMAL.match(content):
        number = float(content)
        return Known(int(number) if number.is_integer() else number, _NOWHERE)
    return None if _AMBIGUOUS.match(content) else Known(content, _NOWHERE)


def _placed(value: Value[Any], at: Origin) -> Value[Any]:
    match value:
        case Known(inner):
            return Known(inner, at)
        case Absent():
            return Absent(at)
        case Unknown():
            return value
