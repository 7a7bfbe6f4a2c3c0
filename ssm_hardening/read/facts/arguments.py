"""What facts read arguments with: a reader for each type, the names of resources, and their tags."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from ssm_hardening.core.logic import mapped
from ssm_hardening.core.values import (
    Absent,
    Datum,
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
from ssm_hardening.model import Fact
from ssm_hardening.read.converting import by_branch, either, items, number, or_else, record, switch, text
from ssm_hardening.read.graph import Config, Resource, Root

F = TypeVar("F", bound=Fact)


def text_in(config: Config, *path: str) -> Value[Text]:
    """Return a text argument; `path` as in `nested`."""
    return argument_text(nested(config, *path), path[-1])


def switch_in(config: Config, *path: str) -> Value[bool]:
    """Return an argument that is true or false; `path` as in `nested`."""
    return switch(nested(config, *path), path[-1])


def number_in(config: Config, *path: str) -> Value[int]:
    """Return an argument that is a whole number; `path` as in `nested`."""
    return number(nested(config, *path), path[-1])


def texts_in(config: Config, *path: str) -> Value[Items]:
    """Return an argument that is a list of texts; `path` as in `nested`."""
    return by_branch(items(nested(config, *path), path[-1]), partial(_texts, what=path[-1]))


def _texts(known: Known[Items], what: str) -> Value[Items]:
    listed = (argument_text(item, what) for item in known.value.items)
    members = tuple(item for item in listed if not isinstance(item, Absent))
    return replace(known, value=Items(members, known.value.rest))


def argument_text(value: Value[Datum], what: str) -> Value[Text]:
    """Return a text argument; Terraform turns numbers and booleans into text by itself."""
    return text(by_branch(value, _as_written), what)


def _as_written(known: Known[Datum]) -> Value[Datum]:
    match known.value:
        case bool() as flag:
            return replace(known, value=str(flag).lower())
        case int() | float() as number:
            return replace(known, value=f"{number:g}" if isinstance(number, float) else str(number))
        case _:
            return known


def nested(config: Config, *path: str) -> Value[Datum]:
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
    gap = Unknown(Why.UNSUPPORTED, config.at, f"more than one {block_types[0]} block")
    return values[0] if len(values) == 1 else either(gap, values)


_LATER = "known after apply: "
_AT_LAUNCH = "decided at launch: "


def name_of(resource: Resource, argument: str) -> Value[Text]:
    """Return the name; with `<argument>_prefix`, or nothing, the provider adds digits to a prefix."""
    prefix = or_else(text_in(resource.config, f"{argument}_prefix"), Known("terraform-", resource.at))
    return or_else(text_in(resource.config, argument), by_branch(prefix, partial(_generated, resource)))


def _generated(resource: Resource, prefix: Known[Text]) -> Known[Text]:
    digits = Unknown(Why.COMPUTED, resource.at, f"{_GENERATED}{resource.address}")
    parts = prefix.value.parts if isinstance(prefix.value, Template) else (prefix.value,)
    return Known(Template((*parts, digits)), prefix.at)


def is_generated(name: Value[Text]) -> bool:
    """Say whether part of a name is made at apply, so that no code knows it before."""
    parts = name.value.parts if isinstance(name, Known) and isinstance(name.value, Template) else ()
    return any(isinstance(part, Unknown) and part.detail.startswith(_GENERATED) for part in parts)


_GENERATED = "the generated part of the name of "


def computed(resource: Resource, what: str) -> Unknown:
    """Say that something is known only once the resource exists."""
    return Unknown(Why.COMPUTED, resource.at, f"{_LATER}{resource.address}.{what}")


def at_launch(resource: Resource, what: str) -> Unknown:
    """Say that something is decided when an instance is launched."""
    return Unknown(Why.COMPUTED, resource.at, f"{_AT_LAUNCH}{what} of the instances of {resource.address}")


def is_told_later(value: Value[object]) -> bool:
    """Say whether AWS decides on the value, because nobody wrote one."""
    return isinstance(value, Unknown) and value.detail.startswith((_LATER, _AT_LAUNCH))


def fact_of(resource: Resource, name: Value[Text]) -> Fact:
    """Return what every fact has, of a resource: its kind's fact takes the five fields from here, by keyword."""
    return Fact(
        address=resource.address,
        declaration=resource.declaration,
        origin=resource.at,
        name=name,
        exists=resource.exists,
    )


def read_each(resources: Inventory[Resource], read: Callable[[Resource], F]) -> Inventory[tuple[Resource, F]]:
    """Return what a function reads of every resource, with the resource."""
    return Inventory(tuple((each, read(each)) for each in resources), resources.gap)


def named_fact(resource: Resource, argument: str) -> Fact:
    """Return the same of an object whose name an argument gives."""
    return fact_of(resource, name_of(resource, argument))


def numbered_fact(resource: Resource) -> Fact:
    """Return the same of an object that AWS numbers: in code, its name is a reference to it."""
    return fact_of(resource, Known(Reference(resource.address, "id"), resource.at))


DEFAULTS = "default_tags.tags"
"""What the provider's own block calls them."""


def tags_of(resource: Resource, root: Root) -> Value[Record]:
    """Return all tags as one record; open where some of them cannot be told. A plan tells them all together."""
    together = resource.config.get("tags_all")
    if not isinstance(together, Absent):
        return with_texts(record(together, "tags_all"))
    own = with_texts(record(resource.config.get("tags"), "tags"))
    given = with_texts(record(root.provider_argument(resource.provider, DEFAULTS), DEFAULTS))
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


def with_texts(tags: Value[Record]) -> Value[Record]:
    """Return tags with texts as values."""
    return mapped(
        tags, lambda tags: Record({key: argument_text(each, key) for key, each in tags.members.items()}, tags.rest)
    )
