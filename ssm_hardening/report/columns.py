"""Rows as aligned columns, and titled tables of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from ssm_hardening.core.logic import each, known_or
from ssm_hardening.core.values import Absent, Inventory, Items, Value
from ssm_hardening.report.style import Style, Tone, clean

_GAP = 2
_LEAST = 24
"""The last column is given no less than this, or what it needs; where less is left, it starts on a line of its own."""


def columns(
    rows: Sequence[Sequence[str]],
    style: Style,
    *,
    indent: int = 4,
    most: int = 20,
    heads: Sequence[str] = (),
) -> list[str]:
    """Return the rows as lines, under `heads` where there are any. Beyond `most` only their number is told."""
    shown = [[clean(cell) for cell in row] for row in rows[:most]]
    if not shown:
        return []
    more = _more(len(rows) - len(shown), style, indent)
    widths = [max(len(row[index]) for row in (*shown, heads or shown[0])) for index in range(len(shown[0]) - 1)]
    if indent + sum(widths) + _GAP * len(widths) > style.width:
        return [line for row in shown for line in style.wrap(", ".join(filter(None, row)), indent, hang=_GAP)] + more
    lines = [" " * indent + style.paint(_head(heads, widths), Tone.DIM)] if heads else []
    return [*lines, *(line for row in shown for line in _row(row, widths, style, indent)), *more]


def _more(number: int, style: Style, indent: int) -> list[str]:
    return [" " * indent + style.paint(f"and {number} more", Tone.DIM)] if number else []


def _head(heads: Sequence[str], widths: Sequence[int]) -> str:
    *cells, last = heads
    return (" " * _GAP).join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last]).rstrip()


def _row(row: Sequence[str], widths: Sequence[int], style: Style, indent: int) -> list[str]:
    *cells, last = row
    first, *others = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    head = " " * indent + (" " * _GAP).join([style.paint(first, Tone.CYAN), *map(style.paint, others)])
    column = indent + sum(widths) + _GAP * len(widths)
    if not last:
        return [head.rstrip()]
    needed = min(len(last), max(_LEAST, *(len(word) for word in last.split())))
    if style.width - column < needed:
        return [head.rstrip(), *style.wrap(last, indent + _GAP * 2, Tone.DIM)]
    start, *rest = style.wrap(last, column, Tone.DIM)
    return [head + " " * _GAP + start[column:], *rest]


UNTOLD = "?"


def text(value: Value[Any], *, absent: str = "") -> str:
    """Return a value as one word: `absent` where nothing is set, a question mark where it is not known."""
    return absent if isinstance(value, Absent) else str(known_or(value, UNTOLD))


def texts(value: Value[Items]) -> list[str]:
    """Return the members of a list as words; a question mark stands for those that are not known."""
    return [text(member) for member in each(value)]


def block(  # noqa: PLR0913 - a table has as many parts
    title: str,
    aside: str,
    rows: Iterable[Sequence[str]],
    found: Inventory[Any],
    style: Style,
    *,
    heads: Sequence[str] = (),
) -> list[str]:
    """Return a titled table; what could not be read is said below it."""
    told = columns(list(rows), style, heads=heads)
    gap = [] if found.gap is None else style.wrap(f"? there may be more: {found.gap.detail}", 4, Tone.YELLOW, hang=2)
    if not told and not gap:
        return [f"  {style.paint(title, Tone.BOLD)}  {style.paint('none', Tone.DIM)}", ""]
    return [style.spread(title, aside), *told, *gap, ""]
