"""What facts read arguments with: converters, the names of resources, and their tags."""

from dataclasses import replace
from typing import Any

from ssm_hardening.core.values import Absent, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.converting import (
    Converter,
    default,
    either,
    items,
    kind_of,
    mapped,
    member,
    number,
    record,
    same,
    switch,
    text,
    wrong_type,
)
from ssm_hardening.read.graph import Config, Resource, Root

__all__ = [
    "Converter",
    "argument_text",
    "default",
    "either",
    "items",
    "kind_of",
    "mapped",
    "member",
    "nested",
    "number",
    "record",
    "same",
    "switch",
    "text",
    "wrong_type",
]


def argument_text(value: Value[Any], what: str) -> Value[Any]:
    """Return a text argument; Terraform turns numbers and booleans into text by itself."""
    return text(mapped(value, _as_written), what)


def _as_written(known: Known[Any]) -> Value[Any]:
    match known.value:
        case bool() as flag:
            return replace(known, value=str(flag).lower())
        case int() | float() as number:
            return replace(known, value=f"{number:g}" if isinstance(number, float) else str(number))
        case _:
            return known


def nested(config: Config, *path: str) -> Value[Any]:
    """Return an argument within nested blocks: the last name is the argument, those before are block types.

    Absent where a block is not written; of several blocks of one type, all must agree.
    """
    *block_types, argument = path
    if not block_types:
        return config.get(argument)
    blocks = config.blocks(block_types[0])
    values = [nested(block, *path[1:]) for block in blocks]
    if blocks.gap is not None:
        return replace(blocks.gap, one_of=())
    if not values:
        return Absent(config.at)
    gap = Unknown(Why.UNSUPPORTED, config.at, f"several blocks {block_types[0]}")
    return values[0] if len(values) == 1 else either(gap, values)


_LATER = "AWS tells later: "


def name_of(resource: Resource, argument: str) -> Value[Any]:
    """Return the name; with `<argument>_prefix`, or nothing, the provider adds digits to a prefix."""
    prefix = argument_text(resource.config.get(f"{argument}_prefix"), f"{argument}_prefix")
    return mapped(
        argument_text(resource.config.get(argument), argument),
        lambda known: known,
        absent=lambda _: mapped(
            prefix,
            lambda known: _generated(resource, known),
            absent=lambda _: _generated(resource, Known("terraform-", resource.at)),
        ),
    )


def _generated(resource: Resource, prefix: Known[Any]) -> Value[Any]:
    digits = Unknown(Why.COMPUTED, resource.at, f"the generated part of {resource.address}'s name")
    parts = prefix.value.parts if isinstance(prefix.value, Template) else (prefix.value,)
    return Known(Template((*parts, digits)), prefix.at)


def id_of(resource: Resource) -> Value[Any]:
    """Return the name of an object that AWS numbers: in code, a reference to it."""
    return Known(Reference(resource.address, "id"), resource.at)


def computed(resource: Resource, what: str) -> Unknown:
    """Say that something is known only once the resource exists."""
    return Unknown(Why.COMPUTED, resource.at, f"{_LATER}{resource.address}.{what}")


def is_told_later(value: Value[Any]) -> bool:
    """Say whether AWS decides on the value, because nobody wrote one."""
    return isinstance(value, Unknown) and value.detail.startswith(_LATER)


def head_of(resource: Resource, name: Value[Any]) -> dict[str, Any]:
    """Return the fields that every fact has."""
    return {
        "address": resource.address,
        "declaration": resource.declaration,
        "origin": resource.at,
        "name": name,
        "exists": resource.exists,
    }


DEFAULTS = "default_tags.tags"
"""What the provider's own block calls them."""


def tags_of(resource: Resource, root: Root) -> Value[Record]:
    """Return all tags as one record; open where some of them cannot be told. A plan tells them all together."""
    together = resource.config.get("tags_all")
    if not isinstance(together, Absent):
        return _texts(record(together, "tags_all"))
    own = _texts(record(resource.config.get("tags"), "tags"))
    given = _texts(record(root.provider_argument(resource.provider, DEFAULTS), DEFAULTS))
    match own, given:
        case Known(Record(members, rest), at), Known(Record(more, others)):
            return Known(Record({**more, **members}, others if rest is None else rest), at)
        case Known(Record(members, rest), at), Unknown() as gap:
            return Known(Record(members, gap if rest is None else rest), at)
        case Unknown() as gap, _:
            return gap
        case Absent(at), Absent():
            return Known(Record({}), at)
        case Absent(), _:
            return given
        case _:
            return own


def _texts(value: Value[Any]) -> Value[Any]:
    match value:
        case Known(Record(members, rest), at):
            return Known(Record({key: argument_text(each, key) for key, each in members.items()}, rest), at)
        case _:
            return value
