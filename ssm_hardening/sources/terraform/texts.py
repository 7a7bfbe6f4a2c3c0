"""Texts in parts: how literal text, references and unknowns join to one value."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeAlias

from ssm_hardening import limits
from ssm_hardening.origins import Origin
from ssm_hardening.values import Known, Reference, Template, Unknown, Value

Part: TypeAlias = str | Reference | Unknown

MAX_TEXT = limits.TEXT
"""Characters a computed text may have; more is not evaluated."""


def number_text(number: float) -> str:
    """Write a number as Terraform does: without exponent, and without `.0`."""
    if isinstance(number, int):
        return str(number)
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def scalar_text(value: object) -> str | None:
    """Return what a literal becomes where Terraform wants a string, or None where it is no scalar."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return value
        case _:
            return None


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts with neighbouring literals merged and empty ones left out."""
    merged: list[Part] = []
    pending: list[str] = []
    for part in parts:
        if isinstance(part, str):
            pending.append(part)
            continue
        _flush(pending, merged)
        merged.append(part)
    _flush(pending, merged)
    return tuple(merged)


def _flush(pending: list[str], merged: list[Part]) -> None:
    text = "".join(pending)
    pending.clear()
    if text:
        merged.append(text)


def text_of(parts: Iterable[Part], at: Origin) -> Value[Any]:
    """Return the parts as one value: a string, a reference, a template, or the one unknown they consist of."""
    match joined(parts):
        case ():
            return Known("", at)
        case (Unknown() as gap,):
            return replace(gap, one_of=tuple(_as_string(each) for each in gap.one_of))
        case (part,):
            return Known(part, at)
        case several:
            return Known(Template(several), at)


def _as_string(value: Value[Any]) -> Value[Any]:
    """Return a candidate as the string it becomes inside a text."""
    if isinstance(value, Known) and isinstance(value.value, bool | int | float):
        return Known(scalar_text(value.value), value.at)
    return value


def parts_of(value: object) -> tuple[Part, ...] | None:
    """Return the parts of a known value that is a text, or None where it is none."""
    match value:
        case Template(parts):
            return parts
        case Reference():
            return (value,)
        case _:
            text = scalar_text(value)
            return None if text is None else (text,)


def length_of(parts: Sequence[Part]) -> int:
    """Return how many literal characters the parts have."""
    return sum(len(part) for part in parts if isinstance(part, str))
