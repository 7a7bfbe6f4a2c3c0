"""What the facts read arguments with: the converters of all sources, and those of Terraform's own arguments."""

from dataclasses import replace
from typing import Any

from ssm_hardening.sources.converting import (
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
from ssm_hardening.sources.terraform.resources import Config
from ssm_hardening.values import Absent, Known, Unknown, Value, Why

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
