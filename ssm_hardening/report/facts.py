"""The facts, for people and as JSON: what was read, without opinion, and what could not be."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import certainly
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.redaction import WITHHELD
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.model import Account, Fact, Gap
from ssm_hardening.read.snapshot import to_json
from ssm_hardening.report.style import Style, Tone, breadth
from ssm_hardening.report.words import within

_HEAD = frozenset({"address", "declaration", "origin"})
_MOST = 40
"""How many objects of one kind are listed; the JSON of the same command holds all of them."""


_OTHERWISE = frozenset({"usage_signs", "gaps"})
_IN_FULL = frozenset({"session_documents", "log_buckets", "log_groups", "keys"})
"""The kinds that sessions depend on, every value with its place; the others are told in brief."""


def render_facts_json(accounts: Sequence[Account], _style: Style) -> str:
    """Return the facts as a snapshot of the accounts holds them."""
    return json.dumps(to_json(accounts), indent=2)


def render_facts(accounts: Sequence[Account], style: Style) -> str:
    """Return every account's objects with what is set, what is not known, and what is not set; then the gaps."""
    lines = [line for account in accounts for line in _account(account, style)]
    if not accounts:
        lines = [style.paint("nothing about Session Manager was read", Tone.DIM)]
    return style.finish(lines)


def _account(account: Account, style: Style) -> list[str]:
    place = f"account {_shown(account.account)} · region {_shown(account.region)}"
    lines = style.heading(f"{account.root} ({account.source})", place)
    kinds = [(field.name, getattr(account, field.name)) for field in fields(account) if field.name not in _OTHERWISE]
    lists = [(name, held) for name, held in kinds if isinstance(held, Inventory)]
    for name, held in lists:
        lines += [] if _is_unread(held) else _inventory(name, held, account.root, style)
    unread = [_title(name) for name, held in lists if _is_unread(held)]
    lines += [*style.wrap(f"not read from this source: {', '.join(unread)}", 2, Tone.DIM, hang=2), ""] if unread else []
    return [*lines, *_gaps(account.gaps, style)]


def _title(name: str) -> str:
    return name.replace("_", " ")


def _is_unread(inventory: Inventory[Any]) -> bool:
    return not inventory.items and inventory.gap is not None and inventory.gap.why is Why.OUT_OF_SCOPE


def _inventory(name: str, inventory: Inventory[Any], root: str, style: Style) -> list[str]:
    if not inventory.items and inventory.gap is None:
        return [f"  {style.paint(_title(name), Tone.BOLD)}  {style.paint('none', Tone.DIM)}", ""]
    lines = [f"  {style.paint(_title(name), Tone.BOLD)}", *_listed(name, inventory.items, root, style)]
    if inventory.gap is None:
        return lines
    return [*lines, *style.wrap(f"? there may be more: {inventory.gap.detail}", 4, Tone.YELLOW, hang=2), ""]


def _listed(name: str, items: tuple[Any, ...], root: str, style: Style) -> list[str]:
    match name:
        case "holdings":
            return _brief_holdings(items, style)
        case "owners":
            return _brief_owners(items, style)
        case _ if name in _IN_FULL:
            return [line for fact in items for line in (*_fact(fact, root, style), "")]
        case _:
            return _brief_facts(items, style)


def _brief_facts(facts: Sequence[Fact], style: Style) -> list[str]:
    """Return each object with what is known of it in one paragraph, what is not, and what is not set."""
    return _some(facts, lambda fact: [*_brief_fact(fact, style), ""], style)


def _some(things: Sequence[Any], lines_of: Callable[[Any], list[str]], style: Style) -> list[str]:
    lines = [line for thing in things[:_MOST] for line in lines_of(thing)]
    if len(things) <= _MOST:
        return lines
    return [*lines, *style.wrap(f"and {len(things) - _MOST} more (--format json lists all)", 4, Tone.DIM), ""]


def _brief_fact(fact: Fact, style: Style) -> list[str]:
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

    def adds(content: object) -> bool:
        if isinstance(content, Reference):
            return content.address != fact.address
        return not (name == "exists" and content is True)

    return isinstance(value, Inventory) or certainly(value, adds)


def _text(value: Value[Any] | Inventory[Any]) -> str:
    return _shown_list(value) if isinstance(value, Inventory) else _shown(value)


def _brief_holdings(holdings: Sequence[Any], style: Style) -> list[str]:
    """Return for each fact which resources of Terraform's there are to import."""
    types: dict[str, list[str]] = {}
    for each in holdings:
        types.setdefault(each.of, []).append(each.type)
    return _some(tuple(types), lambda of: _about(of, types[of], style), style)


def _brief_owners(owners: Sequence[Any], style: Style) -> list[str]:
    """Return who manages what; nobody that is known is left out."""
    told = [each for each in owners if not isinstance(each.owner, Absent)]
    if not told:
        return ["    no owner claims to manage any of it", ""]
    return _some(told, lambda each: _about(each.of, [_text(each.owner), *_known((each.name,))], style), style)


def _known(values: Iterable[Value[Any]]) -> list[str]:
    return [_text(value) for value in values if isinstance(value, Known)]


def _about(of: str, texts: Sequence[str], style: Style) -> list[str]:
    return [*style.wrap(of, 4, Tone.CYAN), *style.wrap(" · ".join(texts), 6, hang=2), ""]


def _fact(fact: Fact, root: str, style: Style) -> list[str]:
    lines = [f"    {style.paint(fact.address, Tone.CYAN)}  {style.paint(str(fact.origin), Tone.DIM)}"]
    if breadth(lines[0]) > style.width:
        lines = [*style.wrap(fact.address, 4, Tone.CYAN), *style.wrap(str(fact.origin), 6, Tone.DIM)]
    named = [(field.name, getattr(fact, field.name)) for field in fields(fact) if field.name not in _HEAD]
    set_ones = [(name, value) for name, value in named if not _is_unset(value)]
    room = max((len(name) for name, _ in set_ones), default=0)
    for name, value in set_ones:
        lines += _member(name.ljust(room), value, within(_place(value, fact.origin), root), style)
    unset = [name for name, value in named if _is_unset(value)]
    return lines + style.wrap(f"not set: {', '.join(unset)}" if unset else "", 6, Tone.DIM, hang=9)


def _is_unset(value: Value[Any] | Inventory[Any]) -> bool:
    return isinstance(value, Absent)


def _place(value: Value[Any] | Inventory[Any], origin: Origin) -> str:
    """Say where a value was read, where that is not the object's own first line; of its own ARN, only the call."""
    if isinstance(value, Inventory) or str(value.at) == str(origin):
        return ""
    match value.at, origin:
        case ApiOrigin(arn, call), ApiOrigin(own) if arn == own:
            return call
        case at, _:
            return str(at)


def _member(name: str, value: Value[Any] | Inventory[Any], place: str, style: Style) -> list[str]:
    tones = (Tone.YELLOW,) if isinstance(value, Unknown) else ()
    mark = " (default)" if isinstance(value, Known) and value.defaulted else ""
    text = _shown_list(value) if isinstance(value, Inventory) else _shown(value)
    first, *others = style.wrap(f"{text}{mark}", 9 + len(name), *tones, hang=2) or [""]
    lines = [f"      {style.paint(name, Tone.DIM)} = {first.lstrip()}", *others]
    if place and breadth(lines[-1]) + 2 + len(place) <= style.width:
        return [*lines[:-1], f"{lines[-1]}  {style.paint(place, Tone.DIM)}"]
    return [*lines, *style.wrap(place, 9 + len(name), Tone.DIM)]


def _gaps(gaps: Iterable[Gap], style: Style) -> list[str]:
    found = sorted(gaps, key=lambda gap: (str(gap.at), gap.kind, gap.detail))
    if not found:
        return []
    lines = [f"  {style.paint(counted(len(found), 'gap'), Tone.BOLD, Tone.YELLOW)}"]
    for gap in found:
        text = f"{gap.at}: {gap.kind} {gap.why.replace('_', ' ')}: {gap.detail}"
        about = f" (may affect {', '.join(gap.affects)})" if gap.affects else ""
        lines += style.wrap(text + about, 4, hang=2)
    return [*lines, ""]


def _shown_list(inventory: Inventory[Any]) -> str:
    """Return how many entries a list has, and why there may be more."""
    more = "" if inventory.gap is None else f" or more: {inventory.gap.detail}"
    return f"{len(inventory.items)}{more}"


def _shown(value: Value[Any]) -> str:
    """Return one value as a person would write it."""
    match value:
        case Known() if value.at_sensitive and not isinstance(value.value, Reference):
            return WITHHELD
        case Known(content, _):
            return _content(content)
        case Absent():
            return "not set"
        case Unknown(why, _, detail):
            return f"? {detail} ({why.replace('_', ' ')})"


def _content(content: object) -> str:
    match content:
        case Reference() | Template():
            return str(content)
        case Items(items, rest):
            return f"[{_joined([*map(_shown, items)], rest)}]"
        case Record(members, rest):
            return f"{{{_joined([f'{key} = {_shown(member)}' for key, member in members.items()], rest)}}}"
        case bool():
            return "true" if content else "false"
        case str():
            return f'"{content}"'
        case _:
            return str(content)


def _joined(texts: list[str], rest: Unknown | None) -> str:
    return ", ".join(texts if rest is None else [*texts, f"? {rest.detail}"])
