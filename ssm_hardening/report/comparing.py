"""Code beside the account: each object with how it stands, and key by key where the two differ."""

from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.judge.comparison import Comparison, Drift, Pair
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.report.words import counted, listed

_MARKS = {
    Drift.DIFFERS: ("~", Tone.YELLOW, "declared and deployed, but not the same"),
    Drift.UNCERTAIN: ("?", Tone.YELLOW, "declared, and it may be this one that is deployed"),
    Drift.DECLARED_ONLY: ("+", Tone.GREEN, "declared, not deployed"),
    Drift.DEPLOYED_ONLY: ("-", Tone.CYAN, "deployed, declared in no code that was read"),
    Drift.EQUAL: ("=", Tone.DIM, "declared and deployed alike"),
}
"""Each standing with its mark and words, in the order of the report."""

_MOST = 12


def comparison_lines(comparison: Comparison, style: Style) -> list[str]:
    """Return the section; nothing where code and an account were not both read."""
    if not comparison.pairs:
        return []
    lines = style.heading("Code beside the account", counted(len(comparison.pairs), "object"))
    for standing, (mark, tone, words) in _MARKS.items():
        pairs = [pair for pair in comparison.pairs if pair.standing is standing]
        lines += [f"  {style.paint(mark, tone)} {style.paint(words, Tone.BOLD)}"] if pairs else []
        for pair in pairs[:_MOST]:
            lines += _pair(pair, style)
        more = len(pairs) - _MOST
        lines += [f"    {style.paint(f'and {more} more', Tone.DIM)}"] if more > 0 else []
        lines += [""] if pairs else []
    return lines


def _pair(pair: Pair, style: Style) -> list[str]:
    fact = pair.declared or pair.deployed
    if fact is None:
        return []
    place = str(fact.origin) if pair.declared is not None else ""
    lines = [f"    {style.paint(fact.address, Tone.CYAN)}  {style.paint(place, Tone.DIM)}".rstrip()]
    for each in pair.differences:
        lines += style.wrap(f"{each.key}: {_shown(each.declared)} in code, {_shown(each.deployed)} in AWS", 6, hang=2)
    if pair.doubt is not None:
        lines += style.wrap(pair.doubt.detail, 6, Tone.DIM, hang=2)
    if pair.unread and pair.standing is not Drift.DEPLOYED_ONLY:
        told = f"not compared, since one side does not tell: {listed(pair.unread, most=6)}"
        lines += style.wrap(told, 6, Tone.DIM, hang=2)
    return lines


def _shown(value: Value[Any] | Inventory[Statement]) -> str:
    match value:
        case Inventory(items, gap):
            return counted(len(items), "statement") + ("" if gap is None else " or more")
        case Known(Items(items)):
            return f"[{', '.join(_shown(item) for item in items)}]"
        case Known(Record(members)):
            return f"{{{', '.join(f'{key} = {_shown(member)}' for key, member in members.items())}}}"
        case Known(bool() as flag):
            return "true" if flag else "false"
        case Known(content):
            return f'"{content}"' if isinstance(content, str) else str(content)
        case Absent():
            return "not set"
        case Unknown(detail=detail):
            return f"? {detail}"
