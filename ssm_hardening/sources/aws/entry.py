"""One entry of AWS's answers: its members, each with the origin of the call that returned it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws.data import first_gap, value_of
from ssm_hardening.sources.terraform.documents import decode_json
from ssm_hardening.values import Absent, Items, Known, Text, Unknown, Value, Why

T = TypeVar("T", str, int, bool)


@dataclass(frozen=True, slots=True)
class Entry:
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

    def entries(self, key: str) -> "tuple[Entry, ...]":
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
    for text in texts:
        match text:
            case Known(value):
                known.setdefault(str(value), text)
            case Unknown():
                rest = first_gap(rest, text)
            case Absent():
                pass
    return Known(Items(tuple(known[each] for each in sorted(known)), rest), at)


def last_name(arn: str) -> str:
    """Return the name at the end of an IAM ARN, without its path."""
    return arn.rsplit("/", 1)[-1]
