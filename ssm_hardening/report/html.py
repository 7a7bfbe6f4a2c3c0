"""The audit as one page that loads nothing: to open in a browser, to print, to send on.

The template has the words and the looks; here is what it is told. Whatever it prints is cleaned and then escaped, and
the page is ASCII, so that no encoding on the way can change it.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ssm_hardening import __version__
from ssm_hardening.access.answers import Told
from ssm_hardening.access.view import AccessView
from ssm_hardening.core import folders
from ssm_hardening.core.errors import counted
from ssm_hardening.iam.analysis import caveat
from ssm_hardening.model.scope import GLOBAL
from ssm_hardening.report.access_table import COLUMNS, places_of, yes_means
from ssm_hardening.report.audit_json import monthly_usd, summary
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.html_cards import FindingCard, cards_of
from ssm_hardening.report.matrix import matrix, regions_of
from ssm_hardening.report.picture import picture
from ssm_hardening.report.requirements import Status, requirements
from ssm_hardening.report.style import Style, printable
from ssm_hardening.report.verdicts import message_of, order_key
from ssm_hardening.report.words import HEADINGS, TITLES, listed
from ssm_hardening.verdicts.findings import Failed, Finding, Passed, Question, RuleInfo, Severity, Undecided

if TYPE_CHECKING:
    from jinja2 import Template

_CODE = re.compile(r"`([^`\s][^`]*)`")
"""What a text has between backticks; of a text that is split at it, every second part."""

_MOST_FIRST = 5
_MOST_PLACES = 6
"""Places of one finding, and steps that close it, which are shown at once."""

_KINDS = {
    "failed": "failed",
    "crashed": "internal error",
    "undecided": "undecided",
    "known": "known",
    "waived": "waived",
}
_URGENT = (Severity.CRITICAL, Severity.HIGH)


class _Section(NamedTuple):
    """What there is to say about one question; `held` is what passed, by rule and message, and how often."""

    key: str
    title: str
    cards: tuple[FindingCard, ...]
    held: tuple[tuple[RuleInfo, str, int], ...]
    passed: int
    tally: str


def render_html(report: AuditReport, _style: Style) -> str:
    """Return the page. The same audit gives the same page, whatever the order of its findings."""
    text = _template().render(_told(report))
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folders.templates()),
        undefined=StrictUndefined,
        finalize=_cleaned,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _cleaned(value: object) -> object:
    """Return a text without what acts; markup of the template's own, and it alone, stays as it is."""
    return value if hasattr(value, "__html__") else printable(str(value))


def _told(report: AuditReport) -> Mapping[str, object]:
    """Return what the template is told, by the names it uses."""
    audit, plan = report.audit, report.plan
    counts = summary(audit.findings)
    cards = tuple(cards_of(audit.findings, plan))
    views = [view for view in report.access() if view.rows]
    return {
        "version": __version__,
        "standard": audit.standard,
        "read": _read(report),
        "headline": _counts(counts),
        "counts": counts,
        "severities": list(Severity),
        "kinds": {word: _KINDS[word] for word in _KINDS if any(each.kind == word for each in cards)},
        "requirements": requirements(audit),
        "statuses": {Status.MET: "met", Status.NOT_MET: "not met", Status.UNDECIDED: "undecided"},
        "grounds": {Status.MET: "passed", Status.NOT_MET: "failed", Status.UNDECIDED: "undecided"},
        "titles": TITLES,
        "first": [each for each in cards if each.kind == "failed" and each.severity in _URGENT][:_MOST_FIRST],
        "sections": [_section(question, cards, audit.findings) for question in Question],
        "cards": {each.rule.id: each for each in reversed(cards)},
        "several": _are_several(audit.findings),
        "names": {rule.id: rule.title for rule in (*audit.rules, *(each.rule for each in audit.findings))},
        "picture": picture(audit.findings, report.accounts),
        "grid": (grid := matrix(report.accounts, audit.findings)),
        "regions": regions_of(grid),
        "views": [(view, place, _doubts(view)) for view, place in zip(views, places_of(views), strict=True)],
        "topics": COLUMNS,
        "yes_means": yes_means(views) if views else "",
        "plan": plan,
        "cost": None if plan is None else monthly_usd(plan.costs),
        "notes": report.remarks,
        "unread": report.unread,
        "most_places": _MOST_PLACES,
        "counted": counted,
        "listed": listed,
        "sha256": _sha256,
        "spans": _CODE.split,
    }


def _are_several(findings: Iterable[Finding]) -> bool:
    """Say whether findings are about several accounts or Regions; `global` is no further one."""
    regions = {(each.account, each.region) for each in findings if each.region != GLOBAL}
    return len(regions) > 1 or len({each.account for each in findings}) > 1


def _counts(counts: Mapping[str, Any]) -> str:
    """Return the audit in one line: what failed, or that nothing did."""
    failed = [f"{count} {severity}" for severity, count in counts["failed"].items() if count]
    unknown = counts["undecided"] + counts["crashed"]
    if failed:
        return f"{', '.join(failed)} failed"
    nothing = "No new failures" if counts["known"] else "Nothing failed"
    return f"{nothing}, {unknown} undecided" if unknown else nothing


def _sha256(text: str) -> str:
    """Return the hash of a script as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(report: AuditReport) -> list[tuple[str, list[str]]]:
    """Return what was read: each kind of source, with its roots."""
    roots: dict[str, set[str]] = {source: set() for source in report.audit.sources}
    for account in report.accounts:
        roots.setdefault(account.source, set()).add(account.root)
    if len(roots) == 1 and not report.accounts:
        roots = {source: {finding.root for finding in report.audit.findings} for source in roots}
    return [(source, sorted(roots[source])) for source in sorted(roots)]


def _section(question: Question, cards: Sequence[FindingCard], findings: Iterable[Finding]) -> _Section:
    mine = [finding for finding in findings if finding.rule.question is question and finding.counts]
    kinds = {"failed": Failed, "undecided": Undecided, "passed": Passed}
    counts = {word: sum(isinstance(each.verdict, kind) for each in mine) for word, kind in kinds.items()}
    tally = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return _Section(
        key=question.value,
        title=HEADINGS[question],
        cards=tuple(each for each in cards if each.rule.question is question),
        held=tuple(_held(mine)),
        passed=counts["passed"],
        tally=tally or "nothing to check",
    )


def _held(findings: Iterable[Finding]) -> Iterator[tuple[RuleInfo, str, int]]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=order_key):
        if isinstance(finding.verdict, Passed):
            groups.setdefault((finding.rule.id, message_of(finding)), []).append(finding)
    for key in sorted(groups):
        yield groups[key][0].rule, key[1], len(groups[key])


def _doubts(view: AccessView) -> list[str]:
    """Return what is unknown about the people of an account, each once."""
    gaps = (("people", view.gap), ("nodes", view.nodes_gap))
    told = [f"There may be more {what}: {gap.detail}" for what, gap in gaps if gap is not None]
    for row in view.rows:
        whys = (row.doubt, *(cell.why for cell in row.cells if cell.told is not Told.YES))
        told += [f"{row.title}: {why.detail}" for why in whys if why is not None]
        granted = (cell.why for cell in row.cells if cell.told is Told.YES)
        told += [f"{row.title}: granted{caveat(unless)}" for unless in granted if unless is not None]
    return list(dict.fromkeys(told))
