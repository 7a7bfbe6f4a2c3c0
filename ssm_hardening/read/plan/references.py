"""What expressions of a configuration refer to: a plan tells that, but not how they use it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssm_hardening.read.graph import ALSO_IN_ID, keyless, naming_argument
from ssm_hardening.read.plan.fitting import NAMING
from ssm_hardening.read.plan.loading import Plan, PlannedObject, as_object, member

_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]'
_STEP = re.compile(rf"\.?([^.\[\]]+)|({_KEY})")
_MODULE = re.compile(rf"module\.([^.\[\]]+)({_KEY})?")
_NO_OBJECT = frozenset({"local", "each", "count", "path", "terraform", "self", "ephemeral", "var", "module"})
_SELECTORS = (["each", "key"], ["count", "index"])
"""What picks an instance (`aws_subnet.a[each.key].id`); so may `each.value`, beside another reference."""
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Referent:
    """An attribute of an object of the plan, or the whole object; the address ends in `[*]` for an unknown instance."""

    address: str
    type: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class BlockScope:
    """Where an expression stands: its module, and the key and the `for_each` of the block around it."""

    module: str
    key: str = ""
    repeated: object = None


Found: TypeAlias = tuple[Referent, ...] | None
"""The objects that a reference means; None where it means anything else."""


class References:
    """Resolves references through modules' variables and outputs, to instances."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._root = member(plan.configuration, "root_module")
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
            self._blocks[path] = {str(each.get("address")): each for each in configured(self.body(module))}
        return self._blocks[path].get(keyless(address.removeprefix(f"{module}.")))

    def blocks(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the configured resources of all modules, with their addresses without keys."""
        for path, body in self.modules():
            for each in configured(body):
                yield _joined(path, str(each.get("address"))), each

    def modules(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the configuration of all modules, with their paths without keys."""
        waiting = [("", self._root)]
        while waiting:
            path, body = waiting.pop()
            yield path, body
            calls = member(body, "module_calls")
            waiting += [(_joined(path, f"module.{name}"), member(_call(body, name), "module")) for name in calls]

    def body(self, path: str) -> Mapping[str, Any]:
        """Return the configuration of a module."""
        body = self._root
        for name, _ in _MODULE.findall(path):
            body = member(_call(body, name), "module")
        return body

    def argument(self, variable: str, module: str) -> tuple[BlockScope, object]:
        """Return what a module's variable is given, and where that stands; nothing for those of the root module."""
        calls = _MODULE.findall(module)
        if not calls:
            return BlockScope(""), None
        parent, (name, key) = _path(calls[:-1]), calls[-1]
        call = _call(self.body(parent), name)
        return BlockScope(parent, key, call.get("for_each_expression")), member(call, "expressions").get(variable)

    def outputs(self, name: str, module: str) -> Mapping[str, object]:
        """Return the expressions of the outputs of a module that another one calls."""
        found = member(member(_call(self.body(module), name), "module"), "outputs")
        return {output: as_object(each).get("expression") for output, each in found.items()}

    def of(
        self, expression: object, module: str, *, instance: PlannedObject | None = None, types: tuple[str, ...] = ()
    ) -> Found:
        """Return the objects that an expression refers to; None where it refers to anything else, or to nothing.

        `instance` is the object of which it is an argument. Of what is picked out of a collection, only objects of
        these types count.
        """
        scope = BlockScope(module) if instance is None else self._scope(instance)
        return self._of(expression, scope, types, 0)

    def among(self, expression: object, instance: PlannedObject) -> tuple[Referent, ...]:
        """Return the objects that an argument refers to, whatever else it refers to."""
        found = as_object(expression).get("references")
        paths = longest([str(each) for each in found]) if isinstance(found, list) else ()
        scope = self._scope(instance)
        targets = (self._of({"references": [each]}, scope, (), 0) or () for each in paths)
        return tuple(dict.fromkeys(target for each in targets for target in each))

    def handed_out(self, expression: object, instance: PlannedObject, types: tuple[str, ...]) -> tuple[Referent, ...]:
        """Return the objects of these types in what `for_each` goes through, where a member of it is meant."""
        found = as_object(expression).get("references")
        names = list(longest([str(each) for each in found])) if isinstance(found, list) else []
        if not names or any(steps(each)[:2] != ["each", "value"] for each in names):
            return ()
        scope = self._scope(instance)
        targets = self._of(scope.repeated, BlockScope(scope.module), types, 0) or ()
        return tuple(each for each in targets if each.type in types)

    def only_open(self, expression: object, instance: PlannedObject) -> Referent | None:
        """Return the object that makes an expression unknown: the only one, beside variables whose values are known."""
        found = self.among(expression, instance)
        names = tuple(longest([str(each) for each in as_object(expression).get("references") or ()]))
        others = [each for each in names if each.startswith("var.") and self._is_given(each, instance.module, 0)]
        named = [each for each in names if each not in others]
        return found[0] if len(found) == len(named) == 1 else None

    def _is_given(self, reference: str, module: str, depth: int) -> bool:
        """Say whether a variable has a value that the plan was made with, and no other object gives it."""
        if not reference.startswith("var.") or depth > _DEEPEST:
            return False
        around, argument = self.argument(steps(reference)[1], module)
        given = as_object(argument).get("references")
        return not isinstance(given, list) or all(self._is_given(each, around.module, depth + 1) for each in given)

    def _scope(self, instance: PlannedObject) -> BlockScope:
        block = self.block(instance.module, instance.address)
        return BlockScope(instance.module, _key_of(instance.address), as_object(block).get("for_each_expression"))

    def _of(self, expression: object, scope: BlockScope, types: tuple[str, ...], depth: int) -> Found:
        found = as_object(expression).get("references")
        if not isinstance(found, list) or depth > _DEEPEST:
            return None
        paths = [steps(each) for each in longest([str(reference) for reference in found])]
        named = [path for path in paths if path not in _SELECTORS]
        if len(named) > 1 and ["each", "value"] in named:
            named.remove(["each", "value"])
        targets: dict[Referent, None] = {}
        for path in named:
            one = self._resolved(path, scope, types, depth)
            if one is None or (len(named) < len(paths) and any(each.attribute for each in one)):
                # An attribute beside a key is part of a text: `"${aws_s3_bucket.a.id}-${each.key}"`.
                return None
            targets.update(dict.fromkeys(_picked(one, scope.key) if len(named) < len(paths) else one))
        return tuple(targets) or None

    def _resolved(self, path: Sequence[str], scope: BlockScope, types: tuple[str, ...], depth: int) -> Found:
        match path:
            case ["var", name, *rest]:
                around, argument = self.argument(name, scope.module)
                return _member_of(self._of(argument, around, types if rest else (), depth + 1), rest, types)
            case ["module", name, key, output, *rest] if key.startswith("["):
                found = self._output(scope.module, f"{name}{key}", output, types if rest else (), depth)
                return _member_of(found, rest, types)
            case ["module", name, output, *rest]:
                found = self._output(scope.module, name, output, types if rest else (), depth)
                return _member_of(found, rest, types)
            case ["each", "value", *rest]:
                found = self._of(scope.repeated, BlockScope(scope.module), types, depth + 1)
                return _member_of(None if found is None else _picked(found, scope.key), rest, types)
            case ["data", type_, name, *rest]:
                return self._object(f"data.{type_}.{name}", type_, rest, scope.module, depth)
            case [head, name, *rest] if head not in _NO_OBJECT:
                return self._object(f"{head}.{name}", head, rest, scope.module, depth)
            case _:
                return None

    def _output(self, module: str, called: str, output: str, types: tuple[str, ...], depth: int) -> Found:
        name = _stem(called)
        call = _call(self.body(module), name)
        if name == called and ("count_expression" in call or "for_each_expression" in call):
            return None
        inner = BlockScope(_joined(module, f"module.{called}"))
        return self._of(self.outputs(name, module).get(output), inner, types, depth + 1)

    def _object(self, address: str, type_: str, rest: Sequence[str], module: str, depth: int) -> Found:
        key, attributes = (rest[0], rest[1:]) if rest and rest[0].startswith("[") else ("", rest)
        full = _joined(module, f"{address}{key}")
        found = self._instances.get(full, []) if not key else [full] if full in self._plan.instances else []
        if len(attributes) > 1 or not found:
            return None
        argument = naming_argument(type_, attributes[0]) if attributes else None
        if argument is not None:
            return self._named_by(argument, attributes[0], found, depth)
        return tuple(Referent(each, type_, *attributes) for each in found)

    def _named_by(self, argument: str, attribute: str, addresses: Sequence[str], depth: int) -> Found:
        """Return the objects that an argument of others names, whose identifiers this attribute of theirs has."""
        targets: dict[Referent, None] = {}
        for address in addresses:
            instance = self._plan.instances[address]
            expressions = member(self.block(instance.module, address), "expressions")
            one = self._of(expressions.get(argument), self._scope(instance), (), depth + 1)
            if one is None or (attribute == "id" and any(each in expressions for each in ALSO_IN_ID)):
                return None
            targets.update(dict.fromkeys(one))
        return tuple(targets)

    def is_a_models_name(self, address: str) -> bool:
        """Say whether another object of the same type gets its name from this one (`name = "${a.name}-logs"`)."""
        if self._model_names is None:
            self._model_names = frozenset(self._models())
        return address in self._model_names

    def _models(self) -> Iterator[str]:
        for each in self._plan.instances.values():
            expressions = member(self.block(each.module, each.address), "expressions")
            for name in NAMING:
                for target in self.of(expressions.get(name), each.module, instance=each) or ():
                    if target.type == each.type and (name != "bucket" or each.type == "aws_s3_bucket"):
                        yield target.address


def _picked(found: tuple[Referent, ...], key: str) -> tuple[Referent, ...]:
    """Return the instance that has the key of the block that picks it, where all are instances of one resource."""
    if len({_stem(each.address) for each in found}) > 1 or any(each.attribute for each in found):
        return found
    return tuple(each for each in found if _key_of(each.address) == key) or found


def _member_of(found: Found, rest: Sequence[str], types: tuple[str, ...]) -> Found:
    """Return what a path leads to: an attribute of whole objects, or the only fitting member of a collection."""
    if found is None or not rest:
        return found
    keys = [each for each in rest if each.startswith("[")]
    names = [each for each in rest if not each.startswith("[")]
    whole = [each for each in found if not each.attribute and (not keys or _key_of(each.address) == keys[0])]
    if whole and len(names) <= 1:
        return tuple(Referent(each.address, each.type, *names) for each in whole)
    fitting = tuple(each for each in found if each.type in types)
    return fitting if len(fitting) == 1 else None


def one_of(targets: tuple[Referent, ...]) -> Referent | None:
    """Return the only target; an unknown instance where all are instances of one resource."""
    stems = {_stem(each.address) for each in targets}
    if len(targets) == 1 or len(stems) != 1:
        return targets[0] if len(targets) == 1 else None
    return Referent(f"{stems.pop()}[*]", targets[0].type, targets[0].attribute)


def configured(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the resources of a module's configuration."""
    found = body.get("resources")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _call(module: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return member(member(module, "module_calls"), name)


def _joined(module: str, name: str) -> str:
    return f"{module}.{name}" if module else name


def _path(calls: Sequence[tuple[str, str]]) -> str:
    return ".".join(f"module.{name}{key}" for name, key in calls)


def _stem(address: str) -> str:
    """Return an address without the last key."""
    return re.sub(rf"{_KEY}$", "", address)


def _key_of(address: str) -> str:
    return address[len(_stem(address)) :]


def longest(references: Sequence[str]) -> Iterator[str]:
    """Yield the references that no other one goes on from: a plan lists `a.b.id` together with `a.b`."""
    for each in dict.fromkeys(references):
        if not any(other.startswith((f"{each}.", f"{each}[")) for other in references):
            yield each


def steps(reference: str) -> list[str]:
    """Return the parts of a reference: names, and keys in brackets."""
    return [name or key for name, key in _STEP.findall(reference)]
