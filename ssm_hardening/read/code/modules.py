"""One module as written: its files parsed, override files merged, its blocks by kind, and where its calls lead."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Known, Template, Unknown, Why
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.model import LINK, Gap, is_override
from ssm_hardening.read.code.config import BlockConfig
from ssm_hardening.read.code.expansion import provider_name
from ssm_hardening.read.code.folders import look_at
from ssm_hardening.read.graph import keyless
from ssm_hardening.read.paths import ALONE, LEADS_OUT, Bounds, LeadsOutError, bytes_within, display

if TYPE_CHECKING:
    from ssm_hardening.read.code.instances import ModuleInstance


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
class Declaration(Generic[N]):
    """A node and the file it stands in; `foreign` names the file of members that an override file brought."""

    file: str
    node: N
    foreign: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Module:
    """A module as written. Keys: names; for resources (mode, type, name); for providers `aws` or `aws.alias`.

    `overridden`: an override file was not read, which may replace any argument.
    """

    folder: Path
    variables: dict[str, Declaration[ast.Block]] = field(default_factory=dict)
    locals: dict[str, Declaration[ast.Attribute]] = field(default_factory=dict)
    outputs: dict[str, Declaration[ast.Block]] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Declaration[ast.Block]] = field(default_factory=dict)
    calls: dict[str, Declaration[ast.Block]] = field(default_factory=dict)
    providers: dict[str, Declaration[ast.Block]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    files: list[ast.SourceFile] = field(default_factory=list)
    overridden: Unknown | None = None


def load_module(folder: Path, bounds: Bounds = ALONE) -> Module:
    """Read a module; a file that cannot be read, or must not be, becomes a gap of the module."""
    module = Module(folder)
    found = look_at(folder, bounds)
    paths = () if found is None else tuple(folder / name for name in found.names)
    ordinary = [path for path in paths if not is_override(path.name)]
    for path in [*ordinary, *(path for path in paths if is_override(path.name))]:
        parsed = parsed_file(path, bounds, module.gaps)
        override = is_override(path.name)
        if parsed is not None:
            module.files.append(parsed)
            _add(module, parsed, override=override)
        elif override and module.overridden is None:
            gap = module.gaps[-1]
            module.overridden = Unknown(gap.why, gap.at, gap.detail)
    return module


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
    """Add what a file declares; what an override file adds to a block that was not read is not known as a whole."""
    for block in parsed.body.blocks:
        if override and module.gaps and not _is_declared(module, block):
            continue
        placed = Declaration(parsed.path, with_dynamic_blocks(block) if parsed.path.endswith(".json") else block)
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
                module.locals.update({a.name: Declaration(parsed.path, a) for a in block.body.attributes})
            case _:
                continue


def _is_declared(module: Module, block: ast.Block) -> bool:
    match block.type, block.labels:
        case ("resource" | "data") as kind, (type_, name, *_):
            return ("managed" if kind == "resource" else "data", type_, name) in module.resources
        case ("variable" | "output" | "module") as kind, (name, *_):
            tables = {"variable": module.variables, "output": module.outputs, "module": module.calls}
            return name in tables[kind]
        case _:
            return True


def _put_resource(module: Module, key: tuple[str, str, str], placed: Declaration[ast.Block], *, override: bool) -> None:
    if key in module.resources and not override:
        detail = f"{key[1]}.{key[2]} is declared more than once; only the first declaration was read"
        at = CodeOrigin(placed.file, placed.node.span.line, placed.node.span.end_line)
        module.gaps.append(Gap("block", Why.UNPARSEABLE, detail, at, (f"{key[1]}.{key[2]}",)))
        return
    _put(module.resources, key, placed, override=override)


K = TypeVar("K")


def _put(table: dict[K, Declaration[ast.Block]], key: K, placed: Declaration[ast.Block], *, override: bool) -> None:
    base = table.get(key)
    table[key] = placed if base is None or not override else merged(base, placed)


def merged(base: Declaration[ast.Block], over: Declaration[ast.Block]) -> Declaration[ast.Block]:
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
    return Declaration(base.file, replace(base.node, body=body), foreign)


def _type_of(block: ast.Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _provider_key(name: str, block: ast.Block) -> str:
    for attribute in block.body.attributes:
        if attribute.name == "alias" and isinstance(attribute.value, ast.Literal):
            return f"{name}.{attribute.value.value}"
    return name


# Calls of modules: where the called code lies, and which providers it is handed

_MANIFEST = ".terraform/modules/modules.json"

NOT_INSTALLED = "is not installed; run `terraform init` to download it"
"""How the detail of a gap ends where a module from elsewhere is not at hand."""


class Vendored:
    """The modules that `terraform init` put under `.terraform/modules`, by their keys in its manifest."""

    def __init__(self, root: Path, bounds: Bounds) -> None:
        self._root = root
        self._bounds = bounds
        self._folders: dict[str, Path] | None = None

    def folder(self, key: str) -> Path | None:
        """Return the folder of a module call (`ssm.logs`), or None where it was not vendored."""
        if self._folders is None:
            self._folders = _manifest(self._root, self._bounds)
        return self._folders.get(key)

    def may_be(self, folder: Path) -> bool:
        """Say whether a folder that the manifest names may be read: what no code says leads nowhere else."""
        return self._bounds.allow(Path(os.path.realpath(folder)), Path(os.path.realpath(self._root)))


def _manifest(root: Path, bounds: Bounds) -> dict[str, Path]:
    path = root / _MANIFEST
    try:
        data: Any = json.loads(bytes_within(path, bounds, root, most=limits.MANIFEST))
        entries = data["Modules"]
        return {entry["Key"]: Path(os.path.normpath(root / entry["Dir"])) for entry in entries if entry["Key"]}
    except (OSError, UnreadableError, ValueError, KeyError, TypeError, RecursionError):
        # Without a manifest that can be read nothing is vendored; the calls themselves become gaps.
        return {}


def called_folder(
    parent: "ModuleInstance", name: str, placed: Declaration[ast.Block], vendored: Vendored
) -> Path | Unknown:
    """Return the folder a call leads to, or why it is not known."""
    at = parent.scope(placed.file).origin(placed.node.span)
    bounds = parent.tree.bounds
    match parent.argument(placed, "source"):
        case Known(str() as source):
            local = _local(parent, source)
            folder = local or vendored.folder(_key(parent, name))
        case Known(Template() as text):
            return Unknown(Why.UNRESOLVED_INPUT, at, f'the source of module.{name} is not known ("{text}")')
        case Unknown() as gap:
            return replace(gap, detail=f"the source of module.{name} is not known: {gap.detail}", one_of=())
        case _:
            return Unknown(Why.UNPARSEABLE, at, f"module.{name} has no source")
    if folder is None:
        detail = f'module.{name} ("{source}") {NOT_INSTALLED}'
        return Unknown(Why.OUT_OF_SCOPE, at, detail)
    if local is None and not vendored.may_be(folder):
        return Unknown(Why.OUT_OF_SCOPE, at, f'module.{name} ("{source}"): its entry in {_MANIFEST} is {LEADS_OUT}')
    real = bounds.followed(folder, parent.folder)
    if real is None:
        return Unknown(Why.OUT_OF_SCOPE, at, f'module.{name} ("{source}"): {LEADS_OUT}')
    if look_at(real, bounds) is None:
        return Unknown(Why.OUT_OF_SCOPE, at, f'module.{name} ("{source}") contains no code')
    return real


def _local(parent: "ModuleInstance", source: str) -> Path | None:
    if source.startswith(("./", "../")) or source in {".", ".."}:
        return Path(os.path.normpath(parent.folder / source))
    return None


def _key(parent: "ModuleInstance", name: str) -> str:
    steps = [part for part in keyless(parent.path).split(".") if part]
    return ".".join([*steps[1::2], name])


def configured(module: "ModuleInstance", name: str) -> str:
    """Return which provider configuration a local name means: the module's own, or one that it was handed."""
    own = name.partition("[")[0] in module.module.providers
    return module.prefixed(name) if own else module.providers.get(name, name)


def provider_map(parent: "ModuleInstance", config: BlockConfig) -> dict[str, str]:
    """Return which provider configurations a called module's provider names mean."""
    written = config.attribute("providers")
    defaults = [name for name in parent.module.providers if "." not in name]
    passed = {**parent.providers, **{name: configured(parent, name) for name in defaults}}
    if written is not None and isinstance(written.value, ast.ObjectExpr):
        scope, evaluator = config.scope, parent.tree.evaluator
        for item in written.value.items:
            given = provider_name(item.value, scope, evaluator)
            passed[provider_name(item.key, scope, evaluator)] = configured(parent, given)
    return passed
