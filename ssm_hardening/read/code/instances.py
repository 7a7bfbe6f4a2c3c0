"""A module as called: its variables bound, its names resolved, its blocks expanded."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Known, Reference, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.config import BlockConfig, as_of_today
from ssm_hardening.read.code.evaluate.alternatives import lift
from ssm_hardening.read.code.evaluate.scope import Scope, TraversalStep
from ssm_hardening.read.code.evaluate.types import convert
from ssm_hardening.read.code.expansion import Expansion, expand, provider_name, whole
from ssm_hardening.read.code.modules import Declaration, Module, configured
from ssm_hardening.read.code.overriding import as_read, may_exist, prevent_destroy
from ssm_hardening.read.code.values import Invalid
from ssm_hardening.read.graph import Resource, keyless
from ssm_hardening.read.paths import Bounds

if TYPE_CHECKING:
    from ssm_hardening.read.code.tree import Tree

Given = Callable[[str], Value[Datum] | None]
"""What the caller of a module gives a variable: its value, or None where it gives none."""


class ModuleInstance:
    """One instance of a module; resolves the names its expressions use. Everything is evaluated once, on demand."""

    def __init__(  # noqa: PLR0913 - where a module stands, and what it is given
        self,
        tree: "Tree",
        module: Module,
        path: str,
        given: Given,
        *,
        exists: Value[bool],
        providers: dict[str, str],
        lineage: tuple[str, ...] = (),
    ) -> None:
        self.tree = tree
        self.module = module
        self.path = path
        self.exists = exists
        self.providers = providers
        self.lineage = lineage
        self._given = given
        self._values: dict[tuple[str, str], Value[Datum]] = {}
        self._running: set[tuple[str, str]] = set()
        self._resources: dict[tuple[str, str, str], tuple[Expansion, tuple[Resource, ...]]] = {}

    @property
    def folder(self) -> Path:
        """The module's folder."""
        return self.module.folder

    @property
    def root_folder(self) -> Path:
        """The root module's folder."""
        return self.tree.folder

    @property
    def bounds(self) -> Bounds:
        """How far files may be read."""
        return self.tree.bounds

    def scope(self, file: str) -> Scope:
        """Return the scope of the module's own expressions."""
        return Scope(self, file, {})

    def prefixed(self, name: str) -> str:
        """Return a full address."""
        return f"{self.path}.{name}" if self.path else name

    # Names

    def resolve(self, head: str, steps: Sequence[TraversalStep], at: CodeOrigin) -> tuple[Value[Datum], int]:
        """Return what a name means, and how many steps behind it that took."""
        names = [step.name for step in steps]
        first = names[0] if names else None
        match head:
            case "var" | "local" | "module" if first is not None:
                reader = {"var": self.variable, "local": self.local, "module": self.called}[head]
                return reader(first, at), 1
            case "path" if first is not None:
                return self._path(first, at), 1
            case "data" if len(names) > 1 and first is not None and names[1] is not None:
                return self._whole(("data", first, names[1]), at), 2
            case "terraform" | "tofu" if first == "workspace":
                return self.tree.inputs.in_workspace(at), 1
            case "each" | "count" | "self" | "terraform" | "tofu" | "ephemeral":
                return Unknown(Why.UNRESOLVED_INPUT, at, f"{head}.{first}"), len(steps)
            case _ if first is not None:
                return self._whole(("managed", head, first), at), 1
            case _:
                return Invalid(Why.UNRESOLVED_INPUT, at, f"{head} is not declared"), len(steps)

    def _once(self, kind: str, name: str, at: CodeOrigin, compute: Callable[[], Value[Datum]]) -> Value[Datum]:
        key = (kind, name)
        if key in self._running:
            return Unknown(Why.UNPARSEABLE, at, f"{kind}.{name} refers to itself")
        if key not in self._values:
            self._running.add(key)
            try:
                self._values[key] = compute()
            finally:
                self._running.discard(key)
        return self._values[key]

    def local(self, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return a local value."""
        placed = self.module.locals.get(name)
        if placed is None:
            return self._undeclared(f"local.{name}", at)
        if self.module.overridden is not None:
            return self.module.overridden
        return self._once("local", name, at, lambda: self._evaluate(placed.node.value, placed.file))

    def output(self, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an output's value."""
        placed = self.module.outputs.get(name)
        if placed is None:
            return self._undeclared(f"output {name} of {self.path}", at)
        if self.module.overridden is not None:
            return self.module.overridden
        return self._once("output", name, at, lambda: self._output(placed))

    def _output(self, placed: Declaration[ast.Block]) -> Value[Datum]:
        config = self.config(placed)
        return self._kept_quiet(config, config.get("value"))

    def variable(self, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return a variable: as given, converted to its type, or its default."""
        placed = self.module.variables.get(name)
        if placed is None:
            return self._undeclared(f"var.{name}", at)
        return self._once("var", name, at, lambda: self._variable(name, placed))

    def _variable(self, name: str, placed: Declaration[ast.Block]) -> Value[Datum]:
        config = self.config(placed)
        value = self._given(name)
        if value is None:
            value = self._default(config, name)
        elif _is_false(config.get("nullable")):
            value = lift(lambda args: self._default(config, name) if isinstance(args[0], Absent) else args[0], (value,))
        written = config.attribute("type")
        found = convert(value, None if written is None else written.value, self.tree.evaluator, config.scope)
        return self._kept_quiet(config, self.tree.evaluator.marks.carry(found, (value,)))

    def _default(self, config: BlockConfig, name: str) -> Value[Datum]:
        return _default(config, name) if self.module.overridden is None else self.module.overridden

    def _kept_quiet(self, config: BlockConfig, value: Value[Datum]) -> Value[Datum]:
        """Return the value of a variable or an output, marked where its block says so."""
        flags = [config.get(name) for name in ("sensitive", "ephemeral") if config.attribute(name) is not None]
        # Terraform demands a plain true or false there; what is neither is taken for the careful answer.
        is_open = all(isinstance(flag, Absent) or _is_false(flag) for flag in flags)
        return value if is_open else self.tree.evaluator.marks.mark(value)

    def _undeclared(self, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return what is not declared; where a file of the module was not read, it may be declared there."""
        if self.module.gaps:
            gap = self.module.gaps[0]
            return Unknown(gap.why, gap.at, f"{name}: {gap.detail}")
        return Invalid(Why.UNRESOLVED_INPUT, at, f"{name} is not declared")

    def _path(self, name: str, at: CodeOrigin) -> Value[Datum]:
        match name:
            case "module":
                return Known(self.tree.relative(self.folder), at)
            case "root":
                return Known(".", at)
            case _:
                return Unknown(Why.UNRESOLVED_INPUT, at, f"path.{name}")

    def _evaluate(self, expr: ast.Expr, file: str) -> Value[Datum]:
        return self.tree.evaluator.evaluate(expr, self.scope(file))

    def config(self, placed: Declaration[ast.Block], scope: Scope | None = None) -> BlockConfig:
        """Return a block of the module, to be evaluated in the module's scope or a narrower one."""
        used = self.scope(placed.file) if scope is None else scope
        return BlockConfig(placed.node.body, used, self.tree.evaluator, used.origin(placed.node.span), placed.foreign)

    def argument(self, placed: Declaration[ast.Block], name: str) -> Value[Datum]:
        """Evaluate one argument of a block of the module."""
        return self.config(placed).get(name)

    def handed(self, call: BlockConfig, variable: str) -> Value[Datum] | None:
        """Return what a call of this module's hands to a variable; None where it hands nothing."""
        if self.module.overridden is not None:
            return self.module.overridden
        return None if call.attribute(variable) is None else call.get(variable)

    # Objects

    def called(self, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return a called module as a whole: a reference for each of its instances."""
        placed = self.module.calls.get(name)
        if placed is None:
            return self._undeclared(f"module.{name}", at)
        expansion, children = self.tree.children(self, name)
        if not children and not self.tree.beside.is_told(self.prefixed(f"module.{name}")):
            place = self.scope(placed.file).origin(placed.node.span)
            return Unknown(Why.OUT_OF_SCOPE, place, f"module.{name} was not read")
        return whole(expansion, self.prefixed(f"module.{name}"), at)

    def _whole(self, key: tuple[str, str, str], at: CodeOrigin) -> Value[Datum]:
        if key not in self.module.resources:
            return self._undeclared(".".join(part for part in key if part != "managed"), at)
        name = (key[0], ".".join(key[1:]))
        if name in self._running:
            return Unknown(Why.UNPARSEABLE, at, f"{name[1]} refers to itself")
        self._running.add(name)
        try:
            expansion, _ = self.instances(key)
        finally:
            self._running.discard(name)
        return whole(expansion, self._declared(key), at)

    def _declared(self, key: tuple[str, str, str]) -> str:
        mode, type_, name = key
        return self.prefixed(f"data.{type_}.{name}" if mode == "data" else f"{type_}.{name}")

    def instances(self, key: tuple[str, str, str]) -> tuple[Expansion, tuple[Resource, ...]]:
        """Return the instances of a resource block."""
        if key not in self._resources:
            placed = self.module.resources[key]
            scope = self.scope(placed.file)
            expansion = self.tree.beside.resource(
                self._declared(key),
                placed.node,
                expand(placed.node, scope, self.tree.evaluator),
                scope.origin(placed.node.span),
                exists=self.exists,
                managed=key[0] == "managed",
            )
            made = tuple(
                self._resource(
                    key, placed, instance.key, both_exist(self.exists, instance.exists), scope.bind(**instance.bindings)
                )
                for instance in expansion.instances
            )
            self._resources[key] = (expansion, made)
            self.tree.register(made, self)
        return self._resources[key]

    def _resource(
        self, key: tuple[str, str, str], placed: Declaration[ast.Block], index: str, exists: Value[bool], scope: Scope
    ) -> Resource:
        mode, type_, name = key
        config = self.config(placed, scope)
        address = f"{self._declared(key)}{index}"
        return Resource(
            address=address,
            declaration=keyless(self._declared(key)),
            mode=mode,
            type=type_,
            name=name,
            module_path=self.path,
            at=config.at,
            exists=may_exist(exists, self.module.overridden),
            config=self.tree.beside.config(address, as_read(as_of_today(config), self.module.overridden), mode),
            provider=self._provider(config, type_),
            prevent_destroy=prevent_destroy(config) if self.module.overridden is None else self.module.overridden,
        )

    def _provider(self, config: BlockConfig, resource_type: str) -> str:
        written = config.attribute("provider")
        usual = resource_type.split("_", 1)[0]
        name = usual if written is None else provider_name(written.value, config.scope, self.tree.evaluator)
        return configured(self, name)

    def attribute(self, whole: Reference, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an attribute of a whole resource or module instance."""
        return self.tree.attribute(whole, name, at)

    def declared_type(self, variable: str) -> str | None:
        """Return the name of a variable's type where it is a primitive one (`string`)."""
        placed = self.module.variables.get(variable)
        written = None if placed is None else self.config(placed).attribute("type")
        match None if written is None else written.value:
            case ast.Name(name=name) | ast.Literal(value=str() as name):
                return name
            case _:
                return None

    def may_exist_not(self, address: str) -> bool:
        """Say whether the object at this address may turn out not to exist."""
        return self.tree.may_exist_not(address)


def _default(config: BlockConfig, variable: str) -> Value[Datum]:
    if config.attribute("default") is None:
        return Unknown(Why.UNRESOLVED_INPUT, config.at, f"var.{variable} has no default")
    return config.get("default")


def both_exist(outer: Value[bool], inner: Value[bool]) -> Value[bool]:
    """Return whether an object exists whose module may not exist."""
    for exists in (outer, inner):
        if isinstance(exists, Known) and not exists.value:
            return exists
    return outer if isinstance(outer, Unknown) else inner


def _is_false(value: Value[Datum]) -> bool:
    return isinstance(value, Known) and value.value is False
