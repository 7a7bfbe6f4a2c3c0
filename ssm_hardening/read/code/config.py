"""Bodies of blocks, evaluated on demand: the `Config` that facts are read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.evaluate.collections import entries
from ssm_hardening.read.code.evaluate.expressions import Evaluator
from ssm_hardening.read.code.evaluate.scope import Scope
from ssm_hardening.read.graph import Config


@dataclass(frozen=True, slots=True)
class BlockConfig:
    """A block's body in a scope. `foreign` names the file of members that an override file brought."""

    body: ast.Body
    scope: Scope
    evaluator: Evaluator
    at: CodeOrigin
    foreign: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> ast.Attribute | None:
        """Return the attribute as written."""
        return next((attribute for attribute in self.body.attributes if attribute.name == name), None)

    def get(self, name: str) -> Value[Any]:
        """Evaluate an argument; Absent at the block where it is not written."""
        written = self.attribute(name)
        if written is None:
            return Absent(self.at)
        return self.evaluator.evaluate(written.value, self._scope(name))

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return the nested blocks of a type; an argument that holds objects serves as blocks, as in JSON."""
        found: list[Config] = []
        gap: Unknown | None = None
        for block in self.body.blocks:
            if block.type == block_type:
                found.append(self._nested(block.body, block, self._scope(block_type)))
            elif block.type == "dynamic" and block.labels[:1] == (block_type,):
                made, more = self._dynamic(block, self._scope(block_type))
                found += made
                gap = more if gap is None else gap
        if self.attribute(block_type) is not None:
            written = block_configs(self.get(block_type), self.at)
            found += written.items
            gap = written.gap if gap is None else gap
        return Inventory(tuple(found), gap)

    def _scope(self, name: str) -> Scope:
        return replace(self.scope, file=self.foreign[name]) if name in self.foreign else self.scope

    def _nested(self, body: ast.Body, block: ast.Block, scope: Scope) -> Config:
        return BlockConfig(body, scope, self.evaluator, scope.origin(block.span))

    def _dynamic(self, block: ast.Block, scope: Scope) -> tuple[list[Config], Unknown | None]:
        written = {attribute.name: attribute.value for attribute in block.body.attributes}
        content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
        if content is None or "for_each" not in written:
            return [], Unknown(Why.UNPARSEABLE, scope.origin(block.span), f"dynamic {block.labels[0]}")
        at = scope.origin(block.span)
        found = entries(self.evaluator.evaluate(written["for_each"], scope), at, f"dynamic {block.labels[0]}")
        if isinstance(found, Unknown):
            return [], replace(found, one_of=())
        name = _iterator(written.get("iterator"), block.labels[0])
        made = []
        for key, value in found.pairs:
            each = Known(Record({"key": key, "value": value}), at)
            made.append(self._nested(content.body, content, scope.bind(**{name: each})))
        return made, found.rest


def _iterator(written: ast.Expr | None, default: str) -> str:
    match written:
        case ast.Name(name=name) | ast.Literal(value=str() as name):
            return name
        case _:
            return default


@dataclass(frozen=True, slots=True)
class ValueConfig:
    """An object read as the body of a block."""

    record: Record
    at: CodeOrigin

    def get(self, name: str) -> Value[Any]:
        """Return a member."""
        return self.record.get(name, self.at)

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return a member that holds objects, as blocks."""
        found = block_configs(self.get(block_type), self.at)
        if found.gap is None and "dynamic" in self.record.members:
            return replace(found, gap=Unknown(Why.UNSUPPORTED, self.at, f"dynamic {block_type} within a JSON object"))
        return found


def block_configs(value: Value[Any], at: CodeOrigin) -> Inventory[Config]:
    """Return an object, or a list of objects, as blocks."""
    match value:
        case Absent():
            return Inventory()
        case Unknown() as gap:
            return Inventory((), replace(gap, one_of=()))
        case Known(Record() as record, origin):
            return Inventory((ValueConfig(record, origin if isinstance(origin, CodeOrigin) else at),))
        case Known(Items(items, rest)):
            parts = [block_configs(item, at) for item in items]
            gaps = [rest, *(part.gap for part in parts)]
            found = tuple(config for part in parts for config in part.items)
            return Inventory(found, next((gap for gap in gaps if gap is not None), None))
        case Known(_, origin):
            return Inventory((), Unknown(Why.UNSUPPORTED, origin, "a block was expected here"))


_IDENTITY = frozenset(
    {"name", "name_prefix", "bucket", "bucket_prefix", "key_id", "document_type", "document_format", "region"}
)
"""What an object is stays what it is: these cannot change without another object taking its place."""


@dataclass(frozen=True, slots=True)
class IgnoringConfig:
    """A resource's body; the arguments whose changes Terraform ignores are not known."""

    body: BlockConfig
    ignored: frozenset[str]
    everything: bool

    @property
    def at(self) -> CodeOrigin:
        """The block."""
        return self.body.at

    def get(self, name: str) -> Value[Any]:
        """Evaluate an argument; where its changes are ignored, it is whatever it was changed to."""
        value = self.body.get(name)
        match value:
            case Known(_, at) if self._ignores(name):
                return _decided_elsewhere(name, at)
            case Known() | Absent() | Unknown():
                return value

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return the nested blocks of a type; where their changes are ignored, there may be any."""
        found = self.body.blocks(block_type)
        if block_type == "lifecycle" or not found.items or not self._ignores(block_type):
            return found
        return Inventory((), _decided_elsewhere(block_type, found.items[0].at))

    def _ignores(self, name: str) -> bool:
        return name not in _IDENTITY and (self.everything or name in self.ignored)


def _decided_elsewhere(name: str, at: Origin) -> Unknown:
    return Unknown(Why.OUT_OF_SCOPE, at, f"lifecycle ignores changes of {name}: its value today is not in the code")


def as_of_today(config: BlockConfig) -> Config:
    """Return the body of a resource, without what its `lifecycle` leaves to others."""
    names = frozenset(name for block in config.body.blocks if block.type == "lifecycle" for name in _ignored(block))
    return IgnoringConfig(config, names, bool(names & {"all", "*"})) if names else config


def _ignored(lifecycle: ast.Block) -> list[str]:
    written = [each.value for each in lifecycle.body.attributes if each.name == "ignore_changes"]
    items = [item for value in written for item in (value.items if isinstance(value, ast.TupleExpr) else (value,))]
    return [name for item in items if (name := _first_name(item))]


def _first_name(expression: ast.Expr) -> str:
    """Return the argument that an entry (`content`, `"content"`, `versioning[0].enabled`) is about."""
    match expression:
        case ast.Name(name) | ast.Literal(str() as name):
            return name.partition(".")[0].partition("[")[0]
        case ast.Attr(target) | ast.Index(target):
            return _first_name(target)
        case _:
            return ""
