"""What is known letter by letter, and may so be written into a module call."""

from collections.abc import Iterator
from typing import Any

from ssm_hardening.values import Absent, Items, Known, Unknown, Value


def literal(value: Value[Any]) -> str | None:
    """Return a text that is known letter by letter; None for an empty one, a reference, or what is not known."""
    match value:
        case Known(str() as text):
            return text or None
        case Known() | Absent() | Unknown():
            return None


def literals_in(value: Value[Items]) -> Iterator[str]:
    """Yield the members of a list that are known letter by letter."""
    match value:
        case Known(Items(items)):
            yield from (text for text in map(literal, items) if text is not None)
        case Absent() | Unknown():
            return
