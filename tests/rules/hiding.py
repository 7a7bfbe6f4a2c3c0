"""Every way to know a little less of an account: one leaf hidden, or one object missing and a gap in its place.

`read` says whether a field of an object matters; what lies in others stays as it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeAlias

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Why
from ssm_hardening.model import Account

_AT = CodeOrigin("hidden", 1)
_POLICY = re.compile(r"(\.statements\[[^\]]*\]|\.groups\[[^\]]*\]) \(missing\)$|\.users\[[^\]]*\]\.groups\b[^.]*$")
"""A statement of whoever asks or of what is asked for, or a group, whose policies are those of its members."""

HIDDEN = Unknown(Why.DENIED, _AT, "hidden by the test")

Read: TypeAlias = Callable[[object, str], bool]


def _everything(_thing: object, _field: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Poorer:
    """An account of which one thing is no longer known; `what` says which."""

    what: str
    account: Account

    @property
    def hides_policy(self) -> bool:
        """Whether a statement of a policy is hidden as a whole: if it denied something, nothing does any more."""
        return _POLICY.search(self.what) is not None


def poorer(account: Account, read: Read = _everything) -> Iterator[Poorer]:
    """Yield every account that knows one thing less."""
    for what, changed in _in_object(account, read):
        yield Poorer(what, changed)


def _variants(thing: Any, read: Read) -> Iterator[tuple[str, Any]]:
    match thing:
        case Unknown():
            return
        case Absent():
            yield "", HIDDEN
        case Known(value):
            yield "", HIDDEN
            if read(thing, "value"):
                for what, changed in _in_members(value, read):
                    yield what, replace(thing, value=changed)
        case Inventory():
            yield from _in_inventory(thing, read)
        case _:
            return


def _in_object(thing: Any, read: Read) -> Iterator[tuple[str, Any]]:
    """Yield the object with one field hidden, or something within that field."""
    for field in fields(thing):
        if not read(thing, field.name):
            continue
        for what, changed in _variants(getattr(thing, field.name), read):
            change: dict[str, Any] = {field.name: changed}
            yield f".{field.name}{what}", replace(thing, **change)


def _in_members(value: Any, read: Read) -> Iterator[tuple[str, Any]]:
    match value:
        case Record(members, rest) if read(value, "members") or read(value, "rest"):
            for key, member in members.items():
                for what, changed in _variants(member, read):
                    yield f".{key}{what}", Record({**members, key: changed}, rest)
                yield (
                    f".{key} (missing)",
                    Record({k: v for k, v in members.items() if k != key}, HIDDEN if rest is None else rest),
                )
        case Items(items, rest) if read(value, "items") or read(value, "rest"):
            for index, item in enumerate(items):
                for what, changed in _variants(item, read):
                    yield f"[{index}]{what}", Items((*items[:index], changed, *items[index + 1 :]), rest)
                yield (
                    f"[{index}] (missing)",
                    Items((*items[:index], *items[index + 1 :]), HIDDEN if rest is None else rest),
                )
        case _:
            return


def _in_inventory(inventory: Inventory[Any], read: Read) -> Iterator[tuple[str, Any]]:
    items = inventory.items
    for index, item in enumerate(items if read(inventory, "items") else ()):
        label = getattr(item, "address", index)
        # Another gap beside it says nothing of what is missing here.
        yield f"[{label}] (missing)", Inventory((*items[:index], *items[index + 1 :]), HIDDEN)
        if is_dataclass(item):
            for what, changed in _in_object(item, read):
                yield f"[{label}]{what}", replace(inventory, items=(*items[:index], changed, *items[index + 1 :]))
    if inventory.gap is None and read(inventory, "gap"):
        yield " (gap)", Inventory(items, HIDDEN)
