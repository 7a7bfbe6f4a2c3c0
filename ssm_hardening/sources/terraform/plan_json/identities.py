"""What names an object of the plan by a number that AWS gave: in code there would be a reference.

Names that people give are left as they are; the facts compare those.
"""

import re
from collections.abc import Iterable

from ssm_hardening.sources.terraform.plan_json.shape import Instance
from ssm_hardening.values import Reference, Template, Text

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


class Identities:
    """Ids and ARNs of the managed objects that AWS numbers."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        self._references: dict[str, Reference] = {}
        self._belongings: dict[str, Reference] = {}
        for each in instances:
            identifier = each.values.get("id")
            if each.mode == "managed" and isinstance(identifier, str) and _NUMBER.fullmatch(identifier):
                self._add(each)

    def _add(self, instance: Instance) -> None:
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
