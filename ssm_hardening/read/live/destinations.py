"""What documents, buckets and log groups name: the stores and keys to look up, and who uses each."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown, Value, Why
from ssm_hardening.model import Fact
from ssm_hardening.read.live.answers import first_gap

F = TypeVar("F", bound=Fact)

_PARAMETER = re.compile(r"\{\{.*\}\}", re.DOTALL)
_BUCKET_NAME = re.compile(r"[a-zA-Z0-9._-]{1,255}")


def literal(value: Value[Any]) -> Value[Any]:
    """Return the name as one that can be looked up; a parameter (`{{ name }}`) stands for what the caller chooses."""
    match value:
        case Known(str() as text, at) if _PARAMETER.search(text):
            return Unknown(Why.COMPUTED, at, f"the caller's parameter {text}")
        case Known(str()) | Absent() | Unknown():
            return value
        case Known(_, at):
            return Unknown(Why.UNSUPPORTED, at, "not a literal name")


def can_be_bucket(name: str) -> bool:
    """Say whether a bucket can have this name; boto3 asks about no other."""
    return _BUCKET_NAME.fullmatch(name) is not None


def named(users: Inventory[F], what: Callable[[F], Value[Any]], wanted: Iterable[str] = ()) -> Inventory[str]:
    """Return the names to look up, sorted; the gap says why users may name more.

    What a caller may choose is no gap: it is no store of the account's choice.
    """
    values = [what(user) for user in users]
    names = {each.value for each in map(literal, values) if isinstance(each, Known)}
    gaps = [each for each in values if isinstance(each, Unknown)]
    return Inventory(tuple(sorted({*names, *wanted})), first_gap(users.gap, *gaps))


def used_by(name: str, users: Inventory[F], what: Callable[[F], Value[Any]], origin: Origin) -> Value[Items]:
    """Return the addresses of the users that name an object; open-ended where what one names cannot be told."""
    found: list[Known[str]] = []
    doubt = users.gap
    for user in users:
        match what(user):
            case Known(text, at) if text == name:
                found.append(Known(user.address, at))
            case Unknown(why, at, detail) if doubt is None:
                doubt = Unknown(why, at, f"whether {user.address} uses {name}: {detail}")
            case Known() | Absent() | Unknown():
                pass
    if found or doubt is None:
        return Known(Items(tuple(found), doubt), origin)
    return doubt
