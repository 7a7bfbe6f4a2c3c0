"""AWS's answers as values: every member with the origin of the call that returned it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ssm_hardening.origins import ApiOrigin, Origin
from ssm_hardening.sources.aws.asking import Answer, Answered, Missing
from ssm_hardening.sources.converting import Converter, items, mapped, member, text
from ssm_hardening.values import Absent, Inventory, Items, Known, Record, Unknown, Value, Why

_NOT_DATA = "ResponseMetadata"
"""What botocore adds to every answer."""


def value_of(data: object, at: Origin) -> Value[Any]:
    """Return JSON-like data as a value, every member read at `at`; null is Absent, a time its ISO 8601 text in UTC."""
    match data:
        case None:
            return Absent(at)
        case bool() | int() | float() | str():
            return Known(data, at)
        case datetime():
            return Known(iso(data), at)
        case Mapping():
            return Known(Record({str(key): value_of(each, at) for key, each in data.items()}), at)
        case list() | tuple():
            return Known(Items(tuple(value_of(each, at) for each in data)), at)
        case _:
            return Unknown(Why.UNSUPPORTED, at, f"data of type {type(data).__name__}")


def iso(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC (`2025-01-31T09:30:00Z`); one without a zone is taken for UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def answered(answer: Answer) -> Value[Any]:
    """Return the whole answer as a record; Absent where AWS said that there is no such thing."""
    match answer:
        case Answered(data, at):
            return value_of({key: each for key, each in data.items() if key != _NOT_DATA}, at)
        case Missing(at):
            return Absent(at)
        case Unknown():
            return answer


def entries(found: Inventory[Any], at: ApiOrigin) -> Inventory[Value[Any]]:
    """Return what a list call found, each entry as a value."""
    return Inventory(tuple(value_of(each, at) for each in found), found.gap)


def given(value: Value[Any], *path: str, convert: Converter = text) -> Value[Any]:
    """Return the member at `path`, which AWS leaves out where nothing is set."""
    return convert(member(value, path), ".".join(path))


def sent(value: Value[Any], *path: str, convert: Converter = text) -> Value[Any]:
    """Return the member at `path`, which AWS always sends: an answer without it cannot be read.

    Absent only where the answer as a whole is.
    """
    return mapped(value, lambda known: _needed(given(known, *path, convert=convert), known.at, path))


def _needed(value: Value[Any], at: Origin, path: tuple[str, ...]) -> Value[Any]:
    missing = Unknown(Why.UNPARSEABLE, at, f"{_call(at)}the answer lacks {'.'.join(path)}")
    return mapped(value, lambda known: known, absent=lambda _: missing)


def _call(at: Origin) -> str:
    return f"{at.call}: " if isinstance(at, ApiOrigin) else ""


def names_in(found: Inventory[Any], key: str, at: ApiOrigin) -> Inventory[str]:
    """Return the texts at `key` of all entries, sorted; a gap where an entry has none."""
    values = [sent(each, key) for each in entries(found, at)]
    names = sorted({each.value for each in values if isinstance(each, Known)})
    gaps = [each for each in values if isinstance(each, Unknown)]
    return Inventory(tuple(names), first_gap(found.gap, *gaps))


def first_gap(*gaps: Unknown | None) -> Unknown | None:
    """Return the first gap there is."""
    return next((gap for gap in gaps if gap is not None), None)


def listed_in(entry: Value[Any], key: str) -> Inventory[Value[Any]]:
    """Return the members of a list; none where AWS left it out."""
    match given(entry, key, convert=items):
        case Known(Items(members, rest)):
            return Inventory(members, rest)
        case Unknown() as gap:
            return Inventory((), gap)
        case Known() | Absent():
            return Inventory()


def tags_in(pairs: Inventory[Any] | Value[Any], at: ApiOrigin, key: str = "Key", value: str = "Value") -> Value[Any]:
    """Return a list of tags (`[{"Key": …, "Value": …}]`) as one record; Unknown where it was not read to its end."""
    match pairs:
        case Inventory(items, None):
            return _tags(tuple(value_of(each, at) for each in items), at, key, value)
        case Inventory(gap=Unknown() as gap):
            return gap
        case Known(Items(items)):
            return _tags(items, at, key, value)
        case Absent():
            return Known(Record({}), at)
        case Unknown():
            return pairs
        case _:
            return Unknown(Why.UNPARSEABLE, at, f"{at.call}: the tags are no list")


def _tags(items: tuple[Value[Any], ...], at: ApiOrigin, key: str, value: str) -> Value[Any]:
    found: dict[str, Value[Any]] = {}
    for each in items:
        match sent(each, key):
            case Known(str() as name):
                found[name] = _tag_text(member(each, (value,)), at)
            case Known() | Absent():
                return Unknown(Why.UNPARSEABLE, at, f"{at.call}: a tag has no {key}")
            case Unknown() as gap:
                return gap
    return Known(Record(dict(sorted(found.items()))), at)


def _tag_text(value: Value[Any], at: ApiOrigin) -> Value[Any]:
    """Return a tag's text; it may be empty, which is a value of its own."""
    return Known("", at) if isinstance(value, Absent) else value
