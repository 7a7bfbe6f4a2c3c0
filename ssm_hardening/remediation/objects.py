"""Objects in a text, in HCL or as JSON within a heredoc: where each member stands, so that one can be changed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import key as hcl_key

_SPACE = re.compile(r"\s*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"[^\s,}\]]+")
_JSON_LITERAL = re.compile(r"(?:true|false|null|-?[0-9.eE+-]+)\Z")


@dataclass(frozen=True, slots=True)
class TextMember:
    """A member: offsets of the key's start and of the value; `literal` says that the value is one."""

    key: str
    start: int
    value_start: int
    value_end: int
    literal: bool
    child: "TextObject | None"


@dataclass(frozen=True, slots=True)
class TextObject:
    """An object: offsets of its braces, `end` exclusive. `json` says that it is JSON within a text."""

    start: int
    end: int
    members: tuple[TextMember, ...]
    json: bool

    def get(self, key: str) -> TextMember | None:
        """Return the member of that key."""
        return next((member for member in self.members if member.key == key), None)


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Put `text` in place of `start:end`."""

    start: int
    end: int
    text: str


class NotEditableError(Exception):
    """A place that cannot be changed by the tool; the message says why."""


def node_of(expr: ast.ObjectExpr) -> TextObject:
    """Return an HCL object as a node; computed keys have no name and are left out."""
    members = []
    for item in expr.items:
        if isinstance(item.key, ast.Literal):
            child = node_of(item.value) if isinstance(item.value, ast.ObjectExpr) else None
            literal, value = isinstance(item.value, ast.Literal), item.value.span
            members.append(TextMember(str(item.key.value), item.key.span.start, value.start, value.end, literal, child))
    return TextObject(expr.span.start, expr.span.end, tuple(members), json=False)


@lru_cache(maxsize=8)
def json_node(text: str, start: int) -> TextObject:
    """Read the JSON object that begins at or behind `start`; its values may hold `${ }`. Raises NotEditableError.

    One object has many members to set: it is read once.
    """
    at = _skip(text, start)
    if text[at : at + 1] != "{":
        raise NotEditableError("the text is not a JSON object")
    try:
        return _json_object(text, at)
    except RecursionError as error:
        raise NotEditableError("the text is nested too deeply") from error


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _json_object(text: str, start: int) -> TextObject:
    members: list[TextMember] = []
    at = _skip(text, start + 1)
    while text[at : at + 1] != "}":
        member = _json_member(text, at)
        members.append(member)
        at = _skip(text, member.value_end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "}":
            raise NotEditableError("the text is not plain JSON")
    return TextObject(start, at + 1, tuple(members), json=True)


def _json_member(text: str, at: int) -> TextMember:
    found = _STRING.match(text, at)
    if found is None:
        raise NotEditableError("the text is not plain JSON")
    colon = _skip(text, found.end())
    if text[colon : colon + 1] != ":":
        raise NotEditableError("the text is not plain JSON")
    value = _skip(text, colon + 1)
    child = _json_object(text, value) if text[value : value + 1] == "{" else None
    end = child.end if child is not None else _json_value_end(text, value)
    return TextMember(json.loads(found[0]), at, value, end, _is_json_literal(text[value:end]), child)


def _is_json_literal(text: str) -> bool:
    return "${" not in text and "%{" not in text and (text[:1] == '"' or _JSON_LITERAL.match(text) is not None)


def _json_value_end(text: str, start: int) -> int:
    if text[start : start + 1] == "[":
        return _bracketed_end(text, start)
    if text[start : start + 1] == '"':
        return _quoted_end(text, start)
    if text.startswith("${", start):
        return _bracketed_end(text, start + 1)
    found = _WORD.match(text, start)
    if found is None:
        raise NotEditableError("the text is not plain JSON")
    return found.end()


def _quoted_end(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != '"':
        if text.startswith(("${", "%{"), at) and text[at - 1] != text[at]:
            at = _bracketed_end(text, at + 1)
        else:
            at += 2 if text[at] == "\\" else 1
    if at >= len(text):
        raise NotEditableError("the text is not plain JSON")
    return at + 1


def _bracketed_end(text: str, start: int) -> int:
    depth, at = 0, start
    while at < len(text):
        if text[at] == '"':
            at = _quoted_end(text, at)
            continue
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            return at
    raise NotEditableError("the text is not plain JSON")


def add_members(text: str, node: TextObject, entries: Mapping[str, str]) -> TextEdit:
    """Return the edit that adds members behind the last one, in the style of those that are there."""
    separator = _separator(text, node)
    quoted = node.json or (bool(node.members) and text[node.members[-1].start] == '"')
    lines = [f"{json.dumps(key) if quoted else hcl_key(key)}{separator}{value}" for key, value in entries.items()]
    if not node.members:
        indent = _indent(text, node.start)
        glue = ("," if node.json else "") + "\n" + indent + "  "
        return TextEdit(node.start, node.end, "{\n" + indent + "  " + glue.join(lines) + "\n" + indent + "}")
    last = node.members[-1]
    if "\n" not in text[last.value_end : node.end]:
        return TextEdit(last.value_end, last.value_end, "".join(f", {line}" for line in lines))
    indent = _indent(text, last.start)
    if node.json:
        return TextEdit(last.value_end, last.value_end, "".join(f",\n{indent}{line}" for line in lines))
    return _add_lines(text, node, [f"{indent}{line}" for line in lines])


def _add_lines(text: str, node: TextObject, lines: list[str]) -> TextEdit:
    """Add HCL members behind the last one's line, which may end in a comma and a comment."""
    end = node.members[-1].value_end
    comma = "," if text[end:].lstrip(" \t").startswith(",") else ""
    break_at = text.index("\n", end)
    eol = "\r\n" if text[break_at - 1] == "\r" else "\n"
    at = break_at - 1 if eol == "\r\n" else break_at
    return TextEdit(at, at, "".join(f"{eol}{line}{comma}" for line in lines))


def _separator(text: str, node: TextObject) -> str:
    if node.json:
        return ": "
    if not node.members:
        return " = "
    last = node.members[-1]
    return ": " if ":" in text[last.start : last.value_start].replace(last.key, "") else " = "


def _indent(text: str, offset: int) -> str:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    found = re.match(r"[ \t]*", line)
    return found[0] if found else ""


def set_members(text: str, node: TextObject, entries: Mapping[str, str]) -> list[TextEdit]:
    """Return the edits that set members: literals are replaced, missing ones added.

    Raises NotEditableError where a present value is no literal.
    """
    edits, missing = [], {}
    for key, value in entries.items():
        member = node.get(key)
        if member is None:
            missing[key] = value
        elif not member.literal:
            raise NotEditableError(f"{key} is {' '.join(text[member.value_start : member.value_end].split())}")
        else:
            edits.append(TextEdit(member.value_start, member.value_end, value))
    return [*edits, add_members(text, node, missing)] if missing else edits


def json_text(value: object) -> str:
    """Return a literal as JSON within a heredoc: what would interpolate is escaped."""
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
