"""What stands around sessions, in a few lines for each object: nodes, roles, network, history, holdings and owners."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any

from ssm_hardening.model import Fact
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.report.shown import shown, shown_list
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.values import Absent, Inventory, Known, Reference, Unknown, Value

_HEAD = frozenset({"address", "declaration", "origin"})
_MOST = 40
"""How many objects of one kind are listed; the JSON of the same command holds all of them."""


def brief_facts(facts: Sequence[Fact], style: Style) -> list[str]:
    """Return each object with what is known of it in one paragraph, what is not, and what is not set."""
    return _some(facts, lambda fact: [*_fact(fact, style), ""], style)


def _some(things: Sequence[Any], lines_of: Callable[[Any], list[str]], style: Style) -> list[str]:
    lines = [line for thing in things[:_MOST] for line in lines_of(thing)]
    if len(things) <= _MOST:
        return lines
    return [*lines, *style.wrap(f"and {len(things) - _MOST} more: --format json lists all of them", 4, Tone.DIM), ""]


def _fact(fact: Fact, style: Style) -> list[str]:
    named = [(field.name, getattr(fact, field.name)) for field in fields(fact) if field.name not in _HEAD]
    told = [f"{name} = {_text(value)}" for name, value in named if _is_told(name, value, fact)]
    hidden = [name for name, value in named if isinstance(value, Unknown)]
    unset = [name for name, value in named if isinstance(value, Absent)]
    place = f"  {style.paint(str(fact.origin), Tone.DIM)}" if isinstance(fact.origin, CodeOrigin) else ""
    return [
        f"    {style.paint(fact.address, Tone.CYAN)}{place}",
        *style.wrap(" · ".join(told), 6, hang=2),
        *style.wrap(f"not known: {', '.join(hidden)}" if hidden else "", 6, Tone.YELLOW, hang=11),
        *style.wrap(f"not set: {', '.join(unset)}" if unset else "", 6, Tone.DIM, hang=9),
    ]


def _is_told(name: str, value: Value[Any] | Inventory[Any], fact: Fact) -> bool:
    """Say whether a field adds something to the address: neither that the object exists, nor its own reference."""
    match value:
        case Known(Reference(address)):
            return address != fact.address
        case Known(True) if name == "exists":
            return False
        case Known() | Inventory():
            return True
        case Absent() | Unknown():
            return False


def _text(value: Value[Any] | Inventory[Any]) -> str:
    return shown_list(value) if isinstance(value, Inventory) else shown(value)


def brief_holdings(holdings: Sequence[Any], style: Style) -> list[str]:
    """Return for each fact which resources of Terraform's there are to import."""
    types: dict[str, list[str]] = {}
    for each in holdings:
        types.setdefault(each.of, []).append(each.type)
    return _some(tuple(types), lambda of: _about(of, types[of], style), style)


def brief_owners(owners: Sequence[Any], style: Style) -> list[str]:
    """Return who manages what; nobody that is known is left out."""
    told = [each for each in owners if not isinstance(each.owner, Absent)]
    if not told:
        return ["    nobody says that they manage any of it", ""]
    return _some(told, lambda each: _about(each.of, [_text(each.owner), *_known((each.name,))], style), style)


def _known(values: Iterable[Value[Any]]) -> list[str]:
    return [_text(value) for value in values if isinstance(value, Known)]


def _about(of: str, texts: Sequence[str], style: Style) -> list[str]:
    return [*style.wrap(of, 4, Tone.CYAN), *style.wrap(" · ".join(texts), 6, hang=2), ""]
