"""The findings, for people: gaps by question with the worst first, what holds, what was waived, what is open.

Findings are gathered into entries, one for each rule and source line, however many subjects stand behind it. Live
objects have no lines: there, one entry holds what a rule says in the same words of one account and Region.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ssm_hardening.core.errors import counted
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.style import Style, Tone, clean
from ssm_hardening.report.verdicts import (
    ACCOUNT,
    example_of,
    gap_of,
    headline_of,
    mentions,
    message_of,
    of_these,
    order_key,
)
from ssm_hardening.report.words import (
    HEADINGS,
    REASONS,
    TONES,
    example_text,
    first_sentence,
    how_to_resolve,
    listed,
    times,
    within,
)
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, Passed, Question, RuleInfo, Severity, Undecided

_BODY = 12
_MESSAGES = 3
_ROOM = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What one rule says at one place, of these subjects."""

    rule: RuleInfo
    severity: Severity
    root: str
    place: str
    headline: str
    messages: tuple[str, ...]
    subjects: tuple[str, ...]
    count: int
    example: Counterexample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doubt:
    """One thing that could not be learned, and the findings it leaves open."""

    gap: Unknown
    rules: tuple[str, ...]
    verdicts: tuple[str, ...]
    messages: tuple[str, ...]
    count: int


def question_lines(
    question: Question,
    findings: Sequence[Finding],
    plan: RemediationPlan | None,
    style: Style,
    *,
    there_is: Sequence[str] = (),
) -> list[str]:
    """Return the section of one question; `there_is` is what a live account holds that it is about."""
    counted_ones = [finding for finding in findings if finding.counts]
    bad = _failures(counted_ones)
    good = _gathered(finding for finding in counted_ones if isinstance(finding.verdict, Passed))
    lines = [*style.heading(HEADINGS[question], _tally(counted_ones)), *there_is]
    for entry in bad:
        lines += [*_failure(entry, plan, style), ""]
    lines += [line for entry in _by_message(good) for line in _healthy(entry, style)]
    lines += _waived(findings, style)
    lines += _known(findings, style)
    lines += _open(counted_ones, style)
    return lines if len(lines) > len(style.heading("")) else [*lines, style.paint("  nothing to check", Tone.DIM)]


def _tally(findings: Sequence[Finding]) -> str:
    failed = sum(entry.count for entry in _failures(findings))
    undecided = sum(isinstance(finding.verdict, Undecided) for finding in findings)
    passed = sum(isinstance(finding.verdict, Passed) for finding in findings)
    parts = [f"{failed} failed" if failed else "", f"{undecided} undecided" if undecided else ""]
    return " · ".join([part for part in parts if part] + ([f"{passed} passed"] if passed else []))


def _failure(entry: _Entry, plan: RemediationPlan | None, style: Style) -> list[str]:
    lines = [*_title(entry, style), *_place(entry, style)]
    for message in entry.messages[:_MESSAGES]:
        lines += style.wrap(message, _BODY)
    if len(entry.messages) > _MESSAGES:
        lines += style.wrap(f"and {len(entry.messages) - _MESSAGES} more like these", _BODY, Tone.DIM)
    if entry.example is not None:
        lines += style.labelled("e.g.", example_text(entry.example), _BODY)
    lines += style.labelled("why", first_sentence(entry.rule.explanation), _BODY)
    return lines + style.labelled("fix", _closers(entry, plan), _BODY, Tone.GREEN)


def _title(entry: _Entry, style: Style) -> list[str]:
    badge = f"  {_badge(entry.severity, style)}  "
    often = times(entry.count)
    left = f"{entry.rule.id}  {entry.headline}"
    if _BODY + len(left) + len(often) + 2 <= style.width:
        return [badge + style.spread(left, often, indent=_BODY)[_BODY:]]
    first, *others = style.wrap(f"{left} {often}", _BODY, Tone.BOLD, hang=len(entry.rule.id) + 2)
    return [badge + first[_BODY:], *others]


def _badge(severity: Severity, style: Style) -> str:
    return style.paint(severity.upper().ljust(8), *TONES[severity])


def _place(entry: _Entry, style: Style) -> list[str]:
    subjects = [subject for subject in entry.subjects if subject != ACCOUNT and not entry.place.startswith(subject)]
    also = f"and {counted(len(subjects), 'more', 'more')}" if len(subjects) < len(entry.subjects) and subjects else ""
    whose = clean(also or listed(subjects, most=1))
    line = " " * _BODY + style.paint(entry.place, Tone.CYAN)
    if not whose:
        return style.wrap(entry.place, _BODY, Tone.CYAN)
    if _BODY + len(clean(entry.place)) + 2 + len(whose) <= style.width:
        return [f"{line}  {style.paint(whose, Tone.DIM)}"]
    return [*style.wrap(entry.place, _BODY, Tone.CYAN), *style.wrap(whose, _BODY, Tone.DIM)]


def _by_message(entries: list[_Entry]) -> list[tuple[_Entry, int]]:
    """Return the first entry of each rule and message, with the number of subjects it holds for."""
    groups: dict[tuple[str, tuple[str, ...]], list[_Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.rule.id, entry.messages), []).append(entry)
    return [(group[0], sum(entry.count for entry in group)) for group in groups.values()]


def _healthy(entry: tuple[_Entry, int], style: Style) -> list[str]:
    """Return what holds, in one line where it fits: the place, or the number of subjects, stands at its end."""
    first, count = entry
    head = f"  {style.paint('✓', Tone.GREEN)} {style.paint(first.rule.id.ljust(9), Tone.DIM)} "
    room, aside = _BODY + 2, times(count) or within(first.place, first.root)
    message = clean("; ".join(first.messages[:_MESSAGES]))
    if room + len(message) + 2 + len(clean(aside)) <= style.width:
        gap = " " * (style.width - room - len(message) - len(clean(aside)))
        return [f"{head}{message}{gap}{style.paint(aside, Tone.DIM)}"]
    lines = style.wrap(f"{message} ({aside})", room)
    return [head + lines[0].lstrip(), *lines[1:]]


def _waived(findings: Sequence[Finding], style: Style) -> list[str]:
    lines: list[str] = []
    for finding in sorted(findings, key=order_key):
        if finding.waiver is not None:
            until = f" until {finding.waiver.until}" if finding.waiver.until else ""
            text = f"waived{until}: {finding.waiver.reason} ({finding.waiver.at})"
            lines += [line for line in _aside(finding, text, style) if line not in lines]
    return lines


def _known(findings: Sequence[Finding], style: Style) -> list[str]:
    """Return a line for each rule and place that the baseline lists: in brief, and never as if it had passed."""
    lines: list[str] = []
    for finding in sorted(findings, key=order_key):
        if finding.waiver is None and not finding.counts:
            word = finding.severity.value if isinstance(finding.verdict, Failed) else "undecided"
            text = f"known ({word}): {message_of(finding)} ({finding.verdict.at})"
            lines += [line for line in _aside(finding, text, style) if line not in lines]
    return lines


def _aside(finding: Finding, text: str, style: Style) -> list[str]:
    """Return the lines of a finding that does not count."""
    wrapped = style.wrap(text, _BODY + 2, Tone.DIM)
    head = f"  {style.paint('·', Tone.DIM)} {style.paint(finding.rule.id.ljust(9), Tone.DIM)} "
    return [head + wrapped[0].lstrip(), *wrapped[1:]]


def _open(findings: Sequence[Finding], style: Style) -> list[str]:
    """Point to what is said further below: one line for the undecided rules, one for those that broke."""
    lines: list[str] = []
    for kind, mark, word in ((Undecided, "?", "undecided"), (Crashed, "!", "internal error")):
        rules = sorted({finding.rule.id for finding in findings if isinstance(finding.verdict, kind)})
        if rules:
            first, *others = style.wrap(f"{listed(rules, most=12)}: {word}, see below", _BODY + 2, Tone.DIM)
            lines += [f"  {style.paint(mark, Tone.YELLOW)} {'':9} {first.lstrip()}", *others]
    return lines


def undecided_lines(findings: Iterable[Finding], style: Style, *, is_each_listed: bool = False) -> list[str]:
    """Return what could not be decided, by reason, with what was missing and how to resolve it."""
    open_ones = [finding for finding in findings if finding.counts]
    known = _doubts(open_ones)
    if not known:
        return []
    lines = style.heading("Undecided", counted(sum(doubt.count for doubt in known), "verdict"))
    for why, group in groupby(known, key=lambda doubt: doubt.gap.why):
        lines += [f"  {style.paint('?', Tone.YELLOW)} {style.paint(REASONS[why], Tone.BOLD)}"]
        for doubt in group:
            lines += [*_doubt(doubt, style, is_each_listed=is_each_listed), ""]
    return lines[:-1]


def _doubt(doubt: _Doubt, style: Style, *, is_each_listed: bool) -> list[str]:
    lines = style.wrap(f"{doubt.gap.detail}", 4)
    lines += style.labelled("at", str(doubt.gap.at), 4, Tone.CYAN, room=_ROOM)
    if is_each_listed:
        for number, text in enumerate(doubt.verdicts):
            lines += style.labelled("" if number else "affects", text, 4, room=_ROOM)
    else:
        affected = f"{listed(doubt.rules, most=12)} ({counted(doubt.count, 'subject')})"
        lines += style.labelled("affects", affected, 4, room=_ROOM)
    for message in doubt.messages if is_each_listed else doubt.messages[:_MESSAGES]:
        lines += style.wrap(message, 4 + _ROOM, Tone.DIM)
    return lines + style.labelled("to resolve", how_to_resolve(doubt.gap), 4, Tone.GREEN, room=_ROOM)


def crashed_lines(findings: Iterable[Finding], style: Style) -> list[str]:
    """Return the rules that failed themselves: a fault of ours, to be reported."""
    found = _gathered(finding for finding in findings if isinstance(finding.verdict, Crashed))
    if not found:
        return []
    lines = style.heading("Internal errors", "these rules were not evaluated; please report this")
    for entry in found:
        lines += [style.spread(f"{entry.rule.id}  {entry.place}", times(entry.count), tone=Tone.RED)]
        lines += style.wrap(entry.messages[0], 4)
    return lines


def _failures(findings: Iterable[Finding]) -> list[_Entry]:
    """Return the failures, the worst first."""
    found = [finding for finding in findings if isinstance(finding.verdict, Failed)]
    return sorted(_gathered(found), key=lambda entry: entry.severity.rank)


def _gathered(findings: Iterable[Finding]) -> list[_Entry]:
    """Return one entry for each rule, severity and place, by rule and place."""
    groups: dict[tuple[str, str, int, str], list[Finding]] = {}
    for finding in sorted(findings, key=order_key):
        place, line = _where(finding)
        groups.setdefault((finding.rule.id, place, line, finding.severity), []).append(finding)
    return [_entry(groups[key]) for key in sorted(groups)]


def _where(finding: Finding) -> tuple[str, int]:
    match finding.verdict.at:
        case CodeOrigin(line=line) as at:
            return str(at).rpartition(":")[0], line
        case ApiOrigin():
            return f"{finding.root} {message_of(finding)}", 0


def _entry(group: list[Finding]) -> _Entry:
    first = group[0]
    headlines = _distinct(map(headline_of, group))
    return _Entry(
        rule=first.rule,
        headline=headlines[0] if len(headlines) == 1 else first.rule.headline or first.rule.title,
        severity=first.severity,
        root=first.root,
        place=str(first.verdict.at),
        messages=_distinct(message_of(finding) for finding in group),
        subjects=_distinct(finding.subject for finding in group),
        count=len(group),
        example=next((each for each in map(example_of, group) if each is not None), None),
    )


def _doubts(findings: Iterable[Finding]) -> list[_Doubt]:
    """Return what could not be learned: one entry for each reason, detail and place."""
    reasons = list(Why)
    groups: dict[tuple[int, str, str], list[tuple[Unknown, Finding]]] = {}
    for finding in sorted(findings, key=order_key):
        gap = gap_of(finding)
        if gap is not None:
            groups.setdefault((reasons.index(gap.why), gap.detail, str(gap.at)), []).append((gap, finding))
    return [_one_doubt(groups[key]) for key in sorted(groups)]


def _one_doubt(group: list[tuple[Unknown, Finding]]) -> _Doubt:
    gap = group[0][0]
    return _Doubt(
        gap=gap,
        rules=_distinct(finding.rule.id for _, finding in group),
        verdicts=_distinct(f"{each.rule.id} {each.rule.title}: {each.subject}" for _, each in group),
        messages=tuple(text for text in _distinct(message_of(finding) for _, finding in group) if text != gap.detail),
        count=len(group),
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _closers(entry: _Entry, plan: RemediationPlan | None) -> str:
    """Return what closes the gap: steps of the plan where its rule has any."""
    steps = [] if plan is None else _closing_steps(entry, plan)
    if steps:
        return listed(steps, most=4)
    return f"manual: {entry.rule.manual}" if entry.rule.remedy is None else f"module {entry.rule.remedy}"


def _closing_steps(entry: _Entry, plan: RemediationPlan) -> list[str]:
    stages, identifier = plan.stages, entry.rule.id
    edits = [each.file for stage in stages for each in stage.edits if identifier in each.closes]
    calls = [each for stage in stages for each in stage.modules if identifier in (*each.closes, *each.expects)]
    manual = [each for stage in stages for each in stage.manual if identifier in each.closes]
    manual = of_these(manual, lambda step: mentions(step.what, entry.subjects))
    found = [f"~ {file}" for file in of_these(edits, lambda file: entry.place.startswith(f"{file}:"))]
    found += [f"+ module.{call.label}" for call in calls]
    found += [f"manual: {step.how(entry.messages)}" for step in manual]
    return list(dict.fromkeys(found))
