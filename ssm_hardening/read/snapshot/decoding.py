"""JSON → accounts, by the types of the model: what its dataclasses say is what is accepted.

Unknown keys are ignored. A value or list that an object does not mention is a gap, never an absence; an object of the
contract's that the model does not hold is left out. A value is V of the contract.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass, replace
from functools import cache
from types import UnionType
from typing import Any, NoReturn, TypeAlias, TypeVar, Union, get_args, get_origin

from ssm_hardening.core.errors import UsageError, listed
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.model import Account
from ssm_hardening.model.facts import hints_of
from ssm_hardening.read.snapshot.encoding import SCHEMA

T = TypeVar("T")

_AGAIN = "the file may be truncated; record it again with `ssm-harden inspect --format json`"
_MEND = "record the account again with `ssm-harden inspect --format json`, or fix the file according to its JSON Schema"
_DEEPEST = 120
"""Values nested deeper than this are refused: no policy or document is."""


def loads(text: str, *, file: str) -> tuple[Account, ...]:
    """Return the accounts in the text of a snapshot called `file`. Raises UsageError where it is none."""
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise UsageError(f"{file}: nested too deeply", hint=_AGAIN) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}: invalid JSON: {error.msg}", hint=_AGAIN) from error
    except ValueError as error:
        raise UsageError(f"{file}: invalid JSON: {error}", hint=_AGAIN) from error
    return from_json(data, file=file)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a valid JSON number")


def from_json(data: object, *, file: str = "snapshot") -> tuple[Account, ...]:
    """Return the accounts of a document. `file` names it in messages.

    Raises UsageError, with the JSON path, where it is not one of `ssm-harden/account/1`.
    """
    root = _Node(data, f"{file}: $", CodeOrigin(file, 0))
    schema = root.member("schema").text()
    if schema != SCHEMA:
        hint = "record the account again with this version of ssm-harden"
        raise root.member("schema").error(f"unsupported schema {schema[:40]!r}; expected {SCHEMA}", hint=hint)
    read = _reader(Account)
    return tuple(read(node) for node in root.member("accounts").elements())


@dataclass(frozen=True, slots=True)
class _Node:
    """One member of a document. `place` is the origin of what names none itself.

    Each method raises UsageError, which names this place, where there is something else.
    """

    data: object
    path: str
    place: Origin
    depth: int = 0

    def error(self, reason: str, *, hint: str = _MEND) -> UsageError:
        return UsageError(f"{self.path}: {reason}", hint=hint)

    def mapping(self) -> dict[str, object]:
        return self._of(dict, "an object")

    def has(self, key: str) -> bool:
        return key in self.mapping()

    def member(self, key: str) -> "_Node":
        """Return the member of this name, which must be there and not too deep."""
        data = self.mapping()
        if key not in data:
            raise self.error(f"has no {key!r}")
        return self._inner(data[key], f".{key}" if key.isidentifier() else f"[{key!r}]")

    def members(self) -> Iterator[tuple[str, "_Node"]]:
        for key in self.mapping():
            yield key, self.member(key)

    def elements(self) -> Iterator["_Node"]:
        for index, item in enumerate(self._of(list, "a list")):
            yield self._inner(item, f"[{index}]")

    def _inner(self, data: object, step: str) -> "_Node":
        if self.depth >= _DEEPEST:
            raise self.error("nested too deeply")
        return _Node(data, self.path + step, self.place, self.depth + 1)

    def text(self) -> str:
        return self._of(str, "a string")

    def whole_number(self) -> int:
        return self._of(int, "a whole number")

    def flag(self) -> bool:
        return self._of(bool, "a boolean")

    def _of(self, kind: type[T], expected: str) -> T:
        if not isinstance(self.data, kind) or (kind is int and isinstance(self.data, bool)):
            raise self.error(f"expected {expected}, found {_kind(self.data)}")
        return self.data

    def at(self, key: str = "at") -> Origin:
        """Return the origin under `key`, or the inherited one where there is none."""
        return self.member(key).origin() if self.has(key) else self.place

    def origin(self) -> Origin:
        if self.has("arn"):
            return ApiOrigin(self.member("arn").text(), self.member("call").text())
        end = self.member("end_line").whole_number() if self.has("end_line") else 0
        module = self.member("module_path").text() if self.has("module_path") else ""
        return CodeOrigin(self.member("file").text(), self.member("line").whole_number(), end, module)

    def placed(self, origin: Origin) -> "_Node":
        return replace(self, place=origin)


def _kind(data: object) -> str:
    match data:
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case str():
            return f"the string {data[:40]!r}"
        case int() | float():
            return f"the number {data}"
        case list():
            return "a list"
        case _:
            return "an object"


Reader: TypeAlias = Callable[[_Node], Any]


@cache
def _reader(hint: object) -> Reader:
    if get_origin(hint) in {Union, UnionType}:
        return _union_reader(hint)
    if get_origin(hint) is Inventory:
        (of,) = get_args(hint)
        return lambda node: _inventory(node, _reader(of))
    if get_origin(hint) is tuple:
        of = _reader(get_args(hint)[0])
        return lambda node: tuple(of(item) for item in node.elements())
    if is_dataclass(hint) and isinstance(hint, type):
        return lambda node: _object(node, hint)
    plain: dict[Any, Reader] = {str: _Node.text, int: _Node.whole_number, bool: _Node.flag, Why: _reason}
    return plain[hint]


def _union_reader(hint: object) -> Reader:
    if hint == Origin:
        return _Node.origin
    if hint == Text:
        return _text
    known = next(part for part in get_args(hint) if get_origin(part) is Known)
    content = get_args(known)[0]
    return lambda node: _value(node, content)


def _inventory(node: _Node, of: Reader) -> Inventory[Any]:
    gap = node.member("gap")
    items = tuple(of(item) for item in node.member("items").elements())
    return Inventory(items, None if gap.data is None else _unknown(gap, object))


def _object(node: _Node, cls: type) -> object:
    hints = hints_of(cls)
    place = node.at("origin" if "origin" in hints else "at")
    placed = node.placed(place)
    return cls(**{name: _member(placed, name, hint) for name, hint in hints.items()})


def _member(node: _Node, name: str, hint: object) -> object:
    if node.has(name):
        return _reader(hint)(node.member(name))
    silence = Unknown(Why.OUT_OF_SCOPE, node.place, f"{name} is not in the snapshot")
    if hint == Origin:
        return node.place
    if name == "declaration":
        return re.sub(r"\[[^\]]*\]", "", node.member("address").text())
    if get_origin(hint) is Inventory:
        return Inventory((), silence)
    if get_origin(hint) is tuple:
        return ()
    if get_origin(hint) in {Union, UnionType} and Absent in get_args(hint):
        return silence
    raise node.error(f"has no {name!r}")


_WORDS: dict[Any, str] = {
    bool: "a boolean",
    int: "a whole number",
    str: "a string",
    Items: "a list",
    Record: "an object",
    Text: "a string",
}


def _value(node: _Node, content: object) -> Value[object]:
    """Return the value that stands here. Raises UsageError where it is not one, or not of the type `content`."""
    if node.data is None:
        return Absent(node.place)
    if not node.member("known").flag():
        return _unknown(node, content)
    at = node.at()
    if node.has("withheld"):
        return Unknown(Why.OUT_OF_SCOPE, at, "the value is sensitive, so it was not recorded")
    node = node.placed(at)
    found = _content(node, at)
    if found is None:
        return Absent(at)
    if not _fits(found, content):
        raise node.error(f"expected {_WORDS.get(content, 'another type')}")
    defaulted = node.has("defaulted") and node.member("defaulted").flag()
    return Known(found, at, defaulted=defaulted, raw=node.member("raw").text() if node.has("raw") else None)


def _fits(found: object, content: object) -> bool:
    """Say whether this is what a field of this type holds; a truth value is no number."""
    if content is object or isinstance(found, bool):
        return content in {object, bool}
    types: tuple[Any, ...] = get_args(content) or (content,)
    return isinstance(found, types)


def _unknown(node: _Node, content: object) -> Unknown:
    """Return why something could not be learned; its branches are of the type `content` too."""
    branches = node.member("one_of").elements() if node.has("one_of") else ()
    one_of = tuple(_value(branch, content) for branch in branches)
    return Unknown(_reason(node.member("why")), node.at(), node.member("detail").text(), one_of)


def _reason(node: _Node) -> Why:
    text = node.text()
    if text not in {why.value for why in Why}:
        raise node.error(f"unknown reason {text[:40]!r}; expected {listed(list(Why))}")
    return Why(text)


def _content(node: _Node, at: Origin) -> object:
    if node.has("ref") or node.has("text"):
        return _text(node)
    if node.has("members"):
        return Record({key: _value(item, object) for key, item in node.member("members").members()}, _rest(node))
    if node.has("items"):
        return Items(tuple(_value(item, object) for item in node.member("items").elements()), _rest(node))
    return _literal(node.member("value"), at)


def _rest(node: _Node) -> Unknown | None:
    if not node.has("rest"):
        return None
    rest = _value(node.member("rest"), object)
    if not isinstance(rest, Unknown):
        raise node.member("rest").error("expected an unknown value")
    return rest


def _text(node: _Node) -> Text:
    """Return a text: plain, another object's attribute, or with holes."""
    if isinstance(node.data, str) or node.has("ref"):
        return _text_or_reference(node)
    return Template(tuple(_part(part) for part in node.member("text").elements()))


def _text_or_reference(node: _Node) -> str | Reference:
    if isinstance(node.data, str):
        return node.data
    return Reference(node.member("ref").text(), node.member("attribute").text())


def _part(node: _Node) -> str | Reference | Unknown:
    if isinstance(node.data, str) or node.has("ref"):
        return _text_or_reference(node)
    if node.member("known").flag():
        raise node.error("expected a string, a reference, or an unknown value")
    return _unknown(node, object)


def _literal(node: _Node, at: Origin) -> object:
    """Return plain JSON, its lists and objects as values that all stand at one place."""
    if isinstance(node.data, list):
        return Items(tuple(_literal_value(item, at) for item in node.elements()))
    if isinstance(node.data, dict):
        return Record({key: _literal_value(item, at) for key, item in node.members()})
    return node.data


def _literal_value(node: _Node, at: Origin) -> Value[object]:
    found = _literal(node, at)
    return Absent(at) if found is None else Known(found, at)
