"""Accounts of which only some kinds were read, as a snapshot tells of them: what it does not mention is a gap."""

from dataclasses import MISSING, fields, replace
from typing import Any

from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Why
from ssm_hardening.model import (
    Account,
    Activation,
    DocumentEvent,
    EventRule,
    Instance,
    Key,
    LogBucket,
    LogGroup,
    Ownership,
    ServiceSetting,
    Session,
    SessionDocument,
    Trail,
)
from ssm_hardening.model.facts import none_read, not_read
from tests.rules.builders import account
from tests.rules.builders_live import AT, LIVE_SCOPE, OWNER

_TOLD_BY = {
    Activation: "ssm:DescribeActivations",
    DocumentEvent: "cloudtrail:LookupEvents",
    EventRule: "events:ListRules",
    Instance: "ssm:DescribeInstanceInformation",
    Key: "kms:DescribeKey",
    LogBucket: "s3:HeadBucket",
    LogGroup: "logs:DescribeLogGroups",
    Ownership: "ssm:ListTagsForResource",
    ServiceSetting: "ssm:GetServiceSetting",
    Session: "ssm:DescribeSessions",
    SessionDocument: "ssm:GetDocument",
    Trail: "cloudtrail:DescribeTrails",
}
"""The call that tells of an object; where several do, the one that finds it."""

_LATER = (
    "roles", "policies", "instances", "security_groups", "vpc_endpoints", "subnets", "hosts", "settings", "trails",
    "event_rules", "activations", "sessions",
)  # fmt: skip
"""The kinds that the first readers of live accounts left open."""


def silence(at: Origin) -> dict[str, Any]:
    """Return every kind that an account may hold as the gap that a snapshot leaves by not mentioning it."""
    return {
        field.name: Inventory((), _unmentioned(field.name, at))
        for field in fields(Account)
        if field.default_factory is not MISSING
    }


def mentioned(**kinds: Any) -> Account:
    """Return a live account of which only these kinds were read, each value where its builder puts it."""
    return account(**LIVE_SCOPE | silence(kinds.get("at", AT)) | kinds)


def partly_read(**kinds: Any) -> Account:
    """Return a live account of which only these kinds were read, each value at the call that tells of its object."""
    found = mentioned(**kinds)
    changes: dict[str, Any] = {
        name: _told(value) if isinstance(value, Inventory) else _moved(value, found.at, name)
        for name, value in _members(found)
    }
    return replace(found, **changes)


def early(**kinds: Any) -> Account:
    """Return a live account as the first readers told of it: documents, stores and keys, and nothing found."""
    at = kinds.get("at", AT)
    later: Inventory[Any] = Inventory((), Unknown(Why.OUT_OF_SCOPE, at, "not read from this source yet"))
    first: dict[str, Any] = {kind: [] for kind in ("session_documents", "log_buckets", "log_groups", "keys")}
    return partly_read(**{"root": OWNER, "usage_signs": []} | dict.fromkeys(_LATER, later) | first | kinds)


def incomplete(missing: Unknown, *found: Any) -> Inventory[Any]:
    """Return what was found, and why there may be more."""
    return Inventory(found, missing)


def refused(call: str, *found: Any) -> Inventory[Any]:
    """Return what was found before the call was denied."""
    return incomplete(denied(call), *found)


def place_of(each: Any) -> ApiOrigin:
    """Return the call that tells of this object."""
    return ApiOrigin(each.of if isinstance(each, Ownership) else each.address, _TOLD_BY[type(each)])


def unmentioned() -> Unknown:
    """Return what a field holds that the snapshot does not mention."""
    return not_read()


def denied(call: str) -> Unknown:
    return Unknown(Why.DENIED, AT, f"{call}: AccessDeniedException")


def _members(thing: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(thing, field.name)) for field in fields(thing)]


def _told(found: Inventory[Any]) -> Inventory[Any]:
    return replace(found, items=tuple(_at_its_call(each) for each in found.items))


def _at_its_call(each: Any) -> Any:
    at = place_of(each)
    moved = {name: _moved(value, at, name) for name, value in _members(each)}
    return replace(each, **moved | {"at" if isinstance(each, Ownership) else "origin": at})


def _moved(value: Any, at: Origin, name: str) -> Any:
    """Return the value as it was read at this place; what the builder left out was not mentioned."""
    match value:
        case Known(Items(items, rest)):
            return replace(value, at=at, value=Items(tuple(_moved(item, at, name) for item in items), rest))
        case Known(Record(members, rest)):
            moved = {key: _moved(member, at, key) for key, member in members.items()}
            return replace(value, at=at, value=Record(moved, rest))
        case Unknown() if value == not_read():
            return _unmentioned(name, at)
        case Inventory() if value == none_read():
            return Inventory((), _unmentioned(name, at))
        case Known() | Absent() | Unknown():
            return replace(value, at=at)
        case _:
            return value


def _unmentioned(name: str, at: Origin) -> Unknown:
    return Unknown(Why.OUT_OF_SCOPE, at, f"{name} is not in the snapshot")
