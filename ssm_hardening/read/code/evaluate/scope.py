"""What an expression may refer to: the module it stands in, and the names bound around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Datum, Reference, Value
from ssm_hardening.hcl.ast import Span
from ssm_hardening.read.paths import Bounds


@dataclass(frozen=True, slots=True)
class TraversalStep:
    """One step of a traversal: an attribute's name, or an index that was evaluated."""

    name: str | None
    key: Value[Datum] | None = None


class Resolver(Protocol):
    """The module instance an expression stands in."""

    @property
    def path(self) -> str:
        """The module path, empty for the root module."""
        ...

    @property
    def folder(self) -> Path:
        """The module's folder."""
        ...

    @property
    def root_folder(self) -> Path:
        """The root module's folder."""
        ...

    @property
    def bounds(self) -> Bounds:
        """How far files may be read."""
        ...

    def resolve(self, head: str, steps: Sequence[TraversalStep], at: CodeOrigin) -> tuple[Value[Datum], int]:
        """Return what a name means (`var.x`, `aws_s3_bucket.logs`), and how many steps behind `head` it took."""
        ...

    def attribute(self, whole: Reference, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an attribute of a whole resource or module instance (a reference without an attribute)."""
        ...

    def declared_type(self, variable: str) -> str | None:
        """Return the name of a variable's type where it is a primitive one (`string`)."""
        ...

    def may_exist_not(self, address: str) -> bool:
        """Say whether the object at this address may turn out not to exist."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """A place to evaluate in: resolver, file, and bound names (`each`, `count`, iterators, `for` variables)."""

    resolver: Resolver
    file: str
    bindings: Mapping[str, Value[Datum]]

    def origin(self, span: Span) -> CodeOrigin:
        """Return where a node stands."""
        return CodeOrigin(self.file, span.line, span.end_line, self.resolver.path)

    def bind(self, **names: Value[Datum]) -> "Scope":
        """Return a scope with more names."""
        return replace(self, bindings={**self.bindings, **names})
