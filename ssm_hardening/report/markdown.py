"""The audit as Markdown for a comment on a pull request, or the summary of a step on GitHub."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.report.audit_json import summary
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.requirements import Status, requirements
from ssm_hardening.report.style import Style, printable
from ssm_hardening.report.verdicts import (
    gap_of,
    headline_of,
    message_of,
    place_in_tree,
    verdict_name,
    working_tree,
    worst_first,
)
from ssm_hardening.report.words import TITLES, how_to_resolve
from ssm_hardening.verdicts.findings import Audit, Finding

MOST_ROWS = 50
LONGEST = 65_000
"""Characters: GitHub takes 65,536 of a comment."""

_ROOM = {"failed": 30_000, "unknown": 12_000, "known": 10_000, "waived": 6_000, "unread": 4_000}
_LONGEST_CELL = 400

_MARKS = {Status.MET: "✅", Status.NOT_MET: "❌", Status.UNDECIDED: "❔"}
_STATUS = {Status.MET: "met", Status.NOT_MET: "not met", Status.UNDECIDED: "undecided"}

_SPECIAL = re.compile(r"[^\w\s.,;()/+-]|_|(?<=www)\.", re.IGNORECASE)
_CALLED = "@#"
"""GitHub reads @name and #1 in the text that results, after entities: a place to break the line keeps them apart."""

_EMOJI = re.compile(r"&#58;(?=[\w+-]+&#58;)")

_Row: TypeAlias = Callable[[Finding, Path], tuple[str, ...]]


def render_markdown(report: AuditReport, _style: Style) -> str:
    """Return counts, the requirements, a table of the failures; folded what is unknown, known already, or waived.

    Paths are relative to the working tree.
    """
    base = working_tree(Path.cwd())
    shown = worst_first(report.audit.findings)
    failed = [finding for finding in shown if finding.counts and verdict_name(finding) == "failed"]
    parts = [f"## ssm-harden: {_counts(report.audit)}", _requirements(report.audit)]
    parts += [_unread(report.unread)] if report.unread else []
    if failed:
        parts.append(_table(("Severity", "Rule", "Place", "Finding"), failed, _failed, base, _ROOM["failed"]))
    parts += _folded(shown, base)
    return "\n\n".join(parts) + "\n"


def _folded(shown: Sequence[Finding], base: Path) -> Iterator[str]:
    """Yield the tables that are shown on request."""
    unknown = [finding for finding in shown if finding.counts and verdict_name(finding) != "failed"]
    known = [finding for finding in shown if not finding.counts and finding.waiver is None]
    waived = [finding for finding in shown if finding.waiver is not None]
    for findings, words, head, row, room in (
        (unknown, "undecided", ("Rule", "Place", "What is unknown", "To resolve"), _unknown, "unknown"),
        (known, "known from the baseline", ("Severity", "Rule", "Place", "Finding"), _known, "known"),
        (waived, "waived", ("Rule", "Place", "Finding", "Reason"), _waived, "waived"),
    ):
        if findings:
            table = _table(head, findings, row, base, _ROOM[room])
            yield f"<details>\n<summary>{len(findings)} {words}</summary>\n\n{table}\n\n</details>"


def _counts(audit: Audit) -> str:
    counts = summary(audit.findings)
    failed = [f"{count} {severity}" for severity, count in counts["failed"].items() if count]
    others = [f"{counts[kind]} {kind}" for kind in ("undecided", "crashed", "waived", "known") if counts[kind]]
    none = "no new failures" if counts["known"] else "no failures"
    return ", ".join([*(failed or [none]), *others])


def _requirements(audit: Audit) -> str:
    answers = requirements(audit)
    return " · ".join(f"{_MARKS[each.status]} {TITLES[each.requirement]}: {_STATUS[each.status]}" for each in answers)


def _unread(texts: Sequence[str]) -> str:
    shown = fitting((f"* {escaped(text)}" for text in texts), _ROOM["unread"])
    more = [f"* … and {len(texts) - len(shown)} more"] if len(texts) > len(shown) else []
    return "\n".join(["Could not be read:", "", *shown, *more])


def _table(head: tuple[str, ...], findings: Sequence[Finding], row: _Row, base: Path, room: int) -> str:
    shown = fitting((f"| {' | '.join(row(finding, base))} |" for finding in findings), room)
    left_out = len(findings) - len(shown)
    more = ["", f"… and {left_out} more: `ssm-harden plan` lists all."] if left_out else []
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *shown, *more])


def fitting(lines: Iterable[str], room: int) -> list[str]:
    """Return the first lines: at most `MOST_ROWS`, and as many as fit into so many characters."""
    shown: list[str] = []
    for line in islice(lines, MOST_ROWS):
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    return shown


def _failed(finding: Finding, base: Path) -> tuple[str, ...]:
    told = f"{escaped(headline_of(finding))}: {_code(finding.subject)}<br>{escaped(message_of(finding))}"
    return (finding.severity.value, escaped(finding.rule.id), _place(finding, base), told)


def _unknown(finding: Finding, base: Path) -> tuple[str, ...]:
    gap = gap_of(finding)
    supply = "internal error: please report it" if gap is None else how_to_resolve(gap)
    told = f"{_code(finding.subject)}<br>{escaped(message_of(finding))}"
    return (escaped(finding.rule.id), _place(finding, base), told, escaped(supply))


def _known(finding: Finding, base: Path) -> tuple[str, ...]:
    word = verdict_name(finding)
    return (finding.severity.value if word == "failed" else word, *_failed(finding, base)[1:])


def _waived(finding: Finding, base: Path) -> tuple[str, ...]:
    waiver = finding.waiver
    if waiver is None:
        return ()
    until = f" (until {waiver.until})" if waiver.until else ""
    reason = f"{escaped(waiver.reason)}{escaped(until)}<br>{_code(str(waiver.at))}"
    return (*_failed(finding, base)[1:], reason)


def _place(finding: Finding, base: Path) -> str:
    at = finding.verdict.at
    if isinstance(at, ApiOrigin):
        return _code(at.arn)
    path, line = place_in_tree(finding, at, base=base)
    return _code(f"{path}:{line}")


def _code(text: str) -> str:
    return f"<code>{escaped(text)}</code>"


def escaped(text: str) -> str:
    """Return the text, on one line, such that Markdown, HTML and GitHub take it for nothing but text."""
    short = text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"
    return _EMOJI.sub("&#58;<wbr>", _SPECIAL.sub(_entity, printable(short)))


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};{'<wbr>' if found[0] in _CALLED else ''}"
