"""Walking collections: `for`, splats, and what may be missing in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ssm_hardening.hcl import ast
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.encoded import Encoded
from ssm_hardening.sources.terraform.invalid import Invalid
from ssm_hardening.sources.terraform.texts import scalar_text
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why


@dataclass(frozen=True, slots=True)
class Entries:
    """The keys and members of a collection, in Terraform's order; `rest` where there may be more."""

    pairs: tuple[tuple[Value[Any], Value[Any]], ...]
    rest: Unknown | None = None


def entries(collection: Value[Any], at: CodeOrigin, text: str) -> Entries | Unknown:
    """Return what a `for` over the collection walks; `text` names it where it cannot be told."""
    match collection:
        case Unknown():
            return collection
        case Absent():
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text} is null")
        case Known(content):
            return _entries_of(content, at, text)


def _entries_of(content: object, at: CodeOrigin, text: str) -> Entries | Unknown:
    match content:
        case Record():
            members = content.members
            return Entries(tuple((Known(key, members[key].at), members[key]) for key in sorted(members)), content.rest)
        case Items():
            pairs = tuple((Known(number, item.at), item) for number, item in enumerate(content.items))
            return Entries(pairs, content.rest)
        case Reference() | Template() | Encoded():
            return Unknown(Why.COMPUTED, at, text)
        case _:
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text} is no collection")


def splat_items(value: Value[Any], at: CodeOrigin, text: str) -> Items | Unknown:
    """Return the members a splat walks: a single value is a list of one, null a list of none."""
    match value:
        case Absent():
            return Items(())
        case Unknown():
            return value
        case Known(Items() as items):
            return items
        case Known(Reference(address=address)) if address.endswith("[*]"):
            return Items((), Unknown(Why.COMPUTED, at, f"{text}: how many there are"))
        case Known():
            return Items((value,))


def grouped(
    expr: ast.For, made: Sequence[tuple[Value[Any] | None, Value[Any]]], rest: Unknown | None, at: CodeOrigin
) -> Value[Any]:
    """Put the members of a `for` together: a list, a map, or a map of lists (`...`)."""
    if expr.key is None:
        return Known(Items(tuple(value for _, value in made), rest), at)
    members: dict[str, Value[Any]] = {}
    groups: dict[str, list[Value[Any]]] = {}
    for key, value in made:
        match key:
            case Known(content) if (name := scalar_text(content)) is not None:
                members[name] = value
                groups.setdefault(name, []).append(value)
            case Unknown():
                rest = key
            case _:
                rest = Unknown(Why.COMPUTED, at, "a key of the map")
    if expr.grouping:
        members = {name: Known(Items(tuple(values), rest), at) for name, values in groups.items()}
    return Known(Record(members, rest), at)
