"""Reductions of python-hcl2's grammar to our syntax tree.

One function for each rule of the grammar that means something; each takes the source and the reduced
children (tokens and nodes). Rules without a function hand their only child on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.places import Source
from ssm_hardening.hcl.templates import Directive, Hole, Piece, Text, assemble
from ssm_hardening.hcl.tokens import Token

Children: TypeAlias = list[Any]
"""Tokens, nodes and the fragments below, as the rule's definition orders them."""

_CONSTANTS: dict[str, bool | None] = {"TRUE": True, "FALSE": False, "NULL": None}
_LONGEST_NUMBER = 400


@dataclass(frozen=True, slots=True)
class _Statements:
    attributes: tuple[ast.Attribute, ...]
    blocks: tuple[ast.Block, ...]


@dataclass(frozen=True, slots=True)
class _Operation:
    operator: str
    right: ast.Expr


@dataclass(frozen=True, slots=True)
class _Step:
    """`.name` or `[key]`, to be applied to what stands before it."""

    name: str
    key: ast.Expr | None
    end: int


@dataclass(frozen=True, slots=True)
class _Steps:
    steps: tuple[_Step, ...]
    end: int


@dataclass(frozen=True, slots=True)
class _Arguments:
    values: tuple[ast.Expr, ...]
    expand: bool


@dataclass(frozen=True, slots=True)
class _Intro:
    names: tuple[str, ...]
    collection: ast.Expr


@dataclass(frozen=True, slots=True)
class _Condition:
    value: ast.Expr


def _nodes(children: Children) -> Children:
    return [child for child in children if not isinstance(child, Token)]


def _join(source: Source, first: ast.Expr, end: int) -> ast.Span:
    return source.span(first.span.start, end)


# Bodies


def _start(source: Source, children: Children) -> ast.Body:
    statements: _Statements = children[0]
    return ast.Body(statements.attributes, statements.blocks, source.span(0, len(source.text)))


def _body(source: Source, children: Children) -> _Statements:
    statements = _nodes(children)
    for before, after in zip(statements, statements[1:], strict=False):
        if "\n" not in source.text[before.span.end : after.span.start]:
            raise source.broken(after.span.start, "a new argument or block must begin on a new line")
    return _Statements(
        tuple(item for item in statements if isinstance(item, ast.Attribute)),
        tuple(item for item in statements if isinstance(item, ast.Block)),
    )


def _attribute(source: Source, children: Children) -> ast.Attribute:
    name, _, value = children
    return ast.Attribute(name.value, value, source.span(name.start, value.span.end))


def _block(source: Source, children: Children) -> ast.Block:
    name, *header, opening, statements, closing = children
    labels = tuple(_label(source, item) for item in header if not _is_newline(item))
    span = source.span(opening.end, closing.start)
    body = ast.Body(statements.attributes, statements.blocks, span)
    return ast.Block(name.value, labels, body, source.span(name.start, closing.end))


def _is_newline(item: object) -> bool:
    return isinstance(item, Token) and item.type == "NL_OR_COMMENT"


def _label(source: Source, item: Token | ast.Expr) -> str:
    if isinstance(item, Token):
        return item.value
    if isinstance(item, ast.Literal) and isinstance(item.value, str):
        return item.value
    raise source.broken(item.span.start, "a block's label must be plain text")


# Terms


def _term(source: Source, children: Children) -> ast.Expr:
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


def _parenthesised(source: Source, children: Children) -> ast.Expr:
    inner: ast.Expr = _nodes(children)[0]
    opening, closing = children[0], children[-1]
    return inner if not opening.value else replace(inner, span=source.span(opening.start, closing.end))


def _number(source: Source, token: Token) -> int | float:
    if len(token.value) > _LONGEST_NUMBER:
        raise source.broken(token.start, "a number with too many digits")
    if token.type == "INT_LITERAL":
        return int(token.value)
    value = float(token.value)
    if value == float("inf"):
        raise source.broken(token.start, f"the number {token.value} is too large")
    return value


def _string(source: Source, children: Children) -> ast.Expr:
    opening, *parts, closing = children
    return assemble(source, opening.value, [_piece(part) for part in parts], opening.start, closing.end)


def _piece(part: Token | Hole | Directive) -> Piece:
    return Text(part.value, part.start, part.end) if isinstance(part, Token) else part


def _interpolation(_source: Source, children: Children) -> Hole:
    opening, value, closing = children
    return Hole(value, opening.start, closing.end, _strips(opening), _strips(closing))


def _strips(token: Token) -> bool:
    return "~" in token.value


def _directive(_source: Source, children: Children) -> Directive:
    opening, word, *rest, closing = children
    names = tuple(item.value for item in rest if isinstance(item, Token) and item.type == "NAME")
    value = next(iter(_nodes(rest)), None)
    strips = _strips(opening), _strips(closing)
    return Directive(word.value, value, names, opening.start, closing.end, *strips)


# Operators


def _unary(source: Source, children: Children) -> ast.Expr:
    token, operand = children
    written = source.text[token.start : token.end]
    offsets = [token.start + index for index, character in enumerate(written) if character in "!-"]
    node: ast.Expr = operand
    for operator, offset in zip(reversed(token.value), reversed(offsets), strict=False):
        node = ast.Unary(operator, node, source.span(offset, operand.span.end))
    return node


def _operation(_source: Source, children: Children) -> _Operation:
    return _Operation(children[0].value, children[-1])


def _binary(source: Source, children: Children) -> ast.Binary:
    left, operation = children[0], children[1]
    span = _join(source, left, operation.right.span.end)
    return ast.Binary(operation.operator, left, operation.right, span)


def _conditional(source: Source, children: Children) -> ast.Conditional:
    condition, then, otherwise = _nodes(children)
    return ast.Conditional(condition, then, otherwise, _join(source, condition, otherwise.span.end))


def _call(source: Source, children: Children) -> ast.Call:
    name, closing = children[0], children[-1]
    arguments = next(iter(_nodes(children)), _Arguments((), expand=False))
    return ast.Call(name.value, arguments.values, arguments.expand, source.span(name.start, closing.end))


def _arguments(_source: Source, children: Children) -> _Arguments:
    expand = any(isinstance(child, Token) and child.type == "ELLIPSIS" for child in children)
    return _Arguments(tuple(_nodes(children)), expand)


# Accesses


def _get_attr(_source: Source, children: Children) -> _Step:
    return _Step(children[-1].value, None, children[-1].end)


def _bracketed(_source: Source, children: Children) -> _Step:
    return _Step("", _nodes(children)[0], children[-1].end)


def _access(source: Source, children: Children) -> ast.Expr:
    target, step = children
    return _apply(source, target, step)


def _apply(source: Source, target: ast.Expr, step: _Step) -> ast.Expr:
    span = _join(source, target, step.end)
    if step.key is None:
        return ast.Attr(target, step.name, span)
    return ast.Index(target, step.key, span)


def _steps(_source: Source, children: Children) -> _Steps:
    return _Steps(tuple(children[1:]), children[0].end)


def _full_splat(source: Source, children: Children) -> ast.Splat:
    target, steps = children
    return _splat(source, target, steps.steps, steps.end)


def _attr_splat(source: Source, children: Children) -> ast.Expr:
    """Bind the attributes that follow; an index after them applies to the whole list."""
    target, all_steps = children
    steps = all_steps.steps
    bound = next((index for index, step in enumerate(steps) if step.key is not None), len(steps))
    node: ast.Expr = _splat(source, target, steps[:bound], all_steps.end)
    for step in steps[bound:]:
        node = _apply(source, node, step)
    return node


def _splat(source: Source, target: ast.Expr, steps: tuple[_Step, ...], end: int) -> ast.Splat:
    body: ast.Expr = ast.SplatItem(_join(source, target, end))
    for step in steps:
        body = _apply(source, body, step)
    return ast.Splat(target, body, _join(source, target, steps[-1].end if steps else end))


# Collections


def _tuple(source: Source, children: Children) -> ast.TupleExpr:
    return ast.TupleExpr(tuple(_nodes(children)), source.span(children[0].start, children[-1].end))


def _object(source: Source, children: Children) -> ast.ObjectExpr:
    items = _nodes(children)
    for before, after in zip(items, items[1:], strict=False):
        between = source.text[before.span.end : after.span.start]
        if source.pinned is None and "," not in between and "\n" not in between:
            raise source.broken(after.span.start, "items of an object must be separated by commas or new lines")
    return ast.ObjectExpr(tuple(items), source.span(children[0].start, children[-1].end))


def _object_item(source: Source, children: Children) -> ast.ObjectItem:
    key, _, value = children
    return ast.ObjectItem(_object_key(source, key), value, _join(source, key, value.span.end))


def _object_key(source: Source, key: ast.Expr) -> ast.Expr:
    """Read a bare word as text; a name in parentheses is an expression."""
    in_parentheses = source.pinned is None and source.text.startswith("(", key.span.start)
    if isinstance(key, ast.Name) and not in_parentheses:
        return ast.Literal(key.name, key.span)
    if isinstance(key, ast.Literal) and not isinstance(key.value, int | float | str):
        return ast.Literal("null", key.span)
    if isinstance(key, ast.Literal) and isinstance(key.value, bool):
        return ast.Literal(str(key.value).lower(), key.span)
    return key


# For expressions


def _intro(_source: Source, children: Children) -> _Intro:
    names = tuple(child.value for child in children if isinstance(child, Token) and child.type == "NAME")
    return _Intro(names, _nodes(children)[0])


def _for_condition(_source: Source, children: Children) -> _Condition:
    return _Condition(children[-1])


def _for(source: Source, children: Children) -> ast.For:
    intro, *values = _nodes(children)
    condition = values.pop().value if isinstance(values[-1], _Condition) else None
    return ast.For(
        key_name=intro.names[0] if len(intro.names) > 1 else None,
        value_name=intro.names[-1],
        collection=intro.collection,
        key=values[0] if len(values) > 1 else None,
        value=values[-1],
        grouping=any(isinstance(child, Token) and child.type == "ELLIPSIS" for child in children),
        condition=condition,
        span=source.span(children[0].start, children[-1].end),
    )


BUILDERS: dict[str, Callable[[Source, Children], Any]] = {
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
    "get_attr": _get_attr,
    "short_index": _get_attr,
    "braces_index": _bracketed,
    "index_expr_term": _access,
    "get_attr_expr_term": _access,
    "attr_splat": _steps,
    "full_splat": _steps,
    "attr_splat_expr_term": _attr_splat,
    "full_splat_expr_term": _full_splat,
    "tuple": _tuple,
    "object": _object,
    "object_elem": _object_item,
    "for_intro": _intro,
    "for_cond": _for_condition,
    "for_tuple_expr": _for,
    "for_object_expr": _for,
}
