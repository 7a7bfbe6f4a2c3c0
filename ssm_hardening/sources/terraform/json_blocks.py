"""`dynamic` blocks in the JSON syntax, where they are an argument that holds objects."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.hcl import ast


def with_dynamic_blocks(block: ast.Block) -> ast.Block:
    """Return the block with its `dynamic` argument turned into the blocks it stands for."""
    return replace(block, body=_body(block.body))


def _body(body: ast.Body) -> ast.Body:
    found = tuple(made for attribute in body.attributes for made in _blocks(attribute))
    if not found:
        return body
    attributes = tuple(attribute for attribute in body.attributes if attribute.name != "dynamic")
    return replace(body, attributes=attributes, blocks=(*body.blocks, *found))


def _blocks(attribute: ast.Attribute) -> Iterator[ast.Block]:
    if attribute.name == "dynamic":
        for item in _items(attribute.value):
            if isinstance(item.key, ast.Literal):
                for inner in _objects(item.value):
                    yield ast.Block("dynamic", (str(item.key.value),), _dynamic(inner), item.span)


def _dynamic(expr: ast.ObjectExpr) -> ast.Body:
    whole = _as_body(expr)
    contents = (inner for a in whole.attributes if a.name == "content" for inner in _objects(a.value))
    blocks = tuple(ast.Block("content", (), _body(_as_body(inner)), inner.span) for inner in contents)
    return replace(whole, attributes=tuple(a for a in whole.attributes if a.name != "content"), blocks=blocks)


def _as_body(expr: ast.ObjectExpr) -> ast.Body:
    named = ((item.key.value, item) for item in expr.items if isinstance(item.key, ast.Literal))
    attributes = tuple(ast.Attribute(str(name), item.value, item.span) for name, item in named)
    return ast.Body(attributes, (), expr.span)


def _objects(expr: ast.Expr) -> Iterator[ast.ObjectExpr]:
    match expr:
        case ast.ObjectExpr():
            yield expr
        case ast.TupleExpr(items=items):
            for item in items:
                yield from _objects(item)
        case _:
            return


def _items(expr: ast.Expr) -> Iterator[ast.ObjectItem]:
    for found in _objects(expr):
        yield from found.items
