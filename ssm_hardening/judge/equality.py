"""Whether code and account say the same of one object: compared as data, wherever both sides know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ssm_hardening.core.logic import literal
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Fact
from ssm_hardening.model.joins import names

KINDS = ("session_documents", "log_buckets", "log_groups", "keys", "roles", "settings", "trails", "event_rules")
"""The inventories of an account whose objects have names of their own in code and in AWS alike."""

_NOT_COMPARED = frozenset(
    {"address", "declaration", "origin", "name", "exists", "used_by", "instances", "aliases", "prevent_destroy"}
    | {"default_version", "latest_version", "versions_agree", "changed", "deletion_window_days", "attached_to"}
)
"""What identifies an object, what only one side can have, and who uses it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A key that code and account know differently."""

    key: str
    declared: Value[Any] | Inventory[Statement]
    deployed: Value[Any] | Inventory[Statement]


@dataclass(slots=True)
class Matches:
    """Which declared fact is which deployed one, by (root, address); several candidates make it uncertain."""

    certain: dict[tuple[str, str], tuple[str, Fact]] = field(default_factory=dict)
    possible: dict[tuple[str, str], list[tuple[str, Fact]]] = field(default_factory=dict)


def resolved(value: Value[Any], code: Account) -> Value[Any]:
    """Return the literal name of the object that a reference means, where the code gives it one."""
    if not isinstance(value, Known) or not isinstance(value.value, Reference):
        return value
    fact = _fact_at(value.value, code)
    name = None if fact is None else literal(fact.name)
    return Unknown(Why.COMPUTED, value.at, str(value.value)) if name is None else Known(name, value.at)


def _fact_at(reference: Reference, code: Account) -> Fact | None:
    facts = (fact for kind in KINDS for fact in getattr(code, kind).items)
    return next((fact for fact in facts if fact.address == reference.address), None)


def compared(code: Account, fact: Fact, other: Fact, matches: Matches) -> Iterator[Difference | str]:
    """Yield the differences of a pair, and the names of the keys that cannot be compared."""
    for each in fields(fact):
        if each.name in _NOT_COMPARED:
            continue
        declared, deployed = getattr(fact, each.name), getattr(other, each.name)
        answer = _equal(declared, deployed, code, matches)
        if answer is None:
            yield each.name
        elif not answer:
            yield Difference(each.name, declared, deployed)


def _equal(declared: object, deployed: object, code: Account, matches: Matches) -> bool | None:
    """Say whether two readings agree; None where either side does not know."""
    match declared, deployed:
        case Known(Reference() as reference), Known(str()):
            fact = _fact_at(reference, code)
            twin = None if fact is None else matches.certain.get((code.root, fact.address))
            if twin is not None:
                return names(deployed, twin[1])
        case Known(str() | Template()), Known(str() as text) if declared.value != text:
            return _same_object(declared, deployed, code, matches)
        case _:
            pass
    one, two = _plain(declared, code), _plain(deployed, code)
    return None if _has_open(one) or _has_open(two) else one == two


def _same_object(declared: Known[Any], deployed: Known[Any], code: Account, matches: Matches) -> bool | None:
    """Compare two texts that may be a name and an ARN of one object."""
    for _, other in matches.certain.values():
        one, two = names(declared, other), names(deployed, other)
        if one is True and two is True:
            return True
    plain = _plain(declared, code)
    return None if _has_open(plain) else plain == _plain(deployed, code)


class _Open:
    """Stands for what is not known in data that is compared."""


def _has_open(data: object) -> bool:
    match data:
        case _Open():
            return True
        case Mapping():
            return any(_has_open(each) for each in data.values())
        case tuple() | list():
            return any(_has_open(each) for each in data)
        case _:
            return False


def _plain(value: Any, code: Account) -> object:  # noqa: ANN401 - any field of any fact
    """Return a value as plain data that compares by content; lists in one order, since AWS's are sets here."""
    if isinstance(value, Inventory):
        return _Open() if value.gap is not None else sorted((_statement(each, code) for each in value), key=repr)
    match resolved(value, code):
        case Known(Record(members, rest)):
            return _Open() if rest is not None else {key: _plain(each, code) for key, each in members.items()}
        case Known(Items(listed, rest)):
            return _Open() if rest is not None else sorted((_plain(each, code) for each in listed), key=repr)
        case Known(Reference() | Template()) | Unknown():
            return _Open()
        case Known(plain):
            return (type(plain).__name__, plain)
        case Absent():
            return None


def _statement(statement: Statement, code: Account) -> object:
    members = (each.name for each in fields(statement) if each.name not in {"at", "sid"})
    return {name: _plain(getattr(statement, name), code) for name in members}
