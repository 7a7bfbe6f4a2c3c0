"""What the values of a plan mean: which of them name other objects of the plan."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.data_sources import policy_document
from ssm_hardening.sources.terraform.plan_json.fitting import APART, FITTING, LISTS
from ssm_hardening.sources.terraform.plan_json.identities import Identities
from ssm_hardening.sources.terraform.plan_json.references import References, Target
from ssm_hardening.sources.terraform.plan_json.shape import Instance, Plan
from ssm_hardening.sources.terraform.resources import Config
from ssm_hardening.values import Absent, Items, Known, Reference, Text, Unknown, Value, Why

_IDENTITIES = frozenset({
    "id", "arn", "name", "bucket", "key_id", "latest_version", "default_version",
    "target_key_arn", "target_key_id", "key_name", "default_route_table_id", "main_route_table_id",
    "primary_network_interface_id",
})  # fmt: skip
_TEXTS = frozenset({"json", "minified_json"})
_NAMES = ("id", "name", "bucket", "arn")
_DEEPEST = 20


class Meaning:
    """Joins the values of one plan."""

    def __init__(self, plan: Plan, references: References, config_of: Callable[[Instance], Config]) -> None:
        self._plan = plan
        self._references = references
        self._config_of = config_of
        self._apart: dict[str, frozenset[str]] = {}
        self._names: dict[str, set[str]] | None = None
        self._depth = 0
        self.place: Callable[[str, str], Text] = Identities(plan.instances.values()).place

    def settled(self, value: Value[Any], name: str, *, expression: object, plain: object, module: str) -> Value[Any]:
        """Return an argument's value, with references in the place of the objects that it certainly names.

        `plain` is the value as the plan tells it, `expression` what the configuration refers to.
        """
        targets = self._references.of(expression, module) if name in FITTING else None
        if targets is None or not all(self._fits(each, name) for each in targets):
            return value
        match value:
            case Unknown(why=Why.COMPUTED):
                return self._named(value, name, targets)
            case Known(Items((Unknown() as gap, *others)), _) if len(others) + 1 == len(targets) and _none_known(
                others
            ):
                return self._named(gap, name, targets)
            case Known(_, at) if len(targets) == 1 and isinstance(plain, str) and self._told(targets[0]) == plain:
                return Known(Reference(targets[0].address, targets[0].attribute), at)
            case _:
                return value

    def _fits(self, target: Target, name: str) -> bool:
        if target.type not in FITTING[name] or self._references.is_a_models_name(target.address):
            return False
        return target.attribute in (_TEXTS if target.type == "aws_iam_policy_document" else _IDENTITIES)

    def _named(self, gap: Unknown, name: str, targets: tuple[Target, ...]) -> Value[Any]:
        values = tuple(self._one(each, gap) for each in targets)
        if name in LISTS:
            return Known(Items(values), gap.at)
        return values[0] if len(values) == 1 else gap

    def _one(self, target: Target, gap: Unknown) -> Value[Any]:
        if target.type != "aws_iam_policy_document":
            return Known(Reference(target.address, target.attribute), gap.at)
        instance = self._plan.instances.get(target.address)
        if instance is None or self._depth > _DEEPEST:
            return gap
        self._depth += 1
        try:
            return policy_document(self._config_of(instance), origin(self._plan, instance))
        finally:
            self._depth -= 1

    def _told(self, target: Target) -> object:
        instance = self._plan.instances.get(target.address)
        told = None if instance is None else instance.values.get(target.attribute)
        return str(told) if isinstance(told, int) else told

    def told_elsewhere(self, instance: Instance, name: str, at: CodeOrigin) -> Absent | None:
        """Return Absent for an argument that repeats what resources of their own say of this object."""
        sources = APART.get((instance.type, name), ())
        if not sources or name in self._expressions(instance):
            return None
        return Absent(at) if any(instance.address in self._described(*source) for source in sources) else None

    def _expressions(self, instance: Instance) -> Mapping[str, Any]:
        block = self._references.block(instance.module, instance.address)
        found = None if block is None else block.get("expressions")
        return found if isinstance(found, dict) else {}

    def _described(self, type_: str, argument: str) -> frozenset[str]:
        """Return the addresses of the objects that resources of a type are about."""
        key = f"{type_}.{argument}"
        if key not in self._apart:
            about = (each for each in self._plan.instances.values() if each.type == type_ and each.exists)
            self._apart[key] = frozenset(address for each in about for address in self._about(each, argument))
        return self._apart[key]

    def _about(self, instance: Instance, argument: str) -> set[str]:
        match self._config_of(instance).get(argument):
            case Known(Reference(address=address)):
                return {address}
            case Known(str() as text):
                return self._called(text)
            case Known(Items(members)):
                values = (each.value for each in members if isinstance(each, Known))
                texts = [self._called(each) for each in values if isinstance(each, str)]
                named = {each.address for each in values if isinstance(each, Reference)}
                return named.union(*texts)
            case _:
                return set()

    def _called(self, text: str) -> set[str]:
        if self._names is None:
            self._names = {}
            for each in self._plan.instances.values():
                for name in _NAMES if each.mode == "managed" else ():
                    called = each.values.get(name)
                    if isinstance(called, str):
                        self._names.setdefault(called, set()).add(each.address)
        return self._names.get(text, set())


def origin(plan: Plan, instance: Instance) -> CodeOrigin:
    """Return the place of an object: a plan has no lines, so its address stands beside the file."""
    return CodeOrigin(f"{plan.file}: {instance.address}", 0, module_path=instance.module)


def _none_known(members: Sequence[Value[Any]]) -> bool:
    return all(isinstance(each, Unknown) for each in members)
