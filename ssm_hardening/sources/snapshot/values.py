"""JSON → values: V of the contract, checked against what a field of the model may hold."""

from typing import Any, get_args

from ssm_hardening.origins import Origin
from ssm_hardening.sources.snapshot.nodes import Node
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Text, Unknown, Value, Why

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
