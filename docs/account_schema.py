"""The JSON Schema of `ssm-harden/account/1`, made from the types of the model, which a snapshot's decoder walks too.

How one value looks stands in `values.schema.json`, by hand; which objects there are, and which values each has, in
the model alone. What a class says of itself describes its object.
"""

import json
import re
from dataclasses import is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Items, Known, Record, Text, Why
from ssm_hardening.model import Account
from ssm_hardening.model.facts import hints_of
from ssm_hardening.read.snapshot.encoding import SCHEMA

Json: TypeAlias = dict[str, Any]

_VALUES = Path(__file__).with_name("values.schema.json")
_SOURCES = ("terraform", "plan", "live", "snapshot", "host")
_OF_VALUES: dict[Any, str] = {
    bool: "boolean_value",
    int: "integer_value",
    str: "string_value",
    Text: "text_value",
    Items: "list_value",
    Record: "object_value",
    Any: "any_value",
    object: "any_value",
}


def account_schema() -> Json:
    """Return the schema. Raises KeyError where a field of the model has a type that no snapshot can hold."""
    made: Json = {}
    _object(Account, made)
    made["account"]["properties"]["source"] = {"enum": list(_SOURCES)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "The facts of accounts, without verdicts",
        "description": "A value is known, known to be absent, or unknown for a reason, and says where it was read. "
        "A list with a gap may have more members.",
        "type": "object",
        "properties": {"schema": {"const": SCHEMA}, "accounts": {"type": "array", "items": _ref("account")}},
        "required": ["schema", "accounts"],
        "additionalProperties": False,
        "$defs": json.loads(_VALUES.read_text(encoding="utf-8"))["$defs"] | made,
    }


def _object(cls: type, made: Json) -> Json:
    """Return the reference to the object of a class; `made` gains what it is made of."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()
    if name not in made:
        made[name] = {}  # a class may hold itself
        properties = {field: _member(hint, made) for field, hint in hints_of(cls).items()}
        made[name] = {"description": _described(cls), **_closed(properties)}
    return _ref(name)


def _member(hint: Any, made: Json) -> Json:  # noqa: ANN401 - a type as written in the model
    origin, arguments = get_origin(hint), get_args(hint)
    if hint == Origin:
        return _ref("place")
    if hint == Text:
        return _text()
    if origin in {Union, UnionType}:
        known = next(part for part in arguments if get_origin(part) is Known)
        return _ref(_OF_VALUES[get_args(known)[0]])
    if origin is Inventory:
        gap = {"anyOf": [{"type": "null"}, _ref("reason")]}
        return _closed({"items": {"type": "array", "items": _member(arguments[0], made)}, "gap": gap})
    if origin is tuple:
        return {"type": "array", "items": _member(arguments[0], made)}
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint, made)
    plain: dict[Any, Json] = {str: {"type": "string"}, int: {"type": "integer"}, bool: {"type": "boolean"}}
    return plain[hint] if hint is not Why else _ref("why")


def _text() -> Json:
    reference = _closed({"ref": {"type": "string"}, "attribute": {"type": "string"}})
    template = _closed({"text": {"type": "array", "minItems": 1, "items": _ref("part")}})
    return {"anyOf": [{"type": "string"}, reference, template]}


def _closed(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _described(cls: type) -> str:
    """Return a class's docstring, each paragraph on one line."""
    paragraphs = re.split(r"\n\s*\n", (cls.__doc__ or "").strip())
    return "\n\n".join(re.sub(r"\s+", " ", each) for each in paragraphs)


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}
