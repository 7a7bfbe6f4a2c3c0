"""Values with the marks of a plan: what is known after apply only, and what is sensitive, member by member."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.redaction import texts_in
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Text, Unknown, Value, Why
from ssm_hardening.read.plan.loading import Plan, member

_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Marked:
    """A plain JSON value with its marks; `name` is its address, for messages."""

    plain: Any
    unknown: object
    sensitive: object
    name: str

    def member(self, key: str) -> "Marked":
        """Return a member of an object."""
        plain = self.plain.get(key) if isinstance(self.plain, dict) else None
        return Marked(plain, _of(self.unknown, key), _of(self.sensitive, key), f"{self.name}.{key}")

    def members(self) -> list["Marked"]:
        """Return the members of a list, those that are known after apply only among them."""
        plain = self.plain if isinstance(self.plain, list) else []
        length = max(len(plain), len(self.unknown) if isinstance(self.unknown, list) else 0)
        return [
            Marked(plain[n] if n < len(plain) else None, _at(self.unknown, n), _at(self.sensitive, n), self.name)
            for n in range(length)
        ]

    @property
    def is_unknown(self) -> bool:
        """Say whether nothing of it is known before apply."""
        return self.unknown is True

    def value(self, at: CodeOrigin, place: Callable[[str], Text], *, depth: int = 0) -> Value[Datum]:
        """Return the value; `place` puts references in the place of what names another object of the plan."""
        if self.is_unknown:
            return Unknown(Why.COMPUTED, at, f"{self.name} is known after apply")
        if depth > _DEEPEST:
            return Unknown(Why.UNSUPPORTED, at, f"{self.name} is nested too deeply")
        match self.plain:
            case None if not isinstance(self.unknown, list | dict) or not self.unknown:
                return Absent(at)
            case str() as text:
                named = place(text)
                # The address of another object is no value.
                return Known(named, at if isinstance(named, Reference) else self._placed(at))
            case bool() | int() | float() as scalar:
                return Known(scalar, self._placed(at))
            case list() | None if isinstance(self.unknown, list) or isinstance(self.plain, list):
                members = (each.value(at, place, depth=depth + 1) for each in self.members())
                return Known(Items(tuple(members)), at)
            case _:
                return Known(Record(self._record(at, place, depth)), at)

    def _placed(self, at: CodeOrigin) -> CodeOrigin:
        return replace(at, sensitive=True) if self.sensitive is True else at

    def _record(self, at: CodeOrigin, place: Callable[[str], Text], depth: int) -> Mapping[str, Value[Datum]]:
        both = (each for each in (self.plain, self.unknown) if isinstance(each, dict))
        names = dict.fromkeys(str(name) for each in both for name in each)
        found = {name: self.member(name).value(at, place, depth=depth + 1) for name in names}
        return {name: value for name, value in found.items() if not isinstance(value, Absent)}


def _of(mark: object, key: str) -> object:
    return mark.get(key) if isinstance(mark, dict) else mark is True


def _at(mark: object, number: int) -> object:
    if isinstance(mark, Sequence) and not isinstance(mark, str):
        return mark[number] if number < len(mark) else None
    return mark is True


def sensitive_texts(data: Mapping[str, Any], plan: Plan) -> frozenset[str]:
    """Return the texts of everything that is marked."""
    found = [text for each in plan.instances.values() for text in _marked(each.values, each.sensitive)]
    configured = member(member(data, "configuration"), "root_module").get("variables")
    given = member(data, "variables")
    for name in given:
        declared = member(configured, name)
        if declared.get("sensitive") is True or declared.get("ephemeral") is True:
            found += texts_in(member(given, name).get("value"))
    for values in ("planned_values", "values"):
        outputs = member(member(data, values), "outputs")
        for name in outputs:
            told = member(outputs, name)
            found += texts_in(told.get("value")) if told.get("sensitive") is True else ()
    return frozenset(found)


def _marked(value: object, mark: object) -> Iterator[str]:
    """Yield the texts below the members of which a tree of marks says true."""
    if mark is True:
        yield from texts_in(value)
    elif isinstance(mark, dict) and isinstance(value, Mapping):
        for key, each in mark.items():
            yield from _marked(value.get(key), each)
    elif isinstance(mark, list) and isinstance(value, list):
        for one, each in zip(value, mark, strict=False):
            yield from _marked(one, each)
