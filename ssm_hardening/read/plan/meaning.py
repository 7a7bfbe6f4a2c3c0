"""What the values of a plan mean: which of them name other objects of the plan."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import (
    Datum,
    Encoded,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.read.graph import Config
from ssm_hardening.read.plan.companions import Companions
from ssm_hardening.read.plan.dynamics import Dynamics
from ssm_hardening.read.plan.fitting import APART, FITTING, IN_CONTENT, LISTS
from ssm_hardening.read.plan.loading import Plan, PlannedObject, member
from ssm_hardening.read.plan.marks import Marked
from ssm_hardening.read.plan.references import References, Referent, one_of
from ssm_hardening.read.policy_documents import policy_document

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NUMBER = re.compile(rf"(?:mrk-[0-9a-f]{{32}}|{_UUID}|[a-z]{{1,12}}-[0-9a-f]{{8,17}})")
_NAMING = re.compile(rf"arn:[^\s\"',]+|{_NUMBER.pattern}")
_ATTRIBUTES = ("id", "key_id", "arn")
_BELONGINGS = (
    "default_route_table_id",
    "main_route_table_id",
    "default_security_group_id",
    "primary_network_interface_id",
)


class NumberedObjects:
    """Ids and ARNs of the managed objects that AWS numbers."""

    def __init__(self, instances: Iterable[PlannedObject]) -> None:
        self._references: dict[str, Reference] = {}
        self._belongings: dict[str, Reference] = {}
        for each in instances:
            identifier = each.values.get("id")
            if each.mode == "managed" and isinstance(identifier, str) and _NUMBER.fullmatch(identifier):
                self._add(each)

    def _add(self, instance: PlannedObject) -> None:
        for names, references in ((_ATTRIBUTES, self._references), (_BELONGINGS, self._belongings)):
            for attribute in names:
                text = instance.values.get(attribute)
                if isinstance(text, str) and text and (names is _ATTRIBUTES or text != instance.values.get("id")):
                    references.setdefault(text, Reference(instance.address, attribute))

    def place(self, text: str, own: str = "") -> Text:
        """Return a text with references in the place of what names objects of the plan, `own` not among them.

        What belongs to another object (a VPC's first route table) is named by that one's attribute.
        """
        whole = self._references.get(text)
        if whole is None or whole.address == own:
            whole = self._belongings.get(text)
        if whole is not None and whole.address != own:
            return whole
        if not self._references or (own and text in self._references):
            return text
        parts = [part for part in self._parts(text) if not isinstance(part, str) or part]
        return text if all(isinstance(part, str) for part in parts) else Template(tuple(parts))

    def _parts(self, text: str) -> list[str | Reference]:
        parts: list[str | Reference] = []
        end = 0
        for match in _NAMING.finditer(text):
            found = self._references.get(match[0])
            inner = [found] if found is not None else self._numbers(match[0])
            parts += [text[end : match.start()], *inner]
            end = match.end()
        return _joined([*parts, text[end:]])

    def _numbers(self, arn: str) -> list[str | Reference]:
        parts: list[str | Reference] = []
        end = 0
        for match in _NUMBER.finditer(arn):
            parts += [arn[end : match.start()], self._references.get(match[0], match[0])]
            end = match.end()
        return [*parts, arn[end:]]


def _joined(parts: list[str | Reference]) -> list[str | Reference]:
    """Join neighbouring texts."""
    joined: list[str | Reference] = []
    for part in parts:
        match joined, part:
            case [*_, str() as before], str():
                joined[-1] = before + part
            case _:
                joined.append(part)
    return joined


_IDENTITIES = frozenset({
    "id", "arn", "name", "bucket", "key_id", "latest_version", "default_version",
    "target_key_arn", "target_key_id", "key_name", "default_route_table_id", "main_route_table_id",
    "primary_network_interface_id",
})  # fmt: skip
_TEXTS = frozenset({"json", "minified_json"})
_DEEPEST = 20
_MOST = 8
"""Of so many objects, the one that is meant is told as one of them: rules look at each (ADR 6)."""


class Meaning:
    """Joins the values of one plan."""

    def __init__(self, plan: Plan, references: References, config_of: Callable[[PlannedObject], Config]) -> None:
        self._plan = plan
        self._references = references
        self._config_of = config_of
        self._companions = Companions(plan, config_of)
        self._depth = 0
        self.dynamics = Dynamics(plan, references)
        self.place: Callable[[str, str], Text] = NumberedObjects(plan.instances.values()).place

    def settled(
        self, value: Value[Datum], name: str, *, expression: object, plain: object, instance: PlannedObject
    ) -> Value[Datum]:
        """Return an argument's value, with references in the place of the objects that it certainly names.

        `plain` is the value as the plan tells it, `expression` what the configuration refers to.
        """
        types = FITTING.get(name, ())
        targets = self._references.of(expression, instance.module, instance=instance, types=types) if types else None
        if targets is None:
            several = self._references.handed_out(expression, instance, types) if types else ()
            return self._in_part(self._one_of(value, name, several), name, expression, instance)
        if not all(self._fits(each, name) for each in targets):
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

    def _in_part(self, value: Value[Datum], name: str, expression: object, instance: PlannedObject) -> Value[Datum]:
        """Return a list with the object that makes it unknown, open for what variables add to it."""
        if name not in LISTS or not isinstance(value, Unknown) or value.why is not Why.COMPUTED:
            return value
        target = self._references.only_open(expression, instance)
        if target is None or not self._fits(target, name):
            return value
        return Known(Items((self._one(target, value),), value), value.at)

    def content(self, gap: Unknown, expression: object, instance: PlannedObject) -> Value[Datum]:
        """Return what a session document that is known after apply names: the objects that its expression refers to."""
        found = self._references.among(expression, instance)
        inputs: dict[str, Value[Datum]] = {}
        for name, (types, attributes) in IN_CONTENT.items():
            target = one_of(tuple(each for each in found if each.type in types))
            if target is not None and target.attribute in attributes:
                inputs[name] = Known(Reference(target.address, target.attribute), gap.at)
        if not inputs:
            return gap
        return Known(
            Encoded("json", Known(Record({"inputs": Known(Record(inputs, gap), gap.at)}, gap), gap.at)), gap.at
        )

    def _fits(self, target: Referent, name: str) -> bool:
        if target.type not in FITTING[name] or self._references.is_a_models_name(target.address):
            return False
        identities = _TEXTS if target.type == "aws_iam_policy_document" else _IDENTITIES
        return not target.attribute or target.attribute in identities

    def _named(self, gap: Unknown, name: str, targets: tuple[Referent, ...]) -> Value[Datum]:
        if name in LISTS:
            return Known(Items(tuple(self._one(each, gap) for each in targets)), gap.at)
        target = one_of(targets)
        return self._one_of(gap, name, targets) if target is None else self._one(target, gap)

    def _one_of(self, value: Value[Datum], name: str, targets: tuple[Referent, ...]) -> Value[Datum]:
        """Return what is not known as one of the objects that it can name: it names no other one."""
        if not isinstance(value, Unknown) or value.why is not Why.COMPUTED or name in LISTS:
            return value
        is_any = 1 < len(targets) <= _MOST and all(self._fits(each, name) for each in targets)
        if not is_any or any(each.type == "aws_iam_policy_document" for each in targets):
            return value
        return replace(value, one_of=tuple(self._one(each, value) for each in targets))

    def _one(self, target: Referent, gap: Unknown) -> Value[Datum]:
        if target.type != "aws_iam_policy_document":
            return Known(Reference(target.address, target.attribute or "id"), gap.at)
        instance = self._plan.instances.get(target.address)
        if instance is None or self._depth > _DEEPEST:
            return gap
        self._depth += 1
        try:
            return policy_document(self._config_of(instance), origin(self._plan, instance))
        finally:
            self._depth -= 1

    def _told(self, target: Referent) -> object:
        instance = self._plan.instances.get(target.address)
        told = None if instance is None else instance.values.get(target.attribute)
        return str(told) if isinstance(told, int) else told

    def beside(self, instance: PlannedObject, name: str, found: Marked) -> Marked | None:
        """Return what an argument says that no resource of its own says of this object; None where it is written."""
        if (instance.type, name) not in APART or name in self._expressions(instance):
            return None
        return self._companions.left(instance, name, found)

    def _expressions(self, instance: PlannedObject) -> Mapping[str, Any]:
        return member(self._references.block(instance.module, instance.address), "expressions")


def origin(plan: Plan, instance: PlannedObject) -> CodeOrigin:
    """Return the place of an object: a plan has no lines, so its address stands beside the file."""
    return CodeOrigin(f"{plan.file}: {instance.address}", 0, module_path=instance.module)


def _none_known(members: Sequence[Value[Datum]]) -> bool:
    return all(isinstance(each, Unknown) for each in members)
