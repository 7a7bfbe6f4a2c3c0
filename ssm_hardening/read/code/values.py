"""Values that only Terraform has, and whether values of any shape are known throughout, open, invalid, or the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.core.values import Absent, Datum, Encoded, Items, Known, Record, Reference, Template, Unknown, Value
from ssm_hardening.text.writing import as_text

Values: TypeAlias = Sequence[Value[Datum]]


@dataclass(frozen=True, slots=True)
class Invalid(Unknown):
    """Terraform would refuse this expression; `try` and `can` go on to the next one.

    Everywhere else it is an Unknown like any other.
    """


@dataclass(frozen=True, slots=True)
class SetItems(Items):
    """The members of a set, in the order in which Terraform walks them: in a `for`, each is its own key."""


def is_invalid(value: Value[Datum]) -> bool:
    """Say whether Terraform raises an error on the value or on any of its members."""
    match value:
        case Invalid():
            return True
        case Known(Record(members)):
            return any(is_invalid(member) for member in members.values())
        case Known(Items(items)):
            return any(is_invalid(item) for item in items)
        case _:
            return False


def is_open(value: Value[Datum]) -> bool:
    """Say whether anything in the value is not known; a reference is."""
    match value:
        case Unknown() | Known(Template()):
            return True
        case Known(Record(members, rest)):
            return rest is not None or any(is_open(member) for member in members.values())
        case Known(Items(items, rest)):
            return rest is not None or any(is_open(item) for item in items)
        case Known(Encoded(value=inner)):
            return is_open(inner)
        case Known() | Absent():
            return False


def is_literal(value: Value[Datum]) -> bool:
    """Say whether the value is known down to its last member."""
    return _all_known(value, lambda inner: not isinstance(inner, Reference | Template))


def is_fixed(value: Value[Datum]) -> bool:
    """Say whether two values written like this one are equal: literals and references to single objects."""
    return _all_known(value, _is_fixed_text)


def _is_fixed_text(inner: object) -> bool:
    parts = inner.parts if isinstance(inner, Template) else (inner,)
    return not any(
        isinstance(part, Unknown) or (isinstance(part, Reference) and "[*]" in part.address) for part in parts
    )


def _all_known(value: Value[Datum], accepts: Callable[[object], bool]) -> bool:
    match as_text(value):
        case Known(Record(members, rest)):
            return rest is None and all(_all_known(member, accepts) for member in members.values())
        case Known(Items(items, rest)):
            return rest is None and all(_all_known(item, accepts) for item in items)
        case Known(inner):
            return accepts(inner)
        case Absent():
            return True
        case Unknown():
            return False


def same(one: Value[Datum], other: Value[Datum]) -> bool:
    """Say whether two values are equal, wherever they were written."""
    if isinstance(one, Known) and isinstance(other, Known):
        return _same_content(one.value, other.value)
    if isinstance(one, Absent):
        return isinstance(other, Absent)
    return isinstance(one, Unknown) and one == other


def _same_content(one: Datum, other: Datum) -> bool:
    match one, other:
        case (Record(a, None), Record(b, None)):
            return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
        case (Items(a, None), Items(b, None)):
            same_kind = isinstance(one, SetItems) == isinstance(other, SetItems) and len(a) == len(b)
            return same_kind and all(same(x, y) for x, y in zip(a, b, strict=True))
        case (Encoded(a, x), Encoded(b, y)):
            return a == b and same(x, y)
        case (Template(a), Template(b)):
            return a == b
        case _:
            return type(one) is type(other) and one == other
