"""`ignore_changes`: what a resource's code says only of the day it was created."""

from dataclasses import dataclass
from typing import Any

from ssm_hardening.hcl import ast
from ssm_hardening.origins import CodeOrigin, Origin
from ssm_hardening.sources.terraform.config import BlockConfig
from ssm_hardening.sources.terraform.resources import Config
from ssm_hardening.values import Absent, Inventory, Known, Unknown, Value, Why

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
