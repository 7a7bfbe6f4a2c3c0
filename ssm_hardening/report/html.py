"""The audit as one page that loads nothing: to open in a browser, to print, to send on.

The template has the words and the looks; here is what it is told. Whatever it prints is cleaned and then escaped, and
the page is ASCII, so that no encoding on the way can change it.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ssm_hardening import __version__
from ssm_hardening.access.view import NOT_READ, AccessView
from ssm_hardening.core import folders
from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.access_table import COLUMNS
from ssm_hardening.report.audit_json import monthly_usd, summary
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.matrix import matrix
from ssm_hardening.report.picture import picture
from ssm_hardening.report.requirements import Status, requirements
from ssm_hardening.report.style import Style, printable
from ssm_hardening.report.verdicts import gap_of, message_of, order_key, related_to, verdict_name, worst_first
from ssm_hardening.report.words import HEADINGS, REASONS, TITLES, counted, first_sentence, how_to_supply, listed
from ssm_hardening.verdicts.findings import (
    Failed,
    Finding,
    Passed,
    Question,
    Related,
    RuleInfo,
    Severity,
    Undecided,
    Waiver,
)

if TYPE_CHECKING:
    from jinja2 import Template

_MOST_FIRST = 5
_MOST_PLACES = 6
"""Places of one finding that are shown at once; a click shows the others."""

_KINDS = {"failed": "failed", "crashed": "internal error", "undecided": "undecided", "waived": "waived"}
_URGENT = (Severity.CRITICAL, Severity.HIGH)


class _Place(NamedTuple):
    """One subject of a finding, and where it is written or was read."""

    subject: str
    at: Origin
    within: str
    related: tuple[Related, ...]

    @property
    def short(self) -> str:
        """The place without the call that told it."""
        return self.at.arn if isinstance(self.at, ApiOrigin) else str(self.at)


class _Closer(NamedTuple):
    """What closes a gap; `anchor` is the step on the page that shows it, where there is one."""

    how: str
    what: str
    anchor: str = ""


class _Doubt(NamedTuple):
    """What was missing for a verdict, and how to resolve it."""

    reason: str
    detail: str
    at: Origin
    resolve: str


class _Card(NamedTuple):
    """What one rule says in the same words, of these subjects."""

    anchor: str
    kind: str
    severity: Severity
    rule: RuleInfo
    headline: str
    message: str
    why: str
    places: tuple[_Place, ...]
    closers: tuple[_Closer, ...]
    doubt: _Doubt | None
    waiver: Waiver | None


class _Held(NamedTuple):
    """What a rule says that passed, and of how many subjects."""

    rule: RuleInfo
    message: str
    times: int


class _Section(NamedTuple):
    """What there is to say about one question."""

    key: str
    title: str
    cards: tuple[_Card, ...]
    held: tuple[_Held, ...]
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
    cards = tuple(_cards(audit.findings, plan))
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
        "several": len({(each.account, each.region) for each in audit.findings}) > 1,
        "names": {rule.id: rule.title for rule in (*audit.rules, *(each.rule for each in audit.findings))},
        "picture": picture(audit.findings, report.accounts),
        "grid": matrix(report.accounts, audit.findings),
        "views": [(view, _doubts(view)) for view in report.access() if view.rows],
        "topics": COLUMNS,
        "forbidding": listed(NOT_READ),
        "plan": plan,
        "cost": None if plan is None else monthly_usd(plan.costs),
        "notes": report.notes,
        "unread": report.unread,
        "most_places": _MOST_PLACES,
        "counted": counted,
        "listed": listed,
        "sha256": _sha256,
    }


def _counts(counts: Mapping[str, Any]) -> str:
    """Return the audit in one line: what failed, or that nothing did."""
    failed = [f"{count} {severity}" for severity, count in counts["failed"].items() if count]
    unknown = counts["undecided"] + counts["crashed"]
    if failed:
        return f"{', '.join(failed)} failed"
    return f"Nothing failed, {unknown} undecided" if unknown else "Nothing failed"


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


def _cards(findings: Iterable[Finding], plan: RemediationPlan | None) -> Iterator[_Card]:
    """Yield the cards, the worst first. One holds what a rule says in the same words, of however many subjects."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in worst_first(findings):
        groups.setdefault(_key(finding), []).append(finding)
    for number, group in enumerate(groups.values(), start=1):
        yield _card(f"finding-{number}", group, plan)


def _key(finding: Finding) -> tuple[object, ...]:
    gap, waiver = gap_of(finding), finding.waiver
    return (
        verdict_name(finding),
        finding.rule.id,
        finding.severity,
        _headline(finding),
        message_of(finding),
        None if gap is None else (gap.why, gap.detail, gap.at),
        None if waiver is None else (waiver.reason, waiver.until),
    )


def _card(anchor: str, group: Sequence[Finding], plan: RemediationPlan | None) -> _Card:
    first = group[0]
    failed = isinstance(first.verdict, Failed)
    return _Card(
        anchor=anchor,
        kind="waived" if first.waiver is not None else verdict_name(first),
        severity=first.severity,
        rule=first.rule,
        headline=_headline(first),
        message=message_of(first),
        why=first_sentence(first.rule.explanation),
        places=tuple(
            _Place(each.subject, each.verdict.at, f"{each.account} {each.region}".strip(), related_to(each))
            for each in group
        ),
        closers=tuple(_closers(first.rule, plan)) if failed and first.waiver is None else (),
        doubt=_doubt(first),
        waiver=first.waiver,
    )


def _headline(finding: Finding) -> str:
    """Return in a few words what is wrong; where nothing is known to be wrong, what should be."""
    if not isinstance(finding.verdict, Failed):
        return finding.rule.title
    return finding.verdict.headline or finding.rule.headline or finding.rule.title


def _doubt(finding: Finding) -> _Doubt | None:
    gap = gap_of(finding)
    return None if gap is None else _Doubt(REASONS[gap.why], gap.detail, gap.at, how_to_supply(gap))


def _closers(rule: RuleInfo, plan: RemediationPlan | None) -> Iterator[_Closer]:
    """Yield what closes a gap of this rule: the steps of the plan where it has any."""
    steps = [] if plan is None else list(dict.fromkeys(_steps(rule.id, plan)))
    yield from steps
    if not steps:
        yield _Closer("Manual", rule.manual or "") if rule.remedy is None else _Closer("Module", rule.remedy)


def _steps(identifier: str, plan: RemediationPlan) -> Iterator[_Closer]:
    for stage in plan.stages:
        anchor = f"stage-{stage.number}"
        for number, edit in enumerate(stage.edits, start=1):
            if identifier in edit.closes:
                yield _Closer("Edit", edit.file, f"{anchor}-edit-{number}")
        for number, call in enumerate(stage.modules, start=1):
            if identifier in (*call.closes, *call.expects):
                yield _Closer("Module", f"module.{call.label}", f"{anchor}-module-{number}")
        for number, step in enumerate(stage.manual, start=1):
            if identifier in step.closes:
                yield _Closer("Manual", step.what, f"{anchor}-manual-{number}")


def _section(question: Question, cards: Sequence[_Card], findings: Iterable[Finding]) -> _Section:
    mine = [finding for finding in findings if finding.rule.question is question and finding.waiver is None]
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


def _held(findings: Iterable[Finding]) -> Iterator[_Held]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=order_key):
        if isinstance(finding.verdict, Passed):
            groups.setdefault((finding.rule.id, message_of(finding)), []).append(finding)
    for key in sorted(groups):
        yield _Held(groups[key][0].rule, key[1], len(groups[key]))


def _doubts(view: AccessView) -> list[str]:
    """Return what is unknown about the people of an account, each once."""
    gaps = (("people", view.gap), ("nodes", view.nodes_gap))
    told = [f"There may be more {what}: {gap.detail}" for what, gap in gaps if gap is not None]
    for row in view.rows:
        whys = (row.doubt, *(cell.why for cell in row.cells))
        told += [f"{row.title}: {why.detail}" for why in whys if why is not None]
    return list(dict.fromkeys(told))
