"""Which root module a plan was made of: by the configuration that the plan repeats, block by block."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ssm_hardening.core.errors import counted
from ssm_hardening.core.values import Known
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.instances import ModuleInstance
from ssm_hardening.read.code.modules import Module
from ssm_hardening.read.code.tree import Tree
from ssm_hardening.read.code.unread import traversals
from ssm_hardening.read.converting import same
from ssm_hardening.read.graph import Reading, ToldByPlan, keyless
from ssm_hardening.read.paths import display

_SHOWN = 3
"""How many differences a note names."""

_BY_TERRAFORM = frozenset(
    {"count", "for_each", "provider", "providers", "depends_on", "source", "version", "enabled", "alias"}
)
"""Arguments that a plan does not repeat among the others."""


TreeOf = Callable[[Path, ToldByPlan | None], Tree]
"""Returns a root module as it is read beside a plan, or alone."""


@dataclass(frozen=True, slots=True)
class Match:
    """The plans of root modules, and what the user should know of the others."""

    by_root: Mapping[Path, ToldByPlan]
    notes: tuple[str, ...]


class Matching:
    """Finds the one root module that each plan was made of."""

    def __init__(self, roots: Mapping[Path, Module]) -> None:
        self._roots = roots
        self._notes: list[str] = []

    def of(self, plans: Sequence[ToldByPlan], tree: TreeOf) -> Match:
        """Return the plans that are of exactly one root module; none where two plans are of the same one."""
        found = [(plan, root) for plan in plans if (root := self._root_of(plan, tree)) is not None]
        roots = [root for _, root in found]
        for plan, root in found:
            if roots.count(root) > 1:
                several = f"several plans were created from {display(root)}, and one run combines only one with it"
                self._note(plan, several)
        return Match({root: plan for plan, root in found if roots.count(root) == 1}, tuple(self._notes))

    def _note(self, plan: ToldByPlan, reason: str) -> None:
        self._notes.append(apart(plan, reason))

    def _root_of(self, plan: ToldByPlan, tree: TreeOf) -> Path | None:
        near = [root for root, module in self._roots.items() if _is_alike(plan, module)]
        differences = {root: tuple(dict.fromkeys(_differences(tree(root, plan), plan))) for root in near}
        exact = [root for root in near if not differences[root]]
        if len(exact) > 1:
            exact = [root for root in exact if _has_values(tree(root, None), plan)] or exact
        if len(exact) == 1:
            return exact[0]
        if exact:
            self._note(plan, f"it fits several root modules ({', '.join(display(root) for root in exact)})")
        elif near:
            closest = min(near, key=lambda root: len(differences[root]))
            self._note(plan, stale(closest, differences[closest]))
        else:
            self._note(plan, f"it was created from none of the root modules that were read: {self._missing(plan)}")
        return None

    def _missing(self, plan: ToldByPlan) -> str:
        """Say of the root module that has most in common with a plan what it lacks."""
        wanted = _names(plan)
        if not wanted:
            return "it contains no configuration"
        common = {root: wanted & _declared(module) for root, module in self._roots.items()}
        closest = max(common, key=lambda root: len(common[root]), default=None)
        if closest is None or not common[closest]:
            return f"none of them declares {_listed(sorted(wanted))}"
        return f"{display(closest)} does not declare {_listed(sorted(wanted - common[closest]))}"


def apart(plan: ToldByPlan, reason: str) -> str:
    """Say that a plan is no part of the code, and why."""
    return f"{plan.file} is evaluated on its own, not together with code, because {reason}"


def stale(root: Path, differences: Sequence[str]) -> str:
    """Say that a plan was made of other code, or with other values, than those that are read."""
    told = f"it does not match the code in {display(root)}, which differs in {_listed(differences)}"
    return f"{told}; create the plan again"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown}, and {counted(more, 'other place')}" if more > 0 else shown


def _declared(module: Module) -> set[str]:
    """Return what a module declares: its resources and data sources, and the modules it calls."""
    calls = {f"module.{name}" for name in module.calls}
    return calls | {_address(*key) for key in module.resources}


def _address(mode: str, type_: str, name: str) -> str:
    return f"data.{type_}.{name}" if mode == "data" else f"{type_}.{name}"


def _names(plan: ToldByPlan, path: str = "") -> set[str]:
    """Return what a module of a plan declares; data sources of `check` blocks are none of its own."""
    written = plan.configuration(path) or {}
    calls = written.get("module_calls")
    addresses = {str(each.get("address")) for each in _blocks(written)}
    return addresses | {f"module.{name}" for name in (calls if isinstance(calls, Mapping) else ())}


def _blocks(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    found = module.get("resources")
    yield from (each for each in (found if isinstance(found, list) else ()) if isinstance(each, Mapping))


def _is_alike(plan: ToldByPlan, module: Module) -> bool:
    """Say whether most of what either declares, both declare."""
    ours, theirs = _declared(module), _names(plan)
    return 2 * len(ours & theirs) > len(ours | theirs)


def _has_values(tree: Tree, plan: ToldByPlan) -> bool:
    """Say whether a root module's own values for its variables are those that the plan was made with."""
    for name, placed in tree.root.module.variables.items():
        planned = plan.variable(name)
        own = tree.root.variable(name, tree.root.scope(placed.file).origin(placed.node.span))
        if isinstance(planned, Known) and isinstance(own, Known) and not _agree(own, planned):
            return False
    return True


def _agree(own: Known[Any], planned: Known[Any]) -> bool:
    scalars = all(isinstance(each.value, str | bool | int | float) for each in (own, planned))
    return not scalars or same(own, planned) or str(own.value).lower() == str(planned.value).lower()


def _differences(tree: Tree, plan: ToldByPlan) -> Iterator[str]:
    """Yield where the modules that were read are written otherwise than the plan's."""
    yield from _of_providers(tree.root.module, plan)
    seen: set[str] = set()
    for instance in tree.modules():
        path = keyless(instance.path)
        written = plan.configuration(path)
        if path in seen or instance.module.gaps:
            continue
        seen.add(path)
        if written is not None:
            yield from (
                f"{path}.{each}" if path else each for each in _of_module(instance, written, _names(plan, path))
            )


def _of_module(instance: ModuleInstance, written: Mapping[str, Any], theirs: set[str]) -> Iterator[str]:
    module = instance.module
    ours = _declared(module)
    # The data sources of `check` blocks are in the plan only.
    yield from sorted(each for each in ours ^ theirs if each in ours or not each.startswith("data."))
    yield from _of_variables(module, written.get("variables"))
    blocks = {str(each.get("address")): each.get("expressions") for each in _blocks(written)}
    for key, placed in module.resources.items():
        address = _address(*key)
        expressions = blocks.get(address)
        if isinstance(expressions, Mapping):
            foreign = placed.foreign
            for name in _of_body(placed.node.body, expressions, skipped=frozenset(foreign)):
                yield f"{address}: {name}"


def _of_variables(module: Module, written: object) -> Iterator[str]:
    """Yield the variables that the plan does not know, or knows with another default."""
    if not isinstance(written, Mapping):
        return
    for name, placed in module.variables.items():
        told = written.get(name)
        own = next((each.value for each in placed.node.body.attributes if each.name == "default"), None)
        if not isinstance(told, Mapping):
            yield f"var.{name}"
        elif (
            isinstance(own, ast.Literal) and own.value is not None and not _is_constant(own.value, told.get("default"))
        ):
            yield f"var.{name}: default"


def _of_providers(module: Module, plan: ToldByPlan) -> Iterator[str]:
    for name, placed in module.providers.items():
        expressions = plan.provider_configuration(name).get("expressions")
        if isinstance(expressions, Mapping):
            skipped = frozenset(placed.foreign)
            yield from (f"provider {name}: {each}" for each in _of_body(placed.node.body, expressions, skipped=skipped))


def _of_body(body: ast.Body, expressions: Mapping[str, Any], *, skipped: frozenset[str]) -> Iterator[str]:
    own = {each.name: each.value for each in body.attributes if each.name not in _BY_TERRAFORM}
    for name, value in own.items():
        told = expressions.get(name)
        if isinstance(told, Mapping) and name not in skipped and _is_other(value, told):
            yield name
    blocks = {each.labels[0] if each.type == "dynamic" and each.labels else each.type for each in body.blocks}
    for name, told in expressions.items():
        is_argument = isinstance(told, Mapping) and ("constant_value" in told or "references" in told)
        if is_argument and name not in own and name not in blocks:
            yield name


def _is_other(value: ast.Expr, told: Mapping[str, Any]) -> bool:
    if isinstance(value, ast.Literal):
        constant = told.get("constant_value")
        return "references" in told or (constant is not None and not _is_constant(value.value, constant))
    named = set(_references(value))
    found = told.get("references")
    others = (str(each) for each in found) if isinstance(found, list) else ()
    return named != {".".join(each.split(".")[:2]).partition("[")[0] for each in others if each.startswith(_COMPARED)}


def _is_constant(value: object, constant: object) -> bool:
    if isinstance(value, int | float) and isinstance(constant, int | float):
        return value == constant
    return str(value) == str(constant)


_COMPARED = ("var.", "local.", "module.")


def _references(value: ast.Expr) -> Iterator[str]:
    for head, rest in traversals(value):
        if rest and f"{head}." in _COMPARED:
            yield f"{head}.{rest[0].partition('[')[0]}"


Objections = dict[Path, tuple[str, ...]]
"""Where the plan of a root module says something else than its code."""


def read_beside(
    plans: Sequence[ToldByPlan],
    roots: Mapping[Path, Module],
    tree: TreeOf,
    read: Callable[[Mapping[Path, ToldByPlan], Objections], Reading],
    inputs: Inputs,
) -> Reading:
    """Read root modules and their own plans; where a plan turns out to be of other code, that root without it."""
    match = Matching(roots).of(plans, tree)
    notes = [*match.notes]
    objections: Objections = {}
    reading = read(match.by_root, objections)
    joined = {root: plan for root, plan in match.by_root.items() if root not in objections}
    if objections:
        notes += (apart(match.by_root[root], stale(root, found)) for root, found in objections.items())
        reading = read(joined, {})
    notes += _limits(joined, inputs)
    values = {plan.file: plan.values() for plan in joined.values()}
    return replace(reading, joined=values, notes=(*notes, *reading.notes))


def _limits(joined: Mapping[Path, ToldByPlan], inputs: Inputs) -> Iterator[str]:
    """Say which plans are incomplete, and which `--var` has no effect, because a plan was made with its own values."""
    for root, plan in joined.items():
        if not plan.is_complete:
            yield f"{plan.file}: the plan is incomplete, so it decides only what it contains"
        names = sorted(name for name in inputs.variables if plan.variable(name) is not None)
        if names:
            told = f"the values of {', '.join(names)} from the plan are used, not those from --var"
            yield f"{plan.file}: for {display(root)}, {told}"
