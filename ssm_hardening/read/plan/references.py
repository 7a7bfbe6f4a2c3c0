"""What expressions of a configuration refer to; a plan tells that, but not how they use it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssm_hardening.read.graph import keyless
from ssm_hardening.read.plan.fitting import NAMING
from ssm_hardening.read.plan.shape import Plan

_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]'
_STEP = re.compile(rf"\.?([^.\[\]]+)|({_KEY})")
_MODULE = re.compile(rf"module\.([^.\[\]]+)({_KEY})?")
_NO_OBJECT = frozenset({"local", "each", "count", "path", "terraform", "self", "ephemeral"})
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Referent:
    """An attribute of an object of the plan; the address ends in `[*]` where the instance is not known."""

    address: str
    type: str
    attribute: str


class References:
    """Resolves references through modules' variables and outputs, to instances."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        root = plan.configuration.get("root_module")
        self._root: Mapping[str, Any] = root if isinstance(root, dict) else {}
        self._blocks: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._instances: dict[str, list[str]] = {}
        for each in plan.instances.values():
            if each.exists:
                self._instances.setdefault(_stem(each.address), []).append(each.address)
        self._model_names: frozenset[str] | None = None

    def block(self, module: str, address: str) -> Mapping[str, Any] | None:
        """Return the configuration of a resource, by its module's path and full address; None where there is none."""
        path = keyless(module)
        if path not in self._blocks:
            found = self._module(module).get("resources")
            blocks = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
            self._blocks[path] = {str(each.get("address")): each for each in blocks}
        return self._blocks[path].get(keyless(address.removeprefix(f"{module}.")))

    def blocks(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the configured resources of all modules, with their addresses without keys."""
        waiting = [("", self._root)]
        while waiting:
            path, module = waiting.pop()
            found = module.get("resources")
            for each in found if isinstance(found, list) else ():
                yield f"{path}{_object(each).get('address')}", _object(each)
            calls = _object(module, "module_calls")
            waiting += [(f"{path}module.{name}.", _object(_call(module, name), "module")) for name in calls]

    def _module(self, path: str) -> Mapping[str, Any]:
        module = self._root
        for name, _ in _MODULE.findall(path):
            module = _object(_call(module, name), "module")
        return module

    def of(self, expression: object, module: str, *, depth: int = 0) -> tuple[Referent, ...] | None:
        """Return the objects that an expression refers to; None where it refers to anything else, or to nothing."""
        found = _object(expression).get("references")
        if not isinstance(found, list) or depth > _DEEPEST:
            return None
        targets: dict[Referent, None] = {}
        for each in _longest([str(reference) for reference in found]):
            one = self._resolved(_steps(each), module, depth)
            if one is None:
                return None
            targets.update(dict.fromkeys(one))
        return tuple(targets) or None

    def _resolved(self, steps: Sequence[str], module: str, depth: int) -> tuple[Referent, ...] | None:
        match steps:
            case ["var", name]:
                return self._given(name, module, depth)
            case ["module", name, output]:
                return self._output(module, name, "", output, depth)
            case ["module", name, key, output] if key.startswith("["):
                return self._output(module, name, key, output, depth)
            case ["data", type_, name, *rest]:
                return self._object(f"data.{type_}.{name}", type_, rest, module)
            case [head, name, *rest] if head not in _NO_OBJECT and head not in {"var", "module"}:
                return self._object(f"{head}.{name}", head, rest, module)
            case _:
                return None

    def _given(self, variable: str, module: str, depth: int) -> tuple[Referent, ...] | None:
        calls = _MODULE.findall(module)
        if not calls:
            return None
        parent = _path(calls[:-1])
        call = _call(self._module(parent), calls[-1][0])
        return self.of(_object(call, "expressions").get(variable), parent, depth=depth + 1)

    def _output(self, module: str, name: str, key: str, output: str, depth: int) -> tuple[Referent, ...] | None:
        path = ".".join(part for part in (module, f"module.{name}{key}") if part)
        call = _call(self._module(module), name)
        if not key and ("count_expression" in call or "for_each_expression" in call):
            return None
        outputs = _object(_object(call, "module"), "outputs")
        return self.of(_object(outputs, output).get("expression"), path, depth=depth + 1)

    def _object(self, address: str, type_: str, rest: Sequence[str], module: str) -> tuple[Referent, ...] | None:
        key, attributes = (rest[0], rest[1:]) if rest and rest[0].startswith("[") else ("", rest)
        full = f"{module}.{address}{key}" if module else f"{address}{key}"
        found = self._instances.get(full, []) if not key else [full] if full in self._plan.instances else []
        if len(attributes) != 1 or not found:
            return None
        return (Referent(found[0] if len(found) == 1 else f"{full}[*]", type_, attributes[0]),)

    def is_a_models_name(self, address: str) -> bool:
        """Say whether another object of the same type gets its name from this one (`name = "${a.name}-logs"`)."""
        if self._model_names is None:
            self._model_names = frozenset(self._models())
        return address in self._model_names

    def _models(self) -> Iterator[str]:
        for each in self._plan.instances.values():
            expressions = _object(self.block(each.module, each.address), "expressions")
            for name in NAMING:
                for target in self.of(expressions.get(name), each.module) or ():
                    if target.type == each.type and (name != "bucket" or each.type == "aws_s3_bucket"):
                        yield target.address


def _object(data: object, key: str | None = None) -> Mapping[str, Any]:
    found = data if key is None else data.get(key) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _call(module: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _object(_object(module, "module_calls"), name)


def _path(calls: Sequence[tuple[str, str]]) -> str:
    return ".".join(f"module.{name}{key}" for name, key in calls)


def _stem(address: str) -> str:
    """Return an address without the last key."""
    return re.sub(rf"{_KEY}$", "", address)


def _longest(references: Sequence[str]) -> Iterator[str]:
    """Yield the references that no other one goes on from: a plan lists `a.b.id` together with `a.b`."""
    for each in dict.fromkeys(references):
        if not any(other.startswith((f"{each}.", f"{each}[")) for other in references):
            yield each


def _steps(reference: str) -> list[str]:
    return [name or key for name, key in _STEP.findall(reference)]
