"""One root module with everything it calls: the `Root` that facts are read from."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Inventory, Known, Record, Reference, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.model import LINK, Gap
from ssm_hardening.read.code.config import SENSITIVE, BlockConfig, attribute_of
from ssm_hardening.read.code.evaluate.expressions import Evaluator
from ssm_hardening.read.code.expansion import BlockInstance, Expansion, expand, plain_key
from ssm_hardening.read.code.filling import Beside
from ssm_hardening.read.code.inputs import Inputs, assignments
from ssm_hardening.read.code.instances import ModuleInstance, both_exist
from ssm_hardening.read.code.modules import Declaration, Module, Vendored, called_folder, provider_map
from ssm_hardening.read.code.unread import UnreadCall, declares_nothing, part_of
from ssm_hardening.read.converting import either
from ssm_hardening.read.graph import SIGN, Resource, Resources, ToldByPlan, UnreadPart
from ssm_hardening.read.paths import ALONE, LEADS_OUT, Bounds, display

MOST_MODULES = 2_000
"""How many module instances of one root are visited; the rest is a gap."""

MOST_ASKED = 5 * MOST_MODULES
"""How many are counted out, visited or not: each of a thousand may call a thousand."""


class Tree:
    """A root module, its module instances and their resources, all on demand.

    `has_values`: something outside of its code sets variables of the root.
    """

    def __init__(  # noqa: PLR0913 - what a root module is read from
        self,
        folder: Path,
        inputs: Inputs,
        load: Callable[[Path], Module],
        matters: Callable[[Path], bool],
        bounds: Bounds = ALONE,
        *,
        told: ToldByPlan | None = None,
    ) -> None:
        """Read a root; `load` gives a folder's module, `matters` says whether a folder can hold facts.

        `told` is what a plan of this code tells.
        """
        self.beside = Beside(told)
        self.folder = folder
        self.bounds = bounds
        self.path = display(folder)
        self.evaluator = Evaluator()
        self.inputs = inputs
        self._load = load
        self._matters = matters
        self._vendored = Vendored(folder, bounds)
        self._gaps: dict[Gap, None] = {}
        self._modules: dict[str, ModuleInstance] = {}
        self._asked = 0
        self._children: dict[tuple[str, str], tuple[Expansion, tuple[ModuleInstance, ...]]] = {}
        self._callers: dict[str, tuple[ModuleInstance, Declaration[ast.Block]]] = {}
        self._calls: dict[tuple[str, str], UnreadCall] = {}
        self._parts: dict[Gap, UnreadPart] = {}
        self._registry: dict[str, tuple[Resource, ModuleInstance]] = {}
        self.root = self._root_instance()

    def _root_instance(self) -> ModuleInstance:
        module = self._module(self.folder)
        types = {name: _type_of(placed) for name, placed in module.variables.items()}
        given = assignments(self.folder, self.inputs, types, self.bounds)
        self.has_values = bool(given.values)
        planned = self.beside.variables(types)
        if not planned or None in planned.values():
            self._note(given.gaps)

        def read(name: str) -> Value[Datum] | None:
            value = planned.get(name)
            if value is not None:
                return value
            assigned = given.values.get(name)
            if assigned is not None:
                return self.evaluator.evaluate(assigned.value, self.root.scope(assigned.file))
            for gap in given.gaps:
                return Unknown(gap.why, gap.at, f"var.{name} may be set in {gap.at}")
            return None

        at = CodeOrigin(self.path, 0)
        instance = ModuleInstance(self, module, "", read, exists=Known(True, at), providers={})
        self._modules[""] = instance
        return instance

    def _module(self, folder: Path) -> Module:
        module = self._load(folder)
        self._note(tuple(module.gaps))
        return module

    def _note(self, gaps: tuple[Gap, ...], call: UnreadCall | None = None) -> None:
        for gap in gaps:
            if gap not in self._gaps:
                self._gaps[gap] = None
                self._parts[gap] = part_of(self, gap, call)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read in the modules visited so far, and what the plan leaves to others."""
        return (*self._gaps, *(() if self.beside.plan is None else self.beside.plan.left))

    def relative(self, folder: Path) -> str:
        """Return a folder relative to the root module, as `path.module` gives it."""
        return Path(os.path.relpath(folder, self.folder)).as_posix()

    # What facts ask for

    def resources(self, *types: str) -> Inventory[Resource]:
        """Return every managed resource instance of these types, here and in all modules called."""
        found = [
            resource
            for instance in self._walk(self.root)
            for key in instance.module.resources
            if key[0] == "managed" and key[1] in types
            for resource in instance.instances(key)[1]
        ]
        found += self.beside.resources(types)
        parts = tuple(self._parts.values())
        gap = next((part.gap for part in parts if part.declares), None)
        return Resources(tuple(found), gap, parts)

    def modules(self) -> Iterator[ModuleInstance]:
        """Return the root module and every module instance that it calls and that can hold facts."""
        return self._walk(self.root)

    def _walk(self, instance: ModuleInstance) -> Iterator[ModuleInstance]:
        yield instance
        for name in instance.module.calls:
            for child in self.children(instance, name)[1]:
                if self._matters(child.folder):
                    yield from self._walk(child)

    def providers(self) -> tuple[str, ...]:
        """Return the provider configurations of the resources seen, sorted; `aws` where there are none."""
        used = {resource.provider for resource, _ in self._registry.values() if resource.mode == "managed"}
        return tuple(sorted(used)) or ("aws",)

    def provider_argument(self, provider: str, name: str) -> Value[Datum]:
        """Return an argument of a provider configuration; Absent where the environment decides."""
        configs = self._configurations(provider)
        if not configs:
            return self.beside.provider_argument(provider, name, CodeOrigin(self.path, 0))
        values = [_argument(config, name) for config in configs]
        at = configs[0].at
        return either(Unknown(Why.COMPUTED, at, f"{name} of {provider}: which of its instances it is"), values)

    def _configurations(self, address: str) -> list[BlockConfig]:
        """Return what a provider configuration (`aws`, `aws.by["a"]`, `module.x.aws`) is, or all that it may be."""
        inner = self._modules if address.startswith("module.") else ()
        path = max((path for path in inner if path and address.startswith(f"{path}.")), key=len, default="")
        owner = self._modules[path]
        base, bracket, key = address.removeprefix(f"{path}.").partition("[")
        placed = owner.module.providers.get(base)
        if placed is None:
            return []
        scope = owner.scope(placed.file)
        instances = expand(placed.node, scope, self.evaluator).instances
        found = [each for each in instances if each.key == bracket + key]
        if found or not bracket or key == "*]":
            return [owner.config(placed, scope.bind(**each.bindings)) for each in found or instances]
        # Which keys there are is not known, but this is one of them.
        at = scope.origin(placed.node.span)
        value = Unknown(Why.COMPUTED, at, f"each.value of provider {base}")
        each = Known(Record({"key": Known(plain_key(bracket + key), at), "value": value}), at)
        return [owner.config(placed, scope.bind(each=each))]

    def literals(self) -> Mapping[str, tuple[CodeOrigin, ...]]:
        """Return the signs of Session Manager in the files of all modules visited, comments aside."""
        found: dict[str, list[CodeOrigin]] = {}
        modules = {id(instance.module): instance.module for instance in self._walk(self.root)}
        for module in modules.values():
            for file in module.files:
                for word, line in _signs(file):
                    found.setdefault(word, []).append(CodeOrigin(file.path, line))
        for word, place in self.beside.literals():
            found.setdefault(word, []).append(place)
        return {word: tuple(origins) for word, origins in sorted(found.items())}

    def files(self) -> Iterator[ast.SourceFile]:
        """Return the parsed files of all modules visited."""
        modules = {id(instance.module): instance.module for instance in self._modules.values()}
        return (file for module in modules.values() for file in module.files)

    # What module instances ask for

    def children(self, parent: ModuleInstance, name: str) -> tuple[Expansion, tuple[ModuleInstance, ...]]:
        """Return the instances of a called module; none where it could not be read, which becomes a gap."""
        key = (parent.path, name)
        if key not in self._children:
            self._children[key] = (Expansion("one", (), ((),)), ())
            placed = parent.module.calls[name]
            scope = parent.scope(placed.file)
            if self._asked > MOST_ASKED:
                self._note_too_many(scope.origin(placed.node.span))
                return self._children[key]
            expansion = self.beside.module(
                parent.prefixed(f"module.{name}"),
                placed.node,
                expand(placed.node, scope, self.evaluator),
                scope.origin(placed.node.span),
            )
            self._asked += len(expansion.instances)
            self._children[key] = (expansion, self._called(parent, name, placed, expansion))
        return self._children[key]

    def _called(
        self, parent: ModuleInstance, name: str, placed: Declaration[ast.Block], expansion: Expansion
    ) -> tuple[ModuleInstance, ...]:
        at = parent.scope(placed.file).origin(placed.node.span)
        folder = called_folder(parent, name, placed, self._vendored)
        if isinstance(folder, Unknown) and self.beside.stands_for(parent.prefixed(f"module.{name}")):
            return ()
        if isinstance(folder, Unknown):
            call = self._calls[parent.path, name] = UnreadCall(parent, placed, expansion)
            kind = LINK if folder.detail.endswith(LEADS_OUT) else "module"
            is_harmless = kind == "module" and declares_nothing(parent, placed)
            if not _never_exists(parent, expansion) and not is_harmless:
                gap = Gap(kind, folder.why, folder.detail, at, (parent.prefixed(f"module.{name}"),))
                self._note((gap,), call)
            return ()
        if str(folder) in parent.lineage or folder == parent.folder:
            affected = (parent.prefixed(f"module.{name}"),)
            self._note((Gap("module", Why.UNPARSEABLE, f"module.{name} calls itself", at, affected),))
            return ()
        if len(self._modules) + len(expansion.instances) > MOST_MODULES:
            self._note_too_many(at)
            return ()
        module = self._module(folder)
        return tuple(self._child(parent, name, placed, module, instance) for instance in expansion.instances)

    def _note_too_many(self, at: CodeOrigin) -> None:
        self._note((Gap("module", Why.UNSUPPORTED, f"more than {MOST_MODULES} module instances", at),))

    def _child(
        self, parent: ModuleInstance, name: str, placed: Declaration[ast.Block], module: Module, instance: BlockInstance
    ) -> ModuleInstance:
        config = parent.config(placed, parent.scope(placed.file).bind(**instance.bindings))
        child = ModuleInstance(
            self,
            module,
            parent.prefixed(f"module.{name}{instance.key}"),
            lambda variable: parent.handed(config, variable),
            exists=both_exist(parent.exists, instance.exists),
            providers=provider_map(parent, config),
            lineage=(*parent.lineage, str(parent.folder)),
        )
        self._modules[child.path] = child
        self._callers[child.path] = (parent, placed)
        return child

    # What is asked of a module that was not read

    def unread_call(self, parent: ModuleInstance, name: str) -> UnreadCall | None:
        """Return the call of a module that was not read; None where it was."""
        self.children(parent, name)
        return self._calls.get((parent.path, name))

    def callers(self, owner: ModuleInstance) -> Iterator[tuple[ModuleInstance, Declaration[ast.Block]]]:
        """Yield the call of a module instance with the module that makes it; nothing for the root."""
        if owner.path in self._callers:
            yield self._callers[owner.path]

    def instances(self) -> tuple[ModuleInstance, ...]:
        """Return the module instances visited so far."""
        return tuple(self._modules.values())

    def register(self, resources: tuple[Resource, ...], owner: ModuleInstance) -> None:
        """Remember resource instances by address."""
        for resource in resources:
            self._registry[resource.address] = (resource, owner)

    def attribute(self, whole: Reference, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an attribute of the resource or module instance that a reference names as a whole."""
        child = self._modules.get(whole.address)
        if child is not None and whole.address:
            return child.output(name, at)
        if self.beside.is_told(whole.address):
            return self.beside.output(whole.address, name, at)
        found = self._registry.get(whole.address)
        if found is None:
            return Unknown(Why.COMPUTED, at, f"{whole.address}.{name}")
        value = self.beside.attribute(found[0], name, attribute_of(found[0], name, found[1], at))
        return self.evaluator.marks.mark(value) if (found[0].type, name) in SENSITIVE else value

    def may_exist_not(self, address: str) -> bool:
        """Say whether the object at this address may turn out not to exist."""
        if address in self._registry:
            return isinstance(self._registry[address][0].exists, Unknown)
        child = self._modules.get(address)
        return child is not None and isinstance(child.exists, Unknown)


def _argument(config: BlockConfig, name: str) -> Value[Datum]:
    block, _, argument = name.rpartition(".")
    if not block:
        return config.get(argument)
    found = config.blocks(block)
    if found.gap is not None:
        return found.gap
    # Of several roles that are assumed one after another, the last one is whose account it is.
    return found.items[-1].get(argument) if found.items else Absent(config.at)


def _never_exists(parent: ModuleInstance, expansion: Expansion) -> bool:
    return all(
        isinstance(exists, Known) and not exists.value
        for exists in (both_exist(parent.exists, instance.exists) for instance in expansion.instances)
    )


def _type_of(placed: Declaration[ast.Block]) -> ast.Expr | None:
    return next((a.value for a in placed.node.body.attributes if a.name == "type"), None)


def _signs(file: ast.SourceFile) -> Iterator[tuple[str, int]]:
    for match in SIGN.finditer(file.text):
        line = file.text.count("\n", 0, match.start()) + 1
        if not _is_of_containers(file.text, match) and not any(
            _covers(comment, line, match.group()) for comment in file.comments
        ):
            yield match.group(), line


def _is_of_containers(text: str, match: re.Match[str]) -> bool:
    """Say whether it is an action of ECS Exec, whose roles open channels too and never register as a node."""
    return (
        match.group() == "ssmmessages"
        and text.startswith(":", match.end())
        and "ssm:UpdateInstanceInformation" not in text
    )


def _covers(comment: ast.Comment, line: int, word: str) -> bool:
    return comment.line <= line <= comment.line + comment.text.count("\n") and word in comment.text
