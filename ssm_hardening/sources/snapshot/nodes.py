"""A place in a JSON document: what stands there, its path for messages, and the origin values inherit."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.errors import UsageError
from ssm_hardening.origins import ApiOrigin, CodeOrigin, Origin

_DEEPEST = 120
"""Values nested deeper than this are refused: no policy or document is."""

_HINT = "record the account again with `ssm-harden inspect --format json`, or mend the file by its JSON Schema"


@dataclass(frozen=True, slots=True)
class Node:
    """One member of a document. `place` is the origin of what names none itself."""

    data: object
    path: str
    place: Origin
    depth: int = 0

    def error(self, reason: str, *, hint: str = _HINT) -> UsageError:
        """Return the error that names this place."""
        return UsageError(f"{self.path}: {reason}", hint=hint)

    def mapping(self) -> dict[str, object]:
        """Return the JSON object. Raises UsageError where there is something else."""
        if not isinstance(self.data, dict):
            raise self.error(f"expected an object, found {_kind(self.data)}")
        return self.data

    def has(self, key: str) -> bool:
        """Say whether the JSON object has this key."""
        return key in self.mapping()

    def member(self, key: str) -> "Node":
        """Return the member of this name. Raises UsageError where it is missing, or all of this lies too deep."""
        data = self.mapping()
        if key not in data:
            raise self.error(f"has no {key!r}")
        return self._inner(data[key], f".{key}" if key.isidentifier() else f"[{key!r}]")

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """Yield every member with its key."""
        for key in self.mapping():
            yield key, self.member(key)

    def elements(self) -> Iterator["Node"]:
        """Yield the members of a JSON array. Raises UsageError where there is something else."""
        if not isinstance(self.data, list):
            raise self.error(f"expected a list, found {_kind(self.data)}")
        for index, item in enumerate(self.data):
            yield self._inner(item, f"[{index}]")

    def _inner(self, data: object, step: str) -> "Node":
        if self.depth >= _DEEPEST:
            raise self.error("is nested too deep")
        return Node(data, self.path + step, self.place, self.depth + 1)

    def text(self) -> str:
        """Return the text. Raises UsageError where there is something else."""
        if not isinstance(self.data, str):
            raise self.error(f"expected a text, found {_kind(self.data)}")
        return self.data

    def whole_number(self) -> int:
        """Return the whole number. Raises UsageError where there is something else."""
        if not isinstance(self.data, int) or isinstance(self.data, bool):
            raise self.error(f"expected a whole number, found {_kind(self.data)}")
        return self.data

    def flag(self) -> bool:
        """Return true or false. Raises UsageError where there is something else."""
        if not isinstance(self.data, bool):
            raise self.error(f"expected true or false, found {_kind(self.data)}")
        return self.data

    def at(self, key: str = "at") -> Origin:
        """Return the origin under `key`, or the inherited one where there is none."""
        return self.member(key).origin() if self.has(key) else self.place

    def origin(self) -> Origin:
        """Return the origin that stands here."""
        if self.has("arn"):
            return ApiOrigin(self.member("arn").text(), self.member("call").text())
        end = self.member("end_line").whole_number() if self.has("end_line") else 0
        module = self.member("module_path").text() if self.has("module_path") else ""
        return CodeOrigin(self.member("file").text(), self.member("line").whole_number(), end, module)

    def placed(self, origin: Origin) -> "Node":
        """Return the same node, its members inheriting this origin."""
        return replace(self, place=origin)


def _kind(data: Any) -> str:  # noqa: ANN401 - any JSON
    match data:
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case str():
            return f"the text {data[:40]!r}"
        case int() | float():
            return f"the number {data}"
        case list():
            return "a list"
        case _:
            return "an object"
