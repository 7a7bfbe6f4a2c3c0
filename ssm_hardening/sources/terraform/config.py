"""Bodies of blocks, evaluated on demand: the `Config` that facts are read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ssm_hardening.hcl import ast
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.evaluate.collections import entries
from ssm_hardening.sources.terraform.evaluate.expressions import Evaluator
from ssm_hardening.sources.terraform.evaluate.scope import Scope
from ssm_hardening.sources.terraform.resources import Config
from ssm_hardening.values import Absent, Inventory, Items, Known, Record, Unknown, Value, Why


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
