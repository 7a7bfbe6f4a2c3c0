"""The provider configurations of a plan: which one a resource belongs to, its Region and its account."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Unknown, Value, Why
from ssm_hardening.read.plan.loading import Plan, PlannedObject, as_object, member
from ssm_hardening.read.plan.references import References

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
