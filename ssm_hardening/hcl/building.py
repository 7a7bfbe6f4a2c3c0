"""Reductions of python-hcl2's grammar to our syntax tree.

One function for each rule of the grammar that means something; each takes the source and the reduced
children (tokens and nodes). Rules without a function hand their only child on.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.composites import (
    Children,
    access,
    attr_splat,
    bracketed,
    for_condition,
    for_expr,
    for_intro,
    full_splat,
    get_attr,
    join,
    nodes,
    object_expr,
    object_item,
    splat_steps,
    tuple_expr,
)
from ssm_hardening.hcl.templates import Directive, Hole, Piece, Text, assemble
from ssm_hardening.hcl.tokens import SourceText, Token

_CONSTANTS: dict[str, bool | None] = {"TRUE": True, "FALSE": False, "NULL": None}
_LONGEST_NUMBER = 400


class _Statements(NamedTuple):
    attributes: tuple[ast.Attribute, ...]
    blocks: tuple[ast.Block, ...]


class _Operation(NamedTuple):
    operator: str
    right: ast.Expr


class _Arguments(NamedTuple):
    values: tuple[ast.Expr, ...]
    expand: bool


# Bodies


def _start(source: SourceText, children: Children) -> ast.Body:
    statements: _Statements = children[0]
    return ast.Body(statements.attributes, statements.blocks, source.span(0, len(source.text)))


def _body(source: SourceText, children: Children) -> _Statements:
    statements = nodes(children)
    for before, after in pairwise(statements):
        if "\n" not in source.text[before.span.end : after.span.start]:
            raise source.broken(after.span.start, "a new argument or block must begin on a new line")
    attributes = tuple(item for item in statements if isinstance(item, ast.Attribute))
    source.refuse_twice(attributes)
    return _Statements(attributes, tuple(item for item in statements if isinstance(item, ast.Block)))


def _attribute(source: SourceText, children: Children) -> ast.Attribute:
    name, _, value = children
    return ast.Attribute(name.value, value, source.span(name.start, value.span.end))


def _block(source: SourceText, children: Children) -> ast.Block:
    name, *header, opening, statements, closing = children
    labels = tuple(_label(source, item) for item in header if not _is_newline(item))
    span = source.span(opening.end, closing.start)
    body = ast.Body(statements.attributes, statements.blocks, span)
    return ast.Block(name.value, labels, body, source.span(name.start, closing.end))


def _is_newline(item: object) -> bool:
    return isinstance(item, Token) and item.type == "NL_OR_COMMENT"


def _label(source: SourceText, item: Token | ast.Expr) -> str:
    if isinstance(item, Token):
        return item.value
    if isinstance(item, ast.Literal) and isinstance(item.value, str):
        return item.value
    raise source.broken(item.span.start, "a block's label must be plain text")


# Terms


def _term(source: SourceText, children: Children) -> ast.Expr:
    first = children[0]
    if not isinstance(first, Token):
        node: ast.Expr = first
        return node
    span = source.span(first.start, first.end)
    if first.type == "LPAR":
        return _parenthesised(source, children)
    if first.type == "NAME":
        return ast.Name(first.value, span)
    if first.type in _CONSTANTS:
        return ast.Literal(_CONSTANTS[first.type], span)
    return ast.Literal(_number(source, first), span)


def _parenthesised(source: SourceText, children: Children) -> ast.Expr:
    inner: ast.Expr = nodes(children)[0]
    opening, closing = children[0], children[-1]
    return inner if not opening.value else replace(inner, span=source.span(opening.start, closing.end))


def _number(source: SourceText, token: Token) -> int | float:
    if len(token.value) > _LONGEST_NUMBER:
        raise source.broken(token.start, "the number has too many digits")
    if token.type == "INT_LITERAL":
        return int(token.value)
    value = float(token.value)
    if value == float("inf"):
        raise source.broken(token.start, f"the number {token.value} is too large")
    return value


def _string(source: SourceText, children: Children) -> ast.Expr:
    opening, *parts, closing = children
    return assemble(source, opening.value, [_piece(part) for part in parts], opening.start, closing.end)


def _piece(part: Token | Hole | Directive) -> Piece:
    return Text(part.value, part.start, part.end) if isinstance(part, Token) else part


def _interpolation(_source: SourceText, children: Children) -> Hole:
    opening, value, closing = children
    return Hole(value, opening.start, closing.end, _strips(opening), _strips(closing))


def _strips(token: Token) -> bool:
    return "~" in token.value


def _directive(_source: SourceText, children: Children) -> Directive:
    opening, word, *rest, closing = children
    names = tuple(item.value for item in rest if isinstance(item, Token) and item.type == "NAME")
    value = next(iter(nodes(rest)), None)
    strips = _strips(opening), _strips(closing)
    return Directive(word.value, value, names, opening.start, closing.end, *strips)


# Operators


def _unary(source: SourceText, children: Children) -> ast.Expr:
    token, operand = children
    written = source.text[token.start : token.end]
    offsets = [token.start + index for index, character in enumerate(written) if character in "!-"]
    node: ast.Expr = operand
    for operator, offset in zip(reversed(token.value), reversed(offsets), strict=False):
        node = ast.Unary(operator, node, source.span(offset, operand.span.end))
    return node


def _operation(_source: SourceText, children: Children) -> _Operation:
    return _Operation(children[0].value, children[-1])


def _binary(source: SourceText, children: Children) -> ast.Binary:
    left, operation = children[0], children[1]
    span = join(source, left, operation.right.span.end)
    return ast.Binary(operation.operator, left, operation.right, span)


def _conditional(source: SourceText, children: Children) -> ast.Conditional:
    condition, then, otherwise = nodes(children)
    return ast.Conditional(condition, then, otherwise, join(source, condition, otherwise.span.end))


def _call(source: SourceText, children: Children) -> ast.Call:
    name, closing = children[0], children[-1]
    arguments = next(iter(nodes(children)), _Arguments((), expand=False))
    return ast.Call(name.value, arguments.values, arguments.expand, source.span(name.start, closing.end))


def _arguments(_source: SourceText, children: Children) -> _Arguments:
    expand = any(isinstance(child, Token) and child.type == "ELLIPSIS" for child in children)
    return _Arguments(tuple(nodes(children)), expand)


BUILDERS: dict[str, Callable[[SourceText, Children], Any]] = {
    "start": _start,
    "body": _body,
    "attribute": _attribute,
    "block": _block,
    "expr_term": _term,
    "string": _string,
    "interpolation": _interpolation,
    "template_if_start": _directive,
    "template_else": _directive,
    "template_endif": _directive,
    "template_for_start": _directive,
    "template_endfor": _directive,
    "unary_op": _unary,
    "binary_term": _operation,
    "binary_op": _binary,
    "conditional": _conditional,
    "function_call": _call,
    "arguments": _arguments,
    "get_attr": get_attr,
    "short_index": get_attr,
    "braces_index": bracketed,
    "index_expr_term": access,
    "get_attr_expr_term": access,
    "attr_splat": splat_steps,
    "full_splat": splat_steps,
    "attr_splat_expr_term": attr_splat,
    "full_splat_expr_term": full_splat,
    "tuple": tuple_expr,
    "object": object_expr,
    "object_elem": object_item,
    "for_intro": for_intro,
    "for_cond": for_condition,
    "for_tuple_expr": for_expr,
    "for_object_expr": for_expr,
}
