"""Accounts → JSON.

A value carries its place (`at`), an absent one too. A list or map whose members are all literal has its plain JSON
under `value`; where its members have places of their own, or holes, they stand one by one under `items` or `members`.
A value that Terraform calls sensitive is known, and `withheld`: it is not in the document.
"""

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeAlias

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.model import Account

SCHEMA = "ssm-harden/account/1"

Json: TypeAlias = dict[str, Any]


def to_json(accounts: Sequence[Account]) -> Json:
    """Return the document of these accounts, in their order."""
    return {"schema": SCHEMA, "accounts": [_object_json(account) for account in accounts]}


def _object_json(thing: Any) -> Json:  # noqa: ANN401 - any dataclass of the model
    return {field.name: _member_json(getattr(thing, field.name)) for field in fields(thing)}


def _member_json(member: object) -> object:
    match member:
        case Known() | Absent() | Unknown():
            return value_json(member)
        case Inventory():
            return inventory_json(member)
        case CodeOrigin() | ApiOrigin():
            return origin_json(member)
        case Reference() | Template():
            return _hole_json(member)
        case tuple():
            return [_member_json(item) for item in member]
        case Why():
            return member.value
        case str():
            return member
        case _:
            return _object_json(member)


def origin_json(origin: Origin) -> Json:
    """Return a place: a file and line, or an object and the API call that returned it."""
    if isinstance(origin, ApiOrigin):
        return {"arn": origin.arn, "call": origin.call}
    end = {"end_line": origin.end_line} if origin.end_line else {}
    return {"file": origin.file, "line": origin.line, **end, "module_path": origin.module_path}


def inventory_json(inventory: Inventory[Any]) -> Json:
    """Return a list of objects as L of the contract."""
    gap = inventory.gap
    return {"items": [_member_json(item) for item in inventory], "gap": None if gap is None else _reason_json(gap)}


def value_json(value: Value[object]) -> Json:
    """Return one value as V of the contract."""
    match value:
        case Known(float() as number, at) if not math.isfinite(number):
            return value_json(Unknown(Why.UNSUPPORTED, at, f"the number {number}"))
        case Known(at=at) if value.at_sensitive and not isinstance(value.value, Reference):
            return {"known": True, "withheld": "sensitive", "at": origin_json(at)}
        case Known(content, at):
            body: Json = {"known": True, **_content_json(content, at), "at": origin_json(at)}
            return body | _marks(value)
        case Absent(at):
            return {"known": True, "value": None, "at": origin_json(at)}
        case Unknown():
            return {"known": False, **_reason_json(value)}


def _marks(value: Known[object]) -> Json:
    marks: Json = {"defaulted": True} if value.defaulted else {}
    return marks if value.raw is None else {**marks, "raw": value.raw}


def _reason_json(gap: Unknown) -> Json:
    reason: Json = {"why": gap.why.value, "detail": gap.detail, "at": origin_json(gap.at)}
    return {**reason, "one_of": [value_json(branch) for branch in gap.one_of]} if gap.one_of else reason


def _content_json(content: object, at: Origin) -> Json:
    match content:
        case Reference() | Template():
            return _hole_json(content)
        case Record() | Items():
            plain = {"value": _plain(content)} if _is_literal(content) else {}
            return plain if plain and _is_all_at(content, at) else {**plain, **_members_json(content)}
        case _:
            return {"value": content}


def _hole_json(text: Reference | Template) -> Json:
    if isinstance(text, Reference):
        return {"ref": text.address, "attribute": text.attribute}
    return {"text": [_part_json(part) for part in text.parts]}


def _part_json(part: str | Reference | Unknown) -> str | Json:
    if isinstance(part, str):
        return part
    return value_json(part) if isinstance(part, Unknown) else {"known": True, **_hole_json(part)}


def _members_json(content: Record | Items) -> Json:
    rest = {} if content.rest is None else {"rest": value_json(content.rest)}
    if isinstance(content, Items):
        return {"items": [value_json(item) for item in content.items], **rest}
    return {"members": {key: value_json(member) for key, member in content.members.items()}, **rest}


def _inside(content: Record | Items) -> tuple[Value[object], ...]:
    return content.items if isinstance(content, Items) else tuple(content.members.values())


def _is_literal(content: Record | Items) -> bool:
    """Say whether the content can be written as plain JSON."""
    return content.rest is None and all(_is_plain(member) for member in _inside(content))


def _is_plain(value: Value[object]) -> bool:
    if not isinstance(value, Known):
        return isinstance(value, Absent)
    if isinstance(value.value, Record | Items) and not value.at_sensitive:
        return _is_literal(value.value)
    odd = isinstance(value.value, Reference | Template) or value.at_sensitive
    return not odd and (not isinstance(value.value, float) or math.isfinite(value.value))


def _is_all_at(content: Record | Items, at: Origin) -> bool:
    """Say whether the plain JSON and one place tell everything there is about these literals."""
    return all(_is_simply_at(member, at) for member in _inside(content))


def _is_simply_at(value: Value[object], at: Origin) -> bool:
    if not isinstance(value, Known):
        return isinstance(value, Absent) and value.at == at
    nested = not isinstance(value.value, Record | Items) or _is_all_at(value.value, at)
    return nested and value.at == at and not value.defaulted and value.raw is None


def _plain(content: Record | Items) -> list[object] | dict[str, object]:
    if isinstance(content, Items):
        return [_plain_value(item) for item in content.items]
    return {key: _plain_value(member) for key, member in content.members.items()}


def _plain_value(value: Value[object]) -> object:
    content = known_or(value, None)
    return _plain(content) if isinstance(content, Record | Items) else content
