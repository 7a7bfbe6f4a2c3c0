"""The report of an audit, for people: findings, code beside the account, remediation, requirements, one line in sum."""

from collections.abc import Sequence
from typing import Any

from ssm_hardening.core.errors import counted
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.judge.comparison import Comparison, Drift, Pair
from ssm_hardening.report.audit_json import summary
from ssm_hardening.report.estate import estate_lines
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.inside import inside_lines
from ssm_hardening.report.matrix import matrix, matrix_lines
from ssm_hardening.report.requirements import STATUSES, RequirementAnswer, Status, requirements
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.report.table_findings import crashed_lines, question_lines, undecided_lines
from ssm_hardening.report.table_plan import remediation_lines
from ssm_hardening.report.words import TITLES, TONES, listed
from ssm_hardening.verdicts.findings import Audit, Question, Severity

_NAME = "ssm-harden"

_STANDINGS = {
    Drift.DIFFERS: ("~", Tone.YELLOW, "declared and deployed, with differences"),
    Drift.UNCERTAIN: ("?", Tone.YELLOW, "declared, and possibly the one that is deployed"),
    Drift.DECLARED_ONLY: ("+", Tone.GREEN, "declared, not deployed"),
    Drift.DEPLOYED_ONLY: ("-", Tone.CYAN, "deployed, but not declared in the code that was read"),
    Drift.EQUAL: ("=", Tone.DIM, "declared and deployed, without differences"),
}
"""Each standing with its mark and words, in the order of the report."""

_MOST_PAIRS = 12


def render_audit(report: AuditReport, style: Style) -> str:
    """Return the whole report; without a plan the part about the remediation is left out.

    Of live accounts it also tells what there is, where they are several a matrix of them, and how code compares.
    """
    audit, plan = report.audit, report.plan
    first, *others = style.wrap(_scope(audit), len(_NAME) + 2, Tone.DIM)
    lines = [f"{style.paint(_NAME, Tone.BOLD)}  {first.lstrip()}", *others]
    lines += matrix_lines(matrix(report.accounts, audit.findings), style)
    for question in Question:
        about = [finding for finding in audit.findings if finding.rule.question is question]
        there_is = estate_lines(question, report.accounts, audit.findings, style)
        there_is += inside_lines(question, report.accounts, style)
        lines += question_lines(question, about, plan, style, there_is=there_is)
    lines += undecided_lines(audit.findings, style)
    lines += crashed_lines(audit.findings, style)
    lines += [] if report.comparison is None else _comparison_lines(report.comparison, style)
    lines += [] if plan is None else remediation_lines(plan, style)
    lines += [*_requirement_lines(audit, style), *_notes(report.remarks, style)]
    return style.finish([*_without_double_blanks(lines), "", *_sum(audit, style)])


def _without_double_blanks(lines: list[str]) -> list[str]:
    pairs = zip(lines, ["", *lines], strict=False)
    return [line for line, before in pairs if line.strip() or before.strip()]


def _scope(audit: Audit) -> str:
    roots = sorted({finding.root for finding in audit.findings})
    return " · ".join(
        [f"standard {audit.standard}", *sorted(audit.sources), *([listed(roots, most=3)] if roots else [])]
    )


def _comparison_lines(comparison: Comparison, style: Style) -> list[str]:
    """Return the section; nothing where code and an account were not both read."""
    if not comparison.pairs:
        return []
    lines = style.heading("Code compared with the account", counted(len(comparison.pairs), "object"))
    for standing, (mark, tone, words) in _STANDINGS.items():
        pairs = [pair for pair in comparison.pairs if pair.standing is standing]
        lines += [f"  {style.paint(mark, tone)} {style.paint(words, Tone.BOLD)}"] if pairs else []
        for pair in pairs[:_MOST_PAIRS]:
            lines += _pair(pair, style)
        more = len(pairs) - _MOST_PAIRS
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
        told = f"not compared, because it is unknown on one side: {listed(pair.unread, most=6)}"
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


def _requirement_lines(audit: Audit, style: Style) -> list[str]:
    lines = style.heading("Requirements")
    for answer in requirements(audit):
        lines += _requirement(answer, style)
    return lines


def _requirement(answer: RequirementAnswer, style: Style) -> list[str]:
    mark, tone, word = STATUSES[answer.status]
    first, *others = style.wrap(_grounds(answer), 32, Tone.DIM)
    head = f"  {style.paint(mark, tone)} {TITLES[answer.requirement].ljust(16)} {style.paint(word.ljust(9), tone)}  "
    return [head + first.lstrip(), *others]


def _grounds(answer: RequirementAnswer) -> str:
    """Say what decided, and what was not judged."""
    words = {Status.MET: "passed", Status.NOT_MET: "failed", Status.UNDECIDED: "undecided"}
    decided = f"{listed(answer.decided_by)} {words[answer.status]}" if answer.decided_by else ""
    missing = f"not evaluated: {listed(answer.not_judged, most=12)}" if answer.not_judged else ""
    return "; ".join(part for part in (decided, missing) if part) or "nothing to check"


def _notes(notes: Sequence[str], style: Style) -> list[str]:
    if not notes:
        return []
    lines = style.heading("Notes")
    for note in notes:
        lines += style.wrap(note, 2, hang=2)
    return lines


def _sum(audit: Audit, style: Style) -> list[str]:
    counts = summary(audit.findings)
    failed = [
        style.paint(f"{counts['failed'][severity]} {severity.value}", *TONES[severity])
        for severity in Severity
        if counts["failed"][severity]
    ]
    gaps = f"{', '.join(failed)} failed" if failed else style.paint("0 failed", Tone.GREEN)
    others = [f"{counts[kind]} {kind}" for kind in ("undecided", "passed", "waived", "known", "crashed")]
    shown = [text for text in others if not text.startswith("0 ") or text.endswith(("undecided", "passed"))]
    mark = style.paint("✗", Tone.RED) if failed or counts["crashed"] else style.paint("·", Tone.GREEN)
    worst = [f"{counts['failed'][severity]} {severity.value}" for severity in Severity if counts["failed"][severity]]
    plain = " · ".join([f"{', '.join(worst)} failed", *shown])
    if len(plain) + 2 <= style.width:
        return [f"{mark} " + " · ".join([gaps, *shown])]
    return [f"{mark} {gaps}", *style.wrap(" · ".join(shown), 2)]
