"""What every fact has: an address, a place, a name, and whether it exists at all."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, get_type_hints

from ssm_hardening.core.logic import Answer, flag
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Text, Unknown, Value, Why


def not_read() -> Unknown:
    """Return what a field holds that its source does not read: never an absence, never a default."""
    return Unknown(Why.OUT_OF_SCOPE, CodeOrigin("", 0), "not read from this source")


def not_there() -> Absent:
    """Return what a field holds that says something of some objects only: most have no such thing."""
    return Absent(CodeOrigin("", 0))


def none_read() -> Inventory[Any]:
    """Return the list of a kind that its source does not read."""
    return Inventory((), not_read())


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One object of an account.

    `address` is the full instance address (`module.ssm.aws_s3_bucket.l["a"]`), `declaration` the same without
    instance keys (one source block, however many instances), `origin` the block or the API object. `exists` is
    false where `count`, `for_each` or `enabled` yields none, unknown where they cannot be evaluated.
    """

    address: str
    declaration: str
    origin: Origin
    name: Value[Text]
    exists: Value[bool]


def exists(fact: Fact) -> Answer:
    """Say whether a fact exists: one of which that is not said does not."""
    return flag(fact.exists, absent=False)


def hints_of(cls: type) -> dict[str, Any]:
    """Return the resolved type of every field of a class of the model, by name; those included that load on demand."""
    return get_type_hints(cls, localns=_names())


@cache
def _names() -> dict[str, Any]:
    model = import_module("ssm_hardening.model")
    return {name: getattr(model, name) for name in model.__all__}
