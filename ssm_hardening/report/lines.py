"""One line for each gap, as compilers and linters print them: what pre-commit shows."""

from collections.abc import Iterator

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.report.formats import AuditReport, View
from ssm_hardening.report.style import Style, Tone, clean
from ssm_hardening.report.verdicts import example_of
from ssm_hardening.report.words import TONES, example_text, first_sentence, how_to_resolve
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided


def render_lines(report: AuditReport, style: Style) -> str:
    """Return `file:line: severity RULE headline: message` for each failure, and one line of counts.

    What could not be read comes first, with its file and line.
    """
    findings = sorted((each for each in report.audit.findings if each.counts), key=_place)
    told = (line for finding in findings for line in _lines(finding, report.view, style))
    lines = [] if report.view.summary else list(dict.fromkeys(told))
    return "\n".join([*map(clean, report.unread), *lines, _sum(report, findings)]) + "\n"


def _sum(report: AuditReport, findings: list[Finding]) -> str:
    """Return the counts, which no choice of what is listed changes, and the next command."""
    failed = sum(isinstance(finding.verdict, Failed) for finding in findings)
    undecided = sum(isinstance(finding.verdict, Undecided) for finding in findings)
    waived = sum(finding.waiver is not None for finding in report.audit.findings)
    known = len(report.audit.findings) - len(findings) - waived
    counts = [f"{failed} failed", f"{undecided} undecided"]
    counts += [f"{count} {word}" for count, word in ((waived, "waived"), (known, "known")) if count]
    hidden = sum(isinstance(finding.verdict, Failed) and not _is_listed(finding, report.view) for finding in findings)
    counts += [f"{hidden} not listed"] if hidden else []
    command = clean(f"ssm-harden plan {report.view.given}".rstrip())
    hint = f"; {command} shows how to fix them" if failed else f"; {command} shows why" if undecided else ""
    return f"ssm-harden: {', '.join(counts)}{hint}"


def _place(finding: Finding) -> tuple[str, int, int, str]:
    match finding.verdict.at:
        case CodeOrigin(file=file, line=line):
            return (file, line, finding.severity.rank, finding.rule.id)
        case ApiOrigin(arn=arn):
            return (arn, 0, finding.severity.rank, finding.rule.id)


def _lines(finding: Finding, view: View, style: Style) -> Iterator[str]:
    match finding.verdict:
        case Failed(at, message, headline=special):
            if not _is_listed(finding, view):
                return
            severity = style.paint(finding.severity.value, *TONES[finding.severity])
            headline = special or finding.rule.headline
            told = f"{headline}: {message}" if headline else message
            example = example_of(finding)
            why = f"\n  why: {clean(first_sentence(finding.rule.explanation))}" if view.verbose else ""
            if view.verbose and example is not None:
                why = f"\n  example: {clean(example_text(example))}{why}"
            yield f"{clean(str(at))}: {severity} {finding.rule.id} {clean(told)}{why}"
        case Crashed(at, message):
            yield f"{clean(str(at))}: crashed {finding.rule.id} {clean(message)}"
        case Undecided(at, gap, message):
            if view.undecided:
                told = "; ".join(dict.fromkeys(part for part in (message, gap.detail) if part))
                word = style.paint("undecided", Tone.YELLOW)
                yield f"{clean(str(at))}: {word} {finding.rule.id} {clean(told)}; to resolve: {how_to_resolve(gap)}"
        case Passed() | NotApplicable():
            return


def _is_listed(finding: Finding, view: View) -> bool:
    return view.severity is None or finding.severity.rank <= view.severity.rank
