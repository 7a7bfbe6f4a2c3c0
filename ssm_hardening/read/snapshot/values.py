"""JSON → values: V of the contract, checked against what a field of the model may hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Text, Unknown, Value, Why

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


_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    Items: "a list",
    Record: "an object",
    Text: "a text",
}


def read_value(node: Node, content: Any) -> Value[Any]:  # noqa: ANN401 - the type of a field; object accepts any
    """Return the value that stands here. Raises UsageError where it is not one, or not of the type `content`."""
    if node.data is None:
        return Absent(node.place)
    if not node.member("known").flag():
        return read_unknown(node, content)
    at = node.at()
    if node.has("withheld"):
        return Unknown(Why.OUT_OF_SCOPE, at, "its value is sensitive, so it was not recorded")
    node = node.placed(at)
    found = _content(node, at)
    if found is None:
        return Absent(at)
    if not fits(found, content):
        raise node.error(f"expected {_WORDS.get(content, 'another type')}")
    return Known(
        found, at, defaulted=_flag(node, "defaulted"), raw=node.member("raw").text() if node.has("raw") else None
    )


def fits(found: object, content: Any) -> bool:  # noqa: ANN401 - as above
    """Say whether this is what a field of this type holds; a truth value is no number."""
    if content is object or isinstance(found, bool):
        return content in {object, bool}
    return isinstance(found, get_args(content) or content)


def read_unknown(node: Node, content: Any) -> Unknown:  # noqa: ANN401 - as above
    """Return why something could not be learned; its branches are of the type `content` too."""
    branches = node.member("one_of").elements() if node.has("one_of") else ()
    one_of = tuple(read_value(branch, content) for branch in branches)
    return Unknown(read_reason(node.member("why")), node.at(), node.member("detail").text(), one_of)


def read_reason(node: Node) -> Why:
    """Return the reason why something is not known. Raises UsageError where there is no such reason."""
    text = node.text()
    if text not in {why.value for why in Why}:
        raise node.error(f"there is no reason {text[:40]!r}; expected one of {', '.join(Why)}")
    return Why(text)


def _flag(node: Node, key: str) -> bool:
    return node.has(key) and node.member(key).flag()


def _content(node: Node, at: Origin) -> object:
    if node.has("ref") or node.has("text"):
        return read_text(node)
    if node.has("members"):
        return Record({key: read_value(item, object) for key, item in node.member("members").members()}, _rest(node))
    if node.has("items"):
        return Items(tuple(read_value(item, object) for item in node.member("items").elements()), _rest(node))
    return _literal(node.member("value"), at)


def _rest(node: Node) -> Unknown | None:
    if not node.has("rest"):
        return None
    rest = read_value(node.member("rest"), object)
    if not isinstance(rest, Unknown):
        raise node.member("rest").error("expected a value that is not known")
    return rest


def read_text(node: Node) -> Text:
    """Return a text: plain, another object's attribute, or with holes."""
    if isinstance(node.data, str):
        return node.data
    if node.has("ref"):
        return Reference(node.member("ref").text(), node.member("attribute").text())
    return Template(tuple(_part(part) for part in node.member("text").elements()))


def _part(node: Node) -> str | Reference | Unknown:
    if isinstance(node.data, str):
        return node.data
    if node.has("ref"):
        return Reference(node.member("ref").text(), node.member("attribute").text())
    if node.member("known").flag():
        raise node.error("expected a text, a reference, or a value that is not known")
    return read_unknown(node, object)


def _literal(node: Node, at: Origin) -> object:
    """Return plain JSON, its lists and objects as values that all stand at one place."""
    if isinstance(node.data, list):
        return Items(tuple(_literal_value(item, at) for item in node.elements()))
    if isinstance(node.data, dict):
        return Record({key: _literal_value(item, at) for key, item in node.members()})
    return node.data


def _literal_value(node: Node, at: Origin) -> Value[Any]:
    found = _literal(node, at)
    return Absent(at) if found is None else Known(found, at)
