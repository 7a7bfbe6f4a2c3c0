"""Accounts → JSON.

A value carries its place (`at`), an absent one too. A list or map whose members are all literal has its plain JSON
under `value`; where its members have places of their own, or holes, they stand one by one under `items` or `members`.
A value that Terraform calls sensitive is known, and `withheld`: it is not in the document.
"""

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeAlias

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.values import (
    Absent,
    Inventory,
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
from ssm_hardening.model import Account

SCHEMA = "ssm-harden/account/1"

Json: TypeAlias = dict[str, Any]


def to_json(accounts: Sequence[Account]) -> Json:
    """Return the document of these accounts, in their order."""
    return {"schema": SCHEMA, "accounts": [_object_json(account) for account in accounts]}


def _object_json(thing: Any) -> Json:  # noqa: ANN401 - any dataclass of the model
    return {field.name: _member_json(getattr(thing, field.name)) for field in fields(thing)}


def _member_json(member: Any) -> Any:  # noqa: ANN401 - any field of any fact
    match member:
        case Known() | Absent() | Unknown():
            return value_json(member)
        case Inventory(items, gap):
            return {"items": [_member_json(item) for item in items], "gap": None if gap is None else _reason_json(gap)}
        case CodeOrigin() | ApiOrigin():
            return origin_json(member)
        case Reference() | Template():
            return _text_json(member)
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
    written: Json = _member_json(inventory)
    return written


def value_json(value: Value[Any]) -> Json:
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


def _marks(value: Known[Any]) -> Json:
    marks: Json = {"defaulted": True} if value.defaulted else {}
    return marks if value.raw is None else {**marks, "raw": value.raw}


def _reason_json(gap: Unknown) -> Json:
    reason: Json = {"why": gap.why.value, "detail": gap.detail, "at": origin_json(gap.at)}
    return {**reason, "one_of": [value_json(branch) for branch in gap.one_of]} if gap.one_of else reason


def _content_json(content: object, at: Origin) -> Json:
    match content:
        case Reference(address, attribute):
            return {"ref": address, "attribute": attribute}
        case Template():
            return {"text": _parts_json(content)}
        case Record() | Items():
            plain = {"value": _plain(content)} if _is_literal(content) else {}
            return plain if plain and _is_all_at(content, at) else {**plain, **_members_json(content)}
        case _:
            return {"value": content}


def _text_json(text: Text) -> str | Json:
    match text:
        case str():
            return text
        case Reference(address, attribute):
            return {"ref": address, "attribute": attribute}
        case Template():
            return {"text": _parts_json(text)}


def _parts_json(template: Template) -> list[str | Json]:
    return [value_json(part) if isinstance(part, Unknown) else _part_json(part) for part in template.parts]


def _part_json(part: str | Reference) -> str | Json:
    return part if isinstance(part, str) else {"known": True, "ref": part.address, "attribute": part.attribute}


def _members_json(content: Record | Items) -> Json:
    rest = {} if content.rest is None else {"rest": value_json(content.rest)}
    if isinstance(content, Items):
        return {"items": [value_json(item) for item in content.items], **rest}
    return {"members": {key: value_json(member) for key, member in content.members.items()}, **rest}


def _inside(content: Record | Items) -> tuple[Value[Any], ...]:
    return content.items if isinstance(content, Items) else tuple(content.members.values())


def _is_literal(content: Record | Items) -> bool:
    """Say whether the content can be written as plain JSON."""
    return content.rest is None and all(_is_plain(member) for member in _inside(content))


def _is_plain(value: Value[Any]) -> bool:
    match value:
        case Known(Reference() | Template()) | Unknown():
            return False
        case Known() if value.at_sensitive:
            return False
        case Known(Record() | Items() as content):
            return _is_literal(content)
        case Known(float() as number):
            return math.isfinite(number)
        case Known() | Absent():
            return True


def _is_all_at(content: Record | Items, at: Origin) -> bool:
    """Say whether the plain JSON and one place tell everything there is about these literals."""
    return all(_is_simply_at(member, at) for member in _inside(content))


def _is_simply_at(value: Value[Any], at: Origin) -> bool:
    match value:
        case Known(inner, place):
            nested = not isinstance(inner, Record | Items) or _is_all_at(inner, at)
            return nested and place == at and not value.defaulted and value.raw is None
        case Absent(place):
            return place == at
        case Unknown():
            return False


def _plain(content: Record | Items) -> list[Any] | dict[str, Any]:
    if isinstance(content, Items):
        return [_plain_value(item) for item in content.items]
    return {key: _plain_value(member) for key, member in content.members.items()}


def _plain_value(value: Value[Any]) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case Known(Record() | Items() as content):
            return _plain(content)
        case Known(content):
            return content
        case Absent() | Unknown():
            return None
