"""The content of a session document in the user's code: found where it is written out, and edited there."""

import re
from collections.abc import Callable, Iterable, Mapping

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe, quote
from ssm_hardening.hcl.writing import key as hcl_key
from ssm_hardening.remediation.hcl_edit import attribute_of
from ssm_hardening.remediation.objects import (
    NotEditableError,
    TextEdit,
    TextObject,
    add_members,
    json_node,
    json_text,
    node_of,
    set_members,
)

Value = str | bool | int
"""A literal; expressions of ours come as `Raw`."""

_YAML_KEY = re.compile(r"^(?P<lead>\s*)(?P<key>[\w]+):(?P<gap>[ \t]*)(?P<value>[^\n#]*?)(?P<rest>\s*(?:#.*)?)$")


class Raw(str):
    """An expression of ours, to be written as it is."""

    __slots__ = ()


def set_content(
    file: ast.SourceFile, block: ast.Block, entries: Mapping[tuple[str, ...], Value], others: Iterable[ast.SourceFile]
) -> tuple[ast.SourceFile, list[TextEdit]]:
    """Return the file that holds the content, and the edits that set its keys. Raises NotEditableError.

    `others` are the files in which the block may find a local value.
    """
    argument = attribute_of(block.body, "content")
    if argument is None:
        raise NotEditableError("the resource has no content argument")
    holder, expr = _written_out(argument.value, [file, *others], file)
    if isinstance(expr, ast.ObjectExpr):
        return holder, _set_object(holder.text, node_of(expr), entries)
    if isinstance(expr, ast.TemplateExpr | ast.Literal) and _is_heredoc(holder.text, expr):
        return holder, _set_heredoc(holder.text, expr, entries)
    raise NotEditableError(f"content is {describe(expr)}")


def _is_heredoc(text: str, expr: ast.TemplateExpr | ast.Literal) -> bool:
    return text.startswith("<<", expr.span.start)


def _written_out(
    expr: ast.Expr, files: list[ast.SourceFile], holder: ast.SourceFile
) -> tuple[ast.SourceFile, ast.Expr]:
    """Follow `jsonencode(…)` and `local.x` to where the object is written."""
    match expr:
        case ast.Call("jsonencode" | "yamlencode", (inner,)):
            return _written_out(inner, files, holder)
        case ast.Attr(ast.Name("local"), name):
            for file in files:
                for block in file.body.blocks:
                    found = attribute_of(block.body, name) if block.type == "locals" else None
                    if found is not None:
                        return _written_out(found.value, [each for each in files if each is not file], file)
            raise NotEditableError(f"local.{name} is written in another file")
        case _:
            return holder, expr


def _split(
    entries: Mapping[tuple[str, ...], Value], write: Callable[[Value], str]
) -> tuple[dict[str, str], dict[str, str]]:
    top = {path[0]: write(value) for path, value in entries.items() if len(path) == 1}
    inner = {path[1]: write(value) for path, value in entries.items() if path[0] == "inputs" and len(path) > 1}
    return top, inner


def _hcl(value: Value) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    return str(value).lower()


def _in_json(value: Value) -> str:
    return f'"${{{value}}}"' if isinstance(value, Raw) else json_text(value)


def _set_object(text: str, node: TextObject, entries: Mapping[tuple[str, ...], Value]) -> list[TextEdit]:
    top, inner = _split(entries, _in_json if node.json else _hcl)
    edits = set_members(text, node, top) if top else []
    if not inner:
        return edits
    inputs = node.get("inputs")
    if inputs is None:
        return [*edits, _new_inputs(text, node, inner)]
    if inputs.child is None:
        raise NotEditableError(f"inputs is {' '.join(text[inputs.value_start : inputs.value_end].split())[:60]}")
    return [*edits, *set_members(text, inputs.child, inner)]


def _new_inputs(text: str, node: TextObject, inner: Mapping[str, str]) -> TextEdit:
    indent = "  " if not node.members else _indent(text, node.members[-1].start)
    glue, comma = (": ", ",") if node.json else (" = ", "")
    lines = [f"{indent}  {quote(key) if node.json else hcl_key(key)}{glue}{value}" for key, value in inner.items()]
    return add_members(text, node, {"inputs": "{\n" + f"{comma}\n".join(lines) + f"\n{indent}}}"})


def _indent(text: str, offset: int) -> str:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _set_heredoc(
    text: str, expr: ast.TemplateExpr | ast.Literal, entries: Mapping[tuple[str, ...], Value]
) -> list[TextEdit]:
    body = text.index("\n", expr.span.start) + 1
    if text[body : expr.span.end].lstrip().startswith("{"):
        return _set_object(text, json_node(text, body), entries)
    return _set_yaml(text, body, expr.span.end, entries)


def _set_yaml(text: str, start: int, end: int, entries: Mapping[tuple[str, ...], Value]) -> list[TextEdit]:
    """Replace simple `key: value` lines; anything else in YAML is left to a person."""
    edits = []
    for path, value in entries.items():
        found = [each for each in _yaml_lines(text, start, end) if each[0]["key"] == path[-1]]
        if len(found) != 1 or "${" in found[0][0]["value"] or not found[0][0]["value"].strip():
            raise NotEditableError(f"{path[-1]} is not a single plain line in the YAML text")
        line, at = found[0]
        edits.append(TextEdit(at + line.start("value"), at + line.end("value"), _in_json(value)))
    return edits


def _yaml_lines(text: str, start: int, end: int) -> list[tuple[re.Match[str], int]]:
    lines, at = [], start
    for line in text[start:end].split("\n"):
        found = _YAML_KEY.match(line)
        if found is not None:
            lines.append((found, at))
        at += len(line) + 1
    return lines
