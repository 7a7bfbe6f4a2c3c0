"""JSON → accounts, by the types of the model: what its dataclasses say is what is accepted.

Unknown keys are ignored. A value or list that an object does not mention is a gap, never an absence; an object of the
contract's that the model does not hold is left out.
"""

import json
import re
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, NoReturn, TypeAlias, Union, get_args, get_origin

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Why
from ssm_hardening.model import Account
from ssm_hardening.model.hints import hints_of
from ssm_hardening.read.snapshot.encoding import SCHEMA
from ssm_hardening.read.snapshot.values import Node, read_reason, read_text, read_unknown, read_value

Reader: TypeAlias = Callable[[Node], Any]

_AGAIN = "the file may be cut off: record it again with `ssm-harden inspect --format json`"


def loads(text: str, *, file: str) -> tuple[Account, ...]:
    """Return the accounts in the text of a snapshot called `file`. Raises UsageError where it is none."""
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise UsageError(f"{file}: is nested too deep", hint=_AGAIN) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}: is not JSON: {error.msg}", hint=_AGAIN) from error
    except ValueError as error:
        raise UsageError(f"{file}: is not JSON: {error}", hint=_AGAIN) from error
    return from_json(data, file=file)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def from_json(data: object, *, file: str = "snapshot") -> tuple[Account, ...]:
    """Return the accounts of a document. `file` names it in messages.

    Raises UsageError, with the JSON path, where it is not one of `ssm-harden/account/1`.
    """
    root = Node(data, f"{file}: $", CodeOrigin(file, 0))
    schema = root.member("schema").text()
    if schema != SCHEMA:
        hint = "record the account again with this version of ssm-harden"
        raise root.member("schema").error(f"this version reads {SCHEMA}, not {schema[:40]!r}", hint=hint)
    read = _reader(Account)
    return tuple(read(node) for node in root.member("accounts").elements())


@cache
def _reader(hint: Any) -> Reader:  # noqa: ANN401 - a type as written in the model
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
    plain: dict[Any, Reader] = {str: Node.text, int: Node.whole_number, bool: Node.flag, Why: read_reason}
    return plain[hint]


def _union_reader(hint: Any) -> Reader:  # noqa: ANN401 - a type as written in the model
    if hint == Origin:
        return Node.origin
    if hint == Text:
        return read_text
    known = next(part for part in get_args(hint) if get_origin(part) is Known)
    content = get_args(known)[0]
    return lambda node: read_value(node, content)


def _inventory(node: Node, of: Reader) -> Inventory[Any]:
    gap = node.member("gap")
    items = tuple(of(item) for item in node.member("items").elements())
    return Inventory(items, None if gap.data is None else read_unknown(gap, object))


def _object(node: Node, cls: type) -> Any:  # noqa: ANN401 - an instance of cls
    hints = hints_of(cls)
    place = node.at("origin" if "origin" in hints else "at")
    placed = node.placed(place)
    return cls(**{name: _member(placed, name, hint) for name, hint in hints.items()})


def _member(node: Node, name: str, hint: Any) -> Any:  # noqa: ANN401 - a type as written in the model
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
