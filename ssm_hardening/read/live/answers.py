"""AWS's answers as values: every member with the origin of the call that returned it; and what a collector returns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, Holding, Ownership
from ssm_hardening.read.converting import Converter, items, mapped, member, text
from ssm_hardening.read.live.asking import Answered, Missing, Reply
from ssm_hardening.text.documents import decode_json

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


def answered(answer: Reply) -> Value[Any]:
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


T = TypeVar("T", str, int, bool)


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

    def json(self, *path: str) -> Value[Any]:
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

    def absent(self) -> Absent | Unknown:
        """Return that there is no such thing, or why that cannot be told."""
        return Absent(self.at) if self.gap is None else self.gap

    def malformed(self, what: str) -> Unknown:
        """Return that AWS's answer lacks what it always holds."""
        return Unknown(Why.UNPARSEABLE, self.at, f"{self.at.call}: the answer has no readable {what}")

    def _sent(self, kind: type[T], path: tuple[str, ...]) -> Value[T]:
        found = self._found(kind, path)
        return self.malformed(".".join(path)) if isinstance(found, Absent) else found

    def _found(self, kind: type[T], path: tuple[str, ...]) -> Value[T]:
        if self.gap is not None:
            return self.gap
        value = self._at(path)
        if value is None:
            return Absent(self.at)
        return Known(value, self.at) if type(value) is kind else self.malformed(".".join(path))

    def _at(self, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - AWS's data
        value: Any = self.data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def listed(texts: Iterable[Value[Text]], *, at: ApiOrigin) -> Value[Items]:
    """Return a list of texts, sorted and each one once, so that two readings are equal.

    What cannot be read becomes its rest.
    """
    known: dict[str, Value[Text]] = {}
    rest: Unknown | None = None
    for each in texts:
        match each:
            case Known(value):
                known.setdefault(str(value), each)
            case Unknown():
                rest = first_gap(rest, each)
            case Absent():
                pass
    return Known(Items(tuple(known[each] for each in sorted(known)), rest), at)


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
