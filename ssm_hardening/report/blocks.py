"""A titled table in a report, and values as the words of its cells."""

from collections.abc import Iterable, Sequence
from typing import Any

from ssm_hardening.report.columns import columns
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.values import Absent, Inventory, Items, Known, Unknown, Value

UNTOLD = "?"


def text(value: Value[Any]) -> str:
    """Return a value as one word: nothing where it is absent, a question mark where it is not known."""
    match value:
        case Known(content, _):
            return str(content)
        case Absent():
            return ""
        case Unknown():
            return UNTOLD


def texts(value: Value[Items]) -> list[str]:
    """Return the members of a list as words; a question mark stands for those that are not known."""
    match value:
        case Known(Items(items, rest)):
            return [text(item) for item in items] + ([] if rest is None else [UNTOLD])
        case Absent():
            return []
        case Unknown():
            return [UNTOLD]


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
