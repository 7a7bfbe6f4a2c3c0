"""One module as written: its files parsed, override files merged, its blocks by kind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Why
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.model import LINK, Gap
from ssm_hardening.read.code.folders import look_at
from ssm_hardening.read.paths import ALONE, Bounds, LeadsOutError, bytes_within, display


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


N = TypeVar("N", ast.Block, ast.Attribute)


@dataclass(frozen=True, slots=True)
class Placed(Generic[N]):
    """A node and the file it stands in; `foreign` names the file of members that an override file brought."""

    file: str
    node: N
    foreign: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Module:
    """A module as written. Keys: names; for resources (mode, type, name); for providers `aws` or `aws.alias`."""

    folder: Path
    variables: dict[str, Placed[ast.Block]] = field(default_factory=dict)
    locals: dict[str, Placed[ast.Attribute]] = field(default_factory=dict)
    outputs: dict[str, Placed[ast.Block]] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Placed[ast.Block]] = field(default_factory=dict)
    calls: dict[str, Placed[ast.Block]] = field(default_factory=dict)
    providers: dict[str, Placed[ast.Block]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    files: list[ast.SourceFile] = field(default_factory=list)


def load_module(folder: Path, bounds: Bounds = ALONE) -> Module:
    """Read a module; a file that cannot be read, or must not be, becomes a gap of the module."""
    module = Module(folder)
    found = look_at(folder, bounds)
    paths = () if found is None else tuple(folder / name for name in found.names)
    ordinary = [path for path in paths if not _is_override(path)]
    for path in [*ordinary, *(path for path in paths if _is_override(path))]:
        parsed = parsed_file(path, bounds, module.gaps)
        if parsed is not None:
            module.files.append(parsed)
            _add(module, parsed, override=_is_override(path))
    return module


def _is_override(path: Path) -> bool:
    stem = path.name.split(".", 1)[0]
    return stem == "override" or stem.endswith("_override")


def parsed_file(path: Path, bounds: Bounds, gaps: list[Gap]) -> ast.SourceFile | None:
    """Return a file of code or of variables parsed; None where it cannot be read, which is added to the gaps."""
    shown = display(path)
    try:
        return parse(shown, bytes_within(path, bounds))
    except LeadsOutError as error:
        gaps.append(Gap(LINK, Why.OUT_OF_SCOPE, error.reason, CodeOrigin(shown, 0)))
    except UnreadableError as error:
        gaps.append(Gap("file", Why.UNPARSEABLE, error.reason, CodeOrigin(shown, error.line)))
    except OSError as error:
        gaps.append(Gap("file", Why.DENIED, error.strerror or "cannot be read", CodeOrigin(shown, 0)))
    return None


def _add(module: Module, parsed: ast.SourceFile, *, override: bool) -> None:
    for block in parsed.body.blocks:
        placed = Placed(parsed.path, with_dynamic_blocks(block) if parsed.path.endswith(".json") else block)
        match block.type, block.labels:
            case "variable", (name, *_):
                _put(module.variables, name, placed, override=override)
            case "output", (name, *_):
                _put(module.outputs, name, placed, override=override)
            case "module", (name, *_):
                _put(module.calls, name, placed, override=override)
            case ("resource" | "data") as kind, (type_, name, *_):
                mode = "managed" if kind == "resource" else "data"
                _put_resource(module, (mode, type_, name), placed, override=override)
            case "provider", (name, *_):
                _put(module.providers, _provider_key(name, block), placed, override=override)
            case "locals", _:
                module.locals.update({a.name: Placed(parsed.path, a) for a in block.body.attributes})
            case _:
                continue


def _put_resource(module: Module, key: tuple[str, str, str], placed: Placed[ast.Block], *, override: bool) -> None:
    if key in module.resources and not override:
        detail = f"{key[1]}.{key[2]} is declared twice; the second declaration is not read"
        at = CodeOrigin(placed.file, placed.node.span.line, placed.node.span.end_line)
        module.gaps.append(Gap("block", Why.UNPARSEABLE, detail, at))
        return
    _put(module.resources, key, placed, override=override)


K = TypeVar("K")


def _put(table: dict[K, Placed[ast.Block]], key: K, placed: Placed[ast.Block], *, override: bool) -> None:
    base = table.get(key)
    table[key] = placed if base is None or not override else merged(base, placed)


def merged(base: Placed[ast.Block], over: Placed[ast.Block]) -> Placed[ast.Block]:
    """Return a block with an override block merged over it: arguments one by one, nested blocks type by type."""
    # What is a block here may be an argument in JSON. Of several `lifecycle` blocks, the first to say something counts.
    names = {attribute.name for attribute in over.node.body.attributes}
    names |= {_type_of(block) for block in over.node.body.blocks}
    gone = names - {"lifecycle"}
    body = replace(
        base.node.body,
        attributes=(*(a for a in base.node.body.attributes if a.name not in gone), *over.node.body.attributes),
        blocks=(*over.node.body.blocks, *(b for b in base.node.body.blocks if _type_of(b) not in gone)),
    )
    foreign = {**base.foreign, **dict.fromkeys(names, over.file)}
    return Placed(base.file, replace(base.node, body=body), foreign)


def _type_of(block: ast.Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _provider_key(name: str, block: ast.Block) -> str:
    for attribute in block.body.attributes:
        if attribute.name == "alias" and isinstance(attribute.value, ast.Literal):
            return f"{name}.{attribute.value.value}"
    return name
