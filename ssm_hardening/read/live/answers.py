"""AWS's answers as values: every member with the origin of the call that returned it; and what a collector returns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, overload

from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, Holding, Ownership
from ssm_hardening.read.converting import items, member, text
from ssm_hardening.read.live.asking import Answered, Missing, Reply
from ssm_hardening.text.documents import decode_json

T = TypeVar("T")

_NOT_DATA = "ResponseMetadata"
"""What botocore adds to every answer."""


def value_of(data: object, at: Origin) -> Value[Datum]:
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
            return Unknown(Why.UNSUPPORTED, at, f"unexpected data of type {type(data).__name__}")


def iso(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC (`2025-01-31T09:30:00Z`); one without a zone is taken for UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def answered(reply: Reply) -> Value[Datum]:
    """Return the whole answer as a record; Absent where AWS said that there is no such thing."""
    match reply:
        case Answered(data, at):
            return value_of({key: each for key, each in data.items() if key != _NOT_DATA}, at)
        case Missing(at):
            return Absent(at)
        case Unknown():
            return reply


def entries(found: Inventory[Any], at: ApiOrigin) -> Inventory[Value[Datum]]:
    """Return what a list call found, each entry as a value."""
    return Inventory(tuple(value_of(each, at) for each in found), found.gap)


@overload
def given(value: Value[Datum], *path: str) -> Value[Text]: ...
@overload
def given(value: Value[Datum], *path: str, convert: Callable[[Value[Datum], str], Value[T]]) -> Value[T]: ...


def given(value: Value[Datum], *path: str, convert: Callable[[Value[Datum], str], Value[Any]] = text) -> Value[Any]:
    """Return the member at `path`, which AWS leaves out where nothing is set."""
    return convert(member(value, path), ".".join(path))


@overload
def sent(value: Value[Datum], *path: str) -> Value[Text]: ...
@overload
def sent(value: Value[Datum], *path: str, convert: Callable[[Value[Datum], str], Value[T]]) -> Value[T]: ...


def sent(value: Value[Datum], *path: str, convert: Callable[[Value[Datum], str], Value[Any]] = text) -> Value[Any]:
    """Return the member at `path`, which AWS always sends: an answer without it cannot be read.

    Absent only where the answer as a whole is.
    """
    found = given(value, *path, convert=convert)
    if isinstance(found, Absent) and not isinstance(value, Absent):
        call = f"{value.at.call}: " if isinstance(value.at, ApiOrigin) else ""
        return Unknown(Why.UNPARSEABLE, value.at, f"{call}{'.'.join(path)} is missing from the response")
    return found


def first_gap(*gaps: Value[object] | None) -> Unknown | None:
    """Return the first of these that could not be learned."""
    return next((gap for gap in gaps if isinstance(gap, Unknown)), None)


def known_texts(values: Iterable[Value[Datum]], gap: Unknown | None = None) -> Inventory[str]:
    """Return the texts that are known, in their order; the gap says why there may be more."""
    read = tuple(values)
    return Inventory(tuple(str(each.value) for each in read if isinstance(each, Known)), first_gap(gap, *read))


def names_in(found: Inventory[Any], key: str, at: ApiOrigin) -> Inventory[str]:
    """Return the texts at `key` of all entries, sorted; a gap where an entry has none."""
    names = known_texts((sent(each, key) for each in entries(found, at)), found.gap)
    return Inventory(tuple(sorted(set(names))), names.gap)


def listed_in(entry: Value[Datum], key: str) -> Inventory[Value[Datum]]:
    """Return the members of a list; none where AWS left it out."""
    found = given(entry, key, convert=items)
    if isinstance(found, Known):
        return Inventory(found.value.items, found.value.rest)
    return Inventory((), first_gap(found))


def items_of(texts: Iterable[str], gap: Unknown | None, at: ApiOrigin) -> Known[Items]:
    """Return texts as a list that was read at `at`; `gap` says why it may be longer."""
    return Known(Items(tuple(Known(each, at) for each in texts), gap), at)


def tags_in(
    pairs: Inventory[Any] | Value[Datum], at: ApiOrigin, key: str = "Key", value: str = "Value"
) -> Value[Record]:
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
            return Unknown(Why.UNPARSEABLE, at, f"{at.call}: the tags are not a list")


def _tags(items: tuple[Value[Datum], ...], at: ApiOrigin, key: str, value: str) -> Value[Record]:
    found: dict[str, Value[Datum]] = {}
    for each in items:
        match sent(each, key):
            case Known(str() as name):
                text_or_empty = member(each, (value,))
                found[name] = Known("", at) if isinstance(text_or_empty, Absent) else text_or_empty
            case Known() | Absent():
                return Unknown(Why.UNPARSEABLE, at, f"{at.call}: a tag has no {key}")
            case Unknown() as gap:
                return gap
    return Known(Record(dict(sorted(found.items()))), at)


@dataclass(frozen=True, slots=True)
class Description:
    """What AWS says of one object. A member that AWS always sends and that is not there is Unknown, never Absent.

    Where `gap` is set, the call that would have told was not answered, and every member is that gap.
    """

    data: Mapping[str, Any]
    at: ApiOrigin
    gap: Unknown | None = None

    def text(self, *path: str) -> Value[Text]:
        """Return the text at `path`, which AWS always sends."""
        return self._sent(str, path)

    def text_or_absent(self, *path: str) -> Value[Text]:
        """Return the text at `path`; Absent where it is left out or empty."""
        found = self._found(str, path)
        return Absent(self.at) if isinstance(found, Known) and found.value == "" else found

    def flag(self, *path: str) -> Value[bool]:
        """Return the boolean at `path`, which AWS always sends."""
        return self._sent(bool, path)

    def number(self, *path: str) -> Value[int]:
        """Return the whole number at `path`, which AWS always sends."""
        return self._sent(int, path)

    def number_or_absent(self, *path: str) -> Value[int]:
        """Return the whole number at `path`; Absent where it is left out."""
        return self._found(int, path)

    def json(self, *path: str) -> Value[Datum]:
        """Return the data in the JSON text at `path`, or the data itself where boto3 has read it; Absent where none."""
        value = self._at(path)
        if self.gap is not None:
            return self.gap
        if isinstance(value, str):
            return decode_json(Known(value, self.at), self.at)
        return value_of(value, self.at)

    def texts(self, key: str) -> tuple[Value[Text], ...]:
        """Return the texts listed at `key`; none where it is left out."""
        if self.gap is not None:
            return (self.gap,)
        found = self.data.get(key) or []
        return tuple(Known(each, self.at) if isinstance(each, str) else self.malformed(key) for each in found)

    def entries(self, key: str) -> "tuple[Description, ...]":
        """Return the objects listed at `key`; none where it is left out."""
        listed = self.data.get(key)
        found = listed if isinstance(listed, list) else []
        return tuple(replace(self, data=each) for each in found if isinstance(each, Mapping))

    def inside(self, *path: str) -> "Description":
        """Return the object at `path`; one without members where it is left out."""
        found = self._at(path)
        return replace(self, data=found if isinstance(found, Mapping) else {})

    def absent(self) -> Absent | Unknown:
        """Return that there is no such thing, or why that cannot be told."""
        return Absent(self.at) if self.gap is None else self.gap

    def malformed(self, what: str) -> Unknown:
        """Return that AWS's answer lacks what it always holds."""
        return Unknown(Why.UNPARSEABLE, self.at, f"{self.at.call}: {what} is missing from the response or not valid")

    def _sent(self, kind: type[T], path: tuple[str, ...]) -> Value[T]:
        found = self._found(kind, path)
        return self.malformed(".".join(path)) if isinstance(found, Absent) else found

    def _found(self, kind: type[T], path: tuple[str, ...]) -> Value[T]:
        value = self._at(path)
        if self.gap is not None or value is None:
            return self.absent()
        if isinstance(value, kind) and type(value) is kind:  # to Python, a boolean is a number too
            return Known(value, self.at)
        return self.malformed(".".join(path))

    def _at(self, path: tuple[str, ...]) -> object:
        value: object = self.data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def identified(
    found: Inventory[Any], at: ApiOrigin, *keys: str, arn: Callable[[Description, str], str]
) -> Inventory[Description]:
    """Return each object with its own ARN as origin, which `arn` makes of what is said of it and its first key.

    One without a text at each of `keys` is a gap.
    """
    gap, named = found.gap, []
    for data in found:
        each = Description(data, at)
        told = [each.text(key) for key in keys]
        if isinstance(told[0], Known) and all(isinstance(text, Known) for text in told):
            named.append(Description(data, ApiOrigin(arn(each, str(told[0].value)), at.call)))
        else:
            gap = first_gap(gap, each.malformed(" or ".join(keys)))
    return Inventory(tuple(named), gap)


def listed(texts: Iterable[Value[Text]], gap: Unknown | None = None, *, at: ApiOrigin) -> Known[Items]:
    """Return a list of texts, sorted and each one once, so that two readings are equal.

    What cannot be read becomes its rest, and so does `gap`.
    """
    read = tuple(texts)
    known: dict[str, Value[Text]] = {}
    for each in read:
        if isinstance(each, Known):
            known.setdefault(str(each.value), each)
    return Known(Items(tuple(known[each] for each in sorted(known)), first_gap(*read, gap)), at)


def last_name(arn: str) -> str:
    """Return the name at the end of an IAM ARN, without its path."""
    return arn.rsplit("/", 1)[-1]


F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Generic[F]):
    """Facts of one kind, the holdings that make them up, and one ownership for each fact that could be adopted."""

    facts: Inventory[F]
    holdings: Inventory[Holding] = field(default_factory=Inventory)
    owners: Inventory[Ownership] = field(default_factory=Inventory)
