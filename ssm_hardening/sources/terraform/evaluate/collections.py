"""Walking collections: `for`, splats, and what may be missing in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.hcl import ast
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.encoded import Encoded
from ssm_hardening.sources.terraform.evaluate.sensitivity import placed
from ssm_hardening.sources.terraform.invalid import Invalid
from ssm_hardening.sources.terraform.json_text import names_a_string
from ssm_hardening.sources.terraform.texts import scalar_text
from ssm_hardening.sources.terraform.unordered import SetItems
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
            return Entries(tuple((_key(key, members[key]), members[key]) for key in sorted(members)), content.rest)
        case SetItems():
            return Entries(tuple((item, item) for item in content.items), content.rest)
        case Items(items, rest):
            return Entries(tuple((_place(n, item, rest), item) for n, item in enumerate(items)), rest)
        case Reference() | Template() | Encoded():
            return Unknown(Why.COMPUTED, at, text)
        case _:
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text} is no collection")


def _key(key: object, member: Value[Any]) -> Known[Any]:
    """Return a key, which stands where its member does; that the member is sensitive says nothing of it."""
    return Known(key, placed(member.at, sensitive=False))


def _place(number: int, item: Value[Any], rest: Unknown | None) -> Value[Any]:
    """Return a member's place; where there may be more members, it may stand anywhere."""
    return _key(number, item) if rest is None else Unknown(rest.why, rest.at, rest.detail)


def splat_items(value: Value[Any], at: CodeOrigin, text: str) -> Items | Unknown:
    """Return the members a splat walks: a single value is a list of one, null a list of none."""
    match value:
        case Absent():
            return Items(())
        case Unknown():
            return value
        case Known(Items() as items):
            return items
        case Known(Reference() as reference) if _may_be_many(reference):
            return Items((), Unknown(Why.COMPUTED, at, f"{text}: how many there are"))
        case Known():
            return Items((value,))


def _may_be_many(reference: Reference) -> bool:
    """Say whether this is a block of unknown keys, or an attribute that may be a list."""
    if reference.attribute:
        return not names_a_string(reference)
    return reference.address.endswith("[*]")


def grouped(
    expr: ast.For, made: Sequence[tuple[Value[Any] | None, Value[Any]]], rest: Unknown | None, at: CodeOrigin
) -> Value[Any]:
    """Put the members of a `for` together: a list, a map, or a map of lists (`...`)."""
    if expr.key is None:
        return Known(Items(tuple(value for _, value in made), rest), at)
    members: dict[str, Value[Any]] = {}
    repeated: str | None = None
    groups: dict[str, list[Value[Any]]] = {}
    for key, value in made:
        match key:
            case Known(content) if (name := scalar_text(content)) is not None:
                repeated = name if name in members else repeated
                members[name] = value
                groups.setdefault(name, []).append(value)
            case Invalid():
                return key
            case Unknown():
                rest = replace(key, one_of=())
            case Absent():
                return Invalid(Why.UNRESOLVED_INPUT, at, "a key of the map is null")
            case _:
                rest = Unknown(Why.COMPUTED, at, "a key of the map")
    if expr.grouping:
        members = {name: Known(Items(tuple(values), rest), at) for name, values in groups.items()}
    elif repeated is not None:
        return Invalid(Why.UNRESOLVED_INPUT, at, f"the key {repeated!r} stands twice")
    return Known(Record(members, rest), at)
