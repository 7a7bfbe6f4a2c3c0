"""The facts for people: what was read, without opinion, and what could not be."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from ssm_hardening.model import Account, Fact, Gap
from ssm_hardening.origins import Origin
from ssm_hardening.report.style import Style, Tone, breadth
from ssm_hardening.report.words import counted, within
from ssm_hardening.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Value

_HEAD = frozenset({"address", "declaration", "origin"})


def render_facts(accounts: Sequence[Account], *, notes: Sequence[str] = (), style: Style) -> str:
    """Return every account's objects with what is set, what is not known, and what is not set; then the gaps."""
    lines = [line for account in accounts for line in _account(account, style)]
    if not accounts:
        lines = [style.paint("nothing about Session Manager was read", Tone.DIM)]
    for note in notes:
        lines += style.wrap(f"note: {note}", 0, Tone.DIM, hang=2)
    return style.finish(lines)


def _account(account: Account, style: Style) -> list[str]:
    place = f"account {_shown(account.account)} · region {_shown(account.region)}"
    lines = style.heading(f"{account.root} ({account.source})", place)
    for field in fields(account):
        inventory = getattr(account, field.name)
        if isinstance(inventory, Inventory) and field.name != "usage_signs":
            lines += _inventory(field.name.replace("_", " "), inventory, account.root, style)
    return [*lines, *_gaps(account.gaps, style)]


def _inventory(title: str, inventory: Inventory[Any], root: str, style: Style) -> list[str]:
    if not inventory.items and inventory.gap is None:
        return [f"  {style.paint(title, Tone.BOLD)}  {style.paint('none', Tone.DIM)}", ""]
    lines = [f"  {style.paint(title, Tone.BOLD)}"]
    for fact in inventory.items:
        lines += [*_fact(fact, root, style), ""]
    if inventory.gap is None:
        return lines
    return [*lines, *style.wrap(f"? there may be more: {inventory.gap.detail}", 4, Tone.YELLOW, hang=2), ""]


def _fact(fact: Fact, root: str, style: Style) -> list[str]:
    lines = [f"    {style.paint(fact.address, Tone.CYAN)}  {style.paint(str(fact.origin), Tone.DIM)}"]
    if breadth(lines[0]) > style.width:
        lines = [*style.wrap(fact.address, 4, Tone.CYAN), *style.wrap(str(fact.origin), 6, Tone.DIM)]
    named = [(field.name, getattr(fact, field.name)) for field in fields(fact) if field.name not in _HEAD]
    shown = [(name, value) for name, value in named if not _is_unset(value)]
    room = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        lines += _member(name.ljust(room), value, within(_place(value, fact.origin), root), style)
    unset = [name for name, value in named if _is_unset(value)]
    return lines + style.wrap(f"not set: {', '.join(unset)}" if unset else "", 6, Tone.DIM, hang=9)


def _is_unset(value: Value[Any] | Inventory[Any]) -> bool:
    return isinstance(value, Absent)


def _place(value: Value[Any] | Inventory[Any], origin: Origin) -> str:
    """Say where a value was read, where that is not the object's own first line."""
    return "" if isinstance(value, Inventory) or str(value.at) == str(origin) else str(value.at)


def _member(name: str, value: Value[Any] | Inventory[Any], place: str, style: Style) -> list[str]:
    tones = (Tone.YELLOW,) if isinstance(value, Unknown) else ()
    mark = " (default)" if isinstance(value, Known) and value.defaulted else ""
    text = _shown_list(value) if isinstance(value, Inventory) else _shown(value)
    first, *others = style.wrap(f"{text}{mark}", 9 + len(name), *tones, hang=2) or [""]
    lines = [f"      {style.paint(name, Tone.DIM)} = {first.lstrip()}", *others]
    if place and breadth(lines[-1]) + 2 + len(place) <= style.width:
        return [*lines[:-1], f"{lines[-1]}  {style.paint(place, Tone.DIM)}"]
    return [*lines, *style.wrap(place, 9 + len(name), Tone.DIM)]


def _shown_list(inventory: Inventory[Any]) -> str:
    more = "" if inventory.gap is None else f" or more: {inventory.gap.detail}"
    return f"{len(inventory.items)}{more}"


def _shown(value: Value[Any]) -> str:
    """Return one value as a person would write it."""
    match value:
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
