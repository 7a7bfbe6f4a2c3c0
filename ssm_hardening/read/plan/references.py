"""What expressions of a configuration refer to (a plan tells that, but not how they use it), and its providers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Unknown, Value, Why
from ssm_hardening.read.graph import ALSO_IN_ID, keyless, naming_argument
from ssm_hardening.read.plan.fitting import NAMING
from ssm_hardening.read.plan.loading import Plan, PlannedObject, as_object, member

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
                yield f"{path}{as_object(each).get('address')}", as_object(each)
            calls = member(module, "module_calls")
            waiting += [(f"{path}module.{name}.", member(_call(module, name), "module")) for name in calls]

    def _module(self, path: str) -> Mapping[str, Any]:
        module = self._root
        for name, _ in _MODULE.findall(path):
            module = member(_call(module, name), "module")
        return module

    def of(self, expression: object, module: str, *, depth: int = 0) -> tuple[Referent, ...] | None:
        """Return the objects that an expression refers to; None where it refers to anything else, or to nothing."""
        found = as_object(expression).get("references")
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
                return self._object(f"data.{type_}.{name}", type_, rest, module, depth)
            case [head, name, *rest] if head not in _NO_OBJECT and head not in {"var", "module"}:
                return self._object(f"{head}.{name}", head, rest, module, depth)
            case _:
                return None

    def _given(self, variable: str, module: str, depth: int) -> tuple[Referent, ...] | None:
        calls = _MODULE.findall(module)
        if not calls:
            return None
        parent = _path(calls[:-1])
        call = _call(self._module(parent), calls[-1][0])
        return self.of(member(call, "expressions").get(variable), parent, depth=depth + 1)

    def _output(self, module: str, name: str, key: str, output: str, depth: int) -> tuple[Referent, ...] | None:
        path = ".".join(part for part in (module, f"module.{name}{key}") if part)
        call = _call(self._module(module), name)
        if not key and ("count_expression" in call or "for_each_expression" in call):
            return None
        outputs = member(member(call, "module"), "outputs")
        return self.of(member(outputs, output).get("expression"), path, depth=depth + 1)

    def _object(
        self, address: str, type_: str, rest: Sequence[str], module: str, depth: int
    ) -> tuple[Referent, ...] | None:
        key, attributes = (rest[0], rest[1:]) if rest and rest[0].startswith("[") else ("", rest)
        full = f"{module}.{address}{key}" if module else f"{address}{key}"
        found = self._instances.get(full, []) if not key else [full] if full in self._plan.instances else []
        if len(attributes) != 1 or not found:
            return None
        argument = naming_argument(type_, attributes[0])
        if argument is not None:
            expressions = member(self.block(module, full), "expressions")
            whole = attributes[0] != "id" or not any(each in expressions for each in ALSO_IN_ID)
            return self.of(expressions.get(argument), module, depth=depth + 1) if whole else None
        return (Referent(found[0] if len(found) == 1 else f"{full}[*]", type_, attributes[0]),)

    def is_a_models_name(self, address: str) -> bool:
        """Say whether another object of the same type gets its name from this one (`name = "${a.name}-logs"`)."""
        if self._model_names is None:
            self._model_names = frozenset(self._models())
        return address in self._model_names

    def _models(self) -> Iterator[str]:
        for each in self._plan.instances.values():
            expressions = member(self.block(each.module, each.address), "expressions")
            for name in NAMING:
                for target in self.of(expressions.get(name), each.module) or ():
                    if target.type == each.type and (name != "bucket" or each.type == "aws_s3_bucket"):
                        yield target.address


def _call(module: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return member(member(module, "module_calls"), name)


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


# Provider configurations: which one a resource belongs to, its Region and its account

_DEFAULT = "aws"
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")
_OF_PLACE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "region": ("aws_region", ("region", "name", "id")),
    "allowed_account_ids": ("aws_caller_identity", ("account_id",)),
}
"""The data sources that tell where a provider works, and the attributes that hold it."""


@dataclass(frozen=True, slots=True)
class ProviderConfigurations:
    """The provider configurations of one plan."""

    plan: Plan
    references: References

    def of(self, instance: PlannedObject) -> str:
        """Return the configuration a resource belongs to: `aws`, `aws.usw2`, `module.x.aws`."""
        key = as_object(self.references.block(instance.module, instance.address)).get("provider_config_key")
        return key.replace(":", ".") if isinstance(key, str) else _DEFAULT

    def argument(self, provider: str, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an argument: as written, by a variable's value, or by what data sources of that provider say."""
        expression = self._expression(provider, *name.split("."))
        match self._written(expression, name, at):
            case Known() as known:
                return known
            case written:
                told = self._told(provider, name, at)
                return written if told is None else told

    def _expression(self, provider: str, *path: str) -> object:
        """Return the expression of an argument; of several blocks of one type, that in the last one."""
        found: Any = self._expressions(provider)
        for name in path:
            found = found[-1] if isinstance(found, list) and found else found
            found = as_object(found).get(name)
        return found

    def _expressions(self, provider: str) -> Mapping[str, Any]:
        configurations = member(self.plan.configuration, "provider_config")
        found = {key.replace(":", "."): each for key, each in configurations.items()}.get(provider)
        return member(found, "expressions")

    def _written(self, expression: object, name: str, at: CodeOrigin) -> Value[Datum]:
        match expression:
            case None:
                return Absent(at)
            case {"constant_value": str() as text}:
                return Known(text, at)
            case {"constant_value": [*texts]}:
                return Known(Items(tuple(Known(str(each), at) for each in texts)), at)
            case {"references": [str() as reference]} if name == "region" and (region := self._region(reference)):
                return Known(region, at)
            case _:
                return Unknown(
                    Why.COMPUTED, at, f"{name} of a provider: a plan contains it only if it is a literal value"
                )

    def _region(self, reference: str) -> str | None:
        """Return the Region that is the value of a variable, or None."""
        text = member(self.plan.variables, reference.removeprefix("var.")).get("value")
        return text if isinstance(text, str) and _REGION.fullmatch(text) else None

    def _told(self, provider: str, name: str, at: CodeOrigin) -> Value[Datum] | None:
        if name not in _OF_PLACE:
            return None
        type_, attributes = _OF_PLACE[name]
        texts = set(self._texts(provider, type_, attributes))
        if len(texts) != 1:
            return None
        text = Known(texts.pop(), at)
        return text if name == "region" else Known(Items((text,)), at)

    def _texts(self, provider: str, type_: str, attributes: tuple[str, ...]) -> Iterator[str]:
        for each in self.plan.instances.values():
            if each.mode == "data" and each.type == type_ and self._is_about(provider, each):
                told = (each.values.get(name) for name in attributes)
                yield from (text for text in told if isinstance(text, str) and text)

    def _is_about(self, provider: str, instance: PlannedObject) -> bool:
        """Say whether a data source is about the provider's own place, not about a Region that it names itself."""
        block = self.references.block(instance.module, instance.address)
        names_its_own = bool(member(block, "expressions"))
        return not names_its_own and (self.plan.is_state or self.of(instance) == provider)


def region_in_arn(instance: PlannedObject) -> str:
    """Return the Region in an object's ARN; an empty text where there is none."""
    match str(instance.values.get("arn")).split(":"):
        case ["arn", _, _, region, *_]:
            return region
        case _:
            return ""
