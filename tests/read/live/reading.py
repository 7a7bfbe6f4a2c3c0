"""What values and facts say, as plain data, for expectations that a person can read."""

import dataclasses
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown


def plain(value: object) -> Any:
    """Return a known value as plain data, None for what is absent, the reason for what is unknown; facts as dicts."""
    match value:
        case Known(inner):
            return plain(inner)
        case Items(items) | Inventory(items):
            return [plain(each) for each in items]
        case Record(members):
            return {key: plain(each) for key, each in members.items()}
        case Absent():
            return None
        case Unknown(why):
            return why
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
        case _:
            return value


def only(inventory: Inventory[Any] | tuple[Any, ...]) -> Any:
    (one,) = inventory
    return one
