"""A plan as what its own code asks: addresses in, values out, as far as they are known before apply."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Datum, Known, Reference, Template, Text, Unknown, Value
from ssm_hardening.read.graph import Resource, keyless
from ssm_hardening.read.plan.loading import Plan, PlannedObject, as_object, member
from ssm_hardening.read.plan.marks import Marked
from ssm_hardening.read.plan.meaning import origin
from ssm_hardening.read.plan.reader import PlanRoot

_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]'
_LAST_KEY = re.compile(rf"({_KEY})$")
_MODULE = re.compile(rf"(?:^|\.)(module\.[^.\[\]]+)({_KEY})?")
_NAMES_ITSELF = re.compile(r"(?:^|_)(?:id|arn|name|bucket)$")


class OwnPlan(PlanRoot):
    """A plan that was made of code which is read, too.

    Where it tells of one AWS account only, that is the caller's: its number in a text is told as the code would write
    it, by a reference, since the code knows the account by no number.
    """

    def __init__(self, plan: Plan, sensitive: frozenset[str] = frozenset()) -> None:
        super().__init__(plan, sensitive)
        numbers = {number for each in plan.instances.values() if (number := _account_of(each))}
        if len(numbers) == 1:
            self._meaning.place = _with_account(self._meaning.place, numbers.pop())

    def alone(self) -> PlanRoot:
        """Return the plan as it is read without its code."""
        return PlanRoot(self._plan, self.sensitive)

    @property
    def file(self) -> str:
        """The plan, as the user would type it."""
        return self._plan.file

    @property
    def is_complete(self) -> bool:
        """Say whether what the plan does not contain does not exist."""
        return not self._plan.unfinished and not self._plan.is_state

    @property
    def is_state(self) -> bool:
        """Say whether it is a state, which does not tell of which code it is."""
        return self._plan.is_state

    def configuration(self, module: str) -> Mapping[str, Any] | None:
        """Return what the plan says of a module as written, by its path; None where it says nothing."""
        found: object = self._plan.configuration.get("root_module")
        for step, _ in _MODULE.findall(module):
            call = member(member(found, "module_calls"), step.removeprefix("module."))
            found = call.get("module")
        return found if isinstance(found, Mapping) else None

    def provider_configuration(self, name: str) -> Mapping[str, Any]:
        """Return what the plan says of a provider configuration of the root module as written (`aws.usw2`)."""
        return member(member(self._plan.configuration, "provider_config"), name)

    def variable(self, name: str) -> Value[Datum] | None:
        """Return the value of a root module's variable that the plan was made with."""
        given = self._plan.variables.get(name)
        if not isinstance(given, Mapping) or "value" not in given:
            return None
        at = CodeOrigin(f"{self._plan.file}: var.{name}", 0)
        return Marked(given["value"], None, None, f"var.{name}").value(at, lambda text: text)

    def values(self) -> Mapping[str, str]:
        """Return the values of all variables, as `--var` takes them."""
        given = {name: each["value"] for name, each in self._plan.variables.items() if "value" in as_object(each)}
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}

    def _shown(self, address: str) -> PlannedObject | None:
        """Return an object as it will be; of one that an incomplete plan leaves out, that is not known."""
        found = self._plan.instances.get(address)
        if found is None or not found.exists:
            return None
        if found.type == "aws_kms_key" and _delegates(found.values.get("policy")):
            # AWS writes down what it means by no policy.
            found = replace(found, values={name: each for name, each in found.values.items() if name != "policy"})
        return found if self.is_complete or found.mode == "data" or found.unknown is not None else None

    def resource(self, address: str) -> Resource | None:
        """Return a resource instance or a data source that exists once the plan is applied."""
        found = self._shown(address)
        return None if found is None else self._resource(found)

    def is_new(self, address: str) -> bool:
        """Say whether nothing of an object exists today."""
        found = self._plan.instances.get(address)
        return found is not None and found.is_new

    def attribute(self, address: str, name: str) -> Value[Datum] | None:
        """Return an attribute as the plan shows it."""
        found = self._shown(address)
        if found is None or name not in found.values:
            return None
        body = Marked(dict(found.values), found.unknown, found.sensitive, found.address).member(name)
        value = body.value(origin(self._plan, found), lambda text: self._meaning.place(text, found.address))
        return None if isinstance(value, Unknown) else value

    @cached_property
    def _keys(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for each in self._plan.instances.values():
            if each.exists:
                stem, key = _parted(each.address)
                found.setdefault(stem, {})[key] = None
        return {stem: tuple(keys) for stem, keys in found.items()}

    @cached_property
    def _module_keys(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for each in self._plan.instances.values():
            path = ""
            for step, key in _MODULE.findall(each.module) if each.exists else ():
                stem = f"{path}.{step}" if path else step
                found.setdefault(stem, {})[key] = None
                path = f"{stem}{key}"
        return {stem: tuple(keys) for stem, keys in found.items()}

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset(keyless(stem) for stem in (*self._keys, *self._module_keys))

    def wrote(self, address: str, argument: str, constant: object) -> bool:
        """Say whether the plan was made of code that has this constant for an argument (`block.argument`)."""
        found = self._plan.instances.get(address)
        block = None if found is None else self._references.block(found.module, address)
        expression: object = as_object(block).get("expressions")
        for name in argument.split("."):
            expression = expression[0] if isinstance(expression, list) and len(expression) == 1 else expression
            expression = as_object(expression).get(name)
        return "constant_value" in as_object(expression) and as_object(expression)["constant_value"] == constant

    def keys(self, address: str) -> tuple[str, ...] | None:
        """Return the keys of the instances of a resource block, by its address without the last key."""
        return self._found(self._keys, address)

    def module_keys(self, address: str) -> tuple[str, ...] | None:
        """Return the keys of the instances of a called module that hold anything."""
        return self._found(self._module_keys, address) or None

    def _found(self, keys: Mapping[str, tuple[str, ...]], address: str) -> tuple[str, ...] | None:
        if not self.is_complete:
            return None
        if "[*]" in address and keyless(address) in self._plain:
            return None
        return keys.get(address, ())

    def output(self, module: str, name: str, at: CodeOrigin) -> Value[Datum] | None:
        """Return what an output of a module instance names.

        A plan tells what the expression refers to, and not how; the output's own name has to say that it is an
        object's (`bucket_arn`).
        """
        steps = [step + key for step, key in _MODULE.findall(module)]
        if not steps:
            return None
        written = member(member(self.configuration(module), "outputs"), name).get("expression")
        if "constant_value" in as_object(written):
            return Marked(as_object(written)["constant_value"], None, None, name).value(at, lambda text: text)
        targets = self._references.of({"references": [f"{steps[-1]}.{name}"]}, ".".join(steps[:-1]))
        if targets is None or len(targets) != 1 or not _NAMES_ITSELF.search(name):
            return None
        target = targets[0]
        if not _NAMES_ITSELF.search(target.attribute) or self._references.is_a_models_name(target.address):
            return None
        return Known(Reference(target.address, target.attribute), at)

    def below(self, module: str, types: Sequence[str]) -> tuple[Resource, ...]:
        """Return the managed resource instances of these types in a called module, by its path without the last key."""
        return tuple(
            self._resource(each)
            for type_ in dict.fromkeys(types)
            for each in self._by_type.get(type_, ())
            if each.exists
            and any(each.module.startswith(f"{module}{end}") for end in ("[", ".")) | (each.module == module)
        )


def _account_of(instance: PlannedObject) -> str:
    """Return the number of the account that an object is in; an empty text where its ARN does not tell."""
    if instance.type == "aws_caller_identity":
        return str(instance.values.get("account_id") or "")
    match str(instance.values.get("arn")).split(":"):
        case ["arn", _, _, _, number, *_] if instance.mode == "managed" and number.isdecimal():
            return number
        case _:
            return ""


def _delegates(policy: object) -> bool:
    """Say whether a key's policy is the one that AWS gives to keys without one: IAM policies of its account decide."""
    try:
        statements = as_object(json.loads(str(policy))).get("Statement")
    except (ValueError, RecursionError):
        return False
    match statements:
        case [{"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": str() as root}, **more}]:
            return root.endswith(":root") and more.keys() <= {"Sid", "Resource"}
        case _:
            return False


_CALLER = Reference("data.aws_caller_identity.current", "account_id")


def _with_account(place: Callable[[str, str], Text], number: str) -> Callable[[str, str], Text]:
    """Return what puts a reference to the caller's account into ARNs, too, and in the place of its number alone."""
    written = re.compile(rf'(?<=:){number}(?=:)|(?<="){number}(?=")|^{number}$')

    def placed(text: str, own: str) -> Text:
        found = place(text, own)
        if isinstance(found, Reference):
            return found
        parts: list[str | Reference | Unknown] = []
        for part in (found,) if isinstance(found, str) else found.parts:
            pieces = written.split(part) if isinstance(part, str) else []
            parts += [part] if not isinstance(part, str) else [pieces[0]]
            for piece in pieces[1:]:
                parts += [_CALLER, piece]
        several = tuple(part for part in parts if part != "")
        match several:
            case ():
                return ""
            case (str() | Reference() as only,):
                return only
            case _:
                return Template(several)

    return placed


def _parted(address: str) -> tuple[str, str]:
    found = _LAST_KEY.search(address)
    return (address, "") if found is None else (address[: found.start()], found[1])


def open_plans(files: Sequence[Path]) -> tuple[OwnPlan, ...]:
    """Return what `terraform show -json` printed of plans or states, each read once. Raises UsageError."""
    different = {each.resolve() if each.is_file() else each: each for each in reversed(files)}
    return tuple(OwnPlan.opened(each) for each in reversed(different.values()))
