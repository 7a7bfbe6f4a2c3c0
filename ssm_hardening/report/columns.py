"""Rows as aligned columns; the last column takes what room is left, and goes on below where that is too little."""

from collections.abc import Sequence

from ssm_hardening.report.style import Style, Tone, clean

_GAP = 2
_LEAST = 16
"""The last column is given no less than this; where the others leave less, it starts on a line of its own."""


def columns(rows: Sequence[Sequence[str]], style: Style, *, indent: int = 4, most: int = 20) -> list[str]:
    """Return the rows as lines. Beyond `most` only their number is told."""
    shown = [[clean(cell) for cell in row] for row in rows[:most]]
    if not shown:
        return []
    widths = [max(len(row[index]) for row in shown) for index in range(len(shown[0]) - 1)]
    lines = [line for row in shown for line in _row(row, widths, style, indent)]
    more = len(rows) - len(shown)
    return [*lines, " " * indent + style.paint(f"and {more} more", Tone.DIM)] if more else lines


def _row(row: Sequence[str], widths: Sequence[int], style: Style, indent: int) -> list[str]:
    *cells, last = row
    first, *others = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    head = " " * indent + (" " * _GAP).join([style.paint(first, Tone.CYAN), *map(style.paint, others)])
    column = indent + sum(widths) + _GAP * len(widths)
    if not last:
        return [head.rstrip()]
    if style.width - column < _LEAST:
        return [head.rstrip(), *style.wrap(last, indent + _GAP * 2, Tone.DIM)]
    start, *rest = style.wrap(last, column, Tone.DIM)
    return [head + " " * _GAP + start[column:], *rest]
