"""Reductions for accesses, collections and `for` expressions (see building.py)."""

from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.tokens import SourceText, Token

Children: TypeAlias = list[Any]
"""Tokens, nodes and fragments, as the rule's definition orders them."""


class MemberAccess(NamedTuple):
    """`.name` or `[key]`, to be applied to what stands before it."""

    name: str
    key: ast.Expr | None
    end: int


class SplatAccesses(NamedTuple):
    """The accesses behind a splat, and where the splat sign itself ends."""

    steps: tuple[MemberAccess, ...]
    end: int


class ForIntro(NamedTuple):
    """The names and the collection of a `for`."""

    names: tuple[str, ...]
    collection: ast.Expr


class ForCondition(NamedTuple):
    """The condition of a `for`."""

    value: ast.Expr


def nodes(children: Children) -> Children:
    """Return the children without the tokens."""
    return [child for child in children if not isinstance(child, Token)]


def join(source: SourceText, first: ast.Expr, end: int) -> ast.Span:
    """Return the span from the start of a node to an offset."""
    return source.span(first.span.start, end)


# Accesses


def get_attr(_source: SourceText, children: Children) -> MemberAccess:
    """Read `.name` or `.0`."""
    return MemberAccess(children[-1].value, None, children[-1].end)


def bracketed(_source: SourceText, children: Children) -> MemberAccess:
    """Read `[key]`."""
    return MemberAccess("", nodes(children)[0], children[-1].end)


def access(source: SourceText, children: Children) -> ast.Expr:
    """Apply one access to what stands before it."""
    target, step = children
    return _apply(source, target, step)


def _apply(source: SourceText, target: ast.Expr, step: MemberAccess) -> ast.Expr:
    span = join(source, target, step.end)
    if step.key is None:
        return ast.Attr(target, step.name, span)
    return ast.Index(target, step.key, span)


def splat_steps(_source: SourceText, children: Children) -> SplatAccesses:
    """Collect the accesses behind a splat."""
    return SplatAccesses(tuple(children[1:]), children[0].end)


def full_splat(source: SourceText, children: Children) -> ast.Splat:
    """Read `target[*]…`."""
    target, steps = children
    return _splat(source, target, steps.steps, steps.end)


def attr_splat(source: SourceText, children: Children) -> ast.Expr:
    """Bind the attributes that follow; an index after them applies to the whole list."""
    target, all_steps = children
    steps = all_steps.steps
    bound = next((index for index, step in enumerate(steps) if step.key is not None), len(steps))
    node: ast.Expr = _splat(source, target, steps[:bound], all_steps.end)
    for step in steps[bound:]:
        node = _apply(source, node, step)
    return node


def _splat(source: SourceText, target: ast.Expr, steps: tuple[MemberAccess, ...], end: int) -> ast.Splat:
    body: ast.Expr = ast.SplatItem(join(source, target, end))
    for step in steps:
        body = _apply(source, body, step)
    return ast.Splat(target, body, join(source, target, steps[-1].end if steps else end))


# Collections


def tuple_expr(source: SourceText, children: Children) -> ast.TupleExpr:
    """Read `[a, b]`."""
    return ast.TupleExpr(tuple(nodes(children)), source.span(children[0].start, children[-1].end))


def object_expr(source: SourceText, children: Children) -> ast.ObjectExpr:
    """Read `{ key = value, … }`."""
    items = nodes(children)
    for before, after in pairwise(items):
        between = source.text[before.span.end : after.span.start]
        if source.pinned is None and "," not in between and "\n" not in between:
            raise source.broken(after.span.start, "items of an object must be separated by commas or new lines")
    return ast.ObjectExpr(tuple(items), source.span(children[0].start, children[-1].end))


def object_item(source: SourceText, children: Children) -> ast.ObjectItem:
    """Read `key = value` or `key: value`."""
    key, _, value = children
    return ast.ObjectItem(_object_key(source, key), value, join(source, key, value.span.end))


def _object_key(source: SourceText, key: ast.Expr) -> ast.Expr:
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


def for_intro(_source: SourceText, children: Children) -> ForIntro:
    """Read `for k, v in collection :`."""
    names = tuple(child.value for child in children if isinstance(child, Token) and child.type == "NAME")
    return ForIntro(names, nodes(children)[0])


def for_condition(_source: SourceText, children: Children) -> ForCondition:
    """Read `if condition`."""
    return ForCondition(children[-1])


def for_expr(source: SourceText, children: Children) -> ast.For:
    """Read a `for` expression, of either kind."""
    intro, *values = nodes(children)
    condition = values.pop().value if isinstance(values[-1], ForCondition) else None
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
