"""Values as a person would write them."""

from typing import Any

from ssm_hardening.core.redaction import WITHHELD
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Value


def shown_list(inventory: Inventory[Any]) -> str:
    """Return how many entries a list has, and why there may be more."""
    more = "" if inventory.gap is None else f" or more: {inventory.gap.detail}"
    return f"{len(inventory.items)}{more}"


def shown(value: Value[Any]) -> str:
    """Return one value as a person would write it."""
    match value:
        case Known() if value.at_sensitive and not isinstance(value.value, Reference):
            return WITHHELD
        case Known(content, _):
            return _content(content)
        case Absent():
            return "not set"
        case Unknown(why, _, detail):
            return f"? {detail} ({why.replace('_', ' ')})"


def _content(content: object) -> str:
    match content:
        case Reference() | Template():
            return str(content)
        case Items(items, rest):
            return f"[{_joined([*map(shown, items)], rest)}]"
        case Record(members, rest):
            return f"{{{_joined([f'{key} = {shown(member)}' for key, member in members.items()], rest)}}}"
        case bool():
            return "true" if content else "false"
        case str():
            return f'"{content}"'
        case _:
            return str(content)


def _joined(texts: list[str], rest: Unknown | None) -> str:
    return ", ".join(texts if rest is None else [*texts, f"? {rest.detail}"])
