"""Lists that several arguments and resources fill together: what cannot be told of one leaves the whole open."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown, Value
from ssm_hardening.read.facts.arguments import argument_text, items, mapped, same
from ssm_hardening.read.facts.attachments import Attachment
from ssm_hardening.read.graph import Config

T = TypeVar("T")


def texts(value: Value[Any], what: str) -> Value[Items]:
    """Return a list of texts."""

    def each(known: Known[Any]) -> Value[Items]:
        listed = (argument_text(item, what) for item in known.value.items)
        return replace(known, value=Items(tuple(item for item in listed if not isinstance(item, Absent)), _rest(known)))

    return mapped(items(value, what), each)


def _rest(known: Known[Any]) -> Unknown | None:
    rest: Unknown | None = known.value.rest
    return rest


def gathered(parts: Iterable[Value[Any]], at: Origin, *, gap: Unknown | None = None) -> Value[Items]:
    """Return the members of several lists, and single texts, as one list without doubles.

    Where nothing is known but that there may be something, the whole is not known.
    """
    found: list[Value[Any]] = []
    rest = gap
    for part in parts:
        match part:
            case Known(Items(members, more)):
                found += [member for member in members if not _is_among(member, found)]
                rest = more if rest is None else rest
            case Known():
                found += [] if _is_among(part, found) else [part]
            case Unknown():
                rest = part if rest is None else rest
            case Absent():
                pass
    if not found and rest is not None:
        return replace(rest, one_of=())
    return Known(Items(tuple(found), rest), at)


def _is_among(member: Value[Any], found: list[Value[Any]]) -> bool:
    return any(same(member, other) or member == other for other in found)


def said(found: Inventory[Attachment], read: Callable[[Config], Value[Any]]) -> Iterator[Value[Any]]:
    """Yield what attachments say; a gap for one that may be about another object, or may not exist."""
    for each in found:
        yield read(each.resource.config) if each.doubt is None else each.doubt
    if found.gap is not None:
        yield found.gap


def joined(parts: Iterable[Inventory[T]], *, gap: Unknown | None = None) -> Inventory[T]:
    """Return several inventories as one, open where one of them is."""
    listed = tuple(parts)
    gaps = (gap, *(part.gap for part in listed))
    return Inventory(
        tuple(item for part in listed for item in part), next((each for each in gaps if each is not None), None)
    )
