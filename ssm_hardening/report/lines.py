"""One line for each gap, as compilers and linters print them: what pre-commit shows."""

from collections.abc import Iterator

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import Style, clean
from ssm_hardening.report.words import TONES
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided


def render_lines(report: AuditReport, style: Style) -> str:
    """Return `file:line: severity RULE message` for each failure, and one line of counts.

    What could not be read comes first, with its file and line.
    """
    findings = sorted(report.audit.findings, key=_place)
    lines = dict.fromkeys(line for finding in findings for line in _lines(finding, style))
    failed = sum(isinstance(finding.verdict, Failed) and finding.counts for finding in findings)
    undecided = sum(isinstance(finding.verdict, Undecided) and finding.counts for finding in findings)
    waived = sum(finding.waiver is not None for finding in findings)
    known = sum(not finding.counts for finding in findings) - waived
    counts = [f"{failed} failed", f"{undecided} undecided"]
    counts += [f"{count} {word}" for count, word in ((waived, "waived"), (known, "known")) if count]
    hint = "; ssm-harden plan shows why, and what closes them" if failed or undecided else ""
    return "\n".join([*map(clean, report.unread), *lines, f"ssm-harden: {', '.join(counts)}{hint}"]) + "\n"


def _place(finding: Finding) -> tuple[str, int, int, str]:
    match finding.verdict.at:
        case CodeOrigin(file=file, line=line):
            return (file, line, finding.severity.rank, finding.rule.id)
        case ApiOrigin(arn=arn):
            return (arn, 0, finding.severity.rank, finding.rule.id)


def _lines(finding: Finding, style: Style) -> Iterator[str]:
    verdict = finding.verdict
    if not finding.counts:
        return
    match verdict:
        case Failed(at, message):
            severity = style.paint(finding.severity.value, *TONES[finding.severity])
            yield f"{clean(str(at))}: {severity} {finding.rule.id} {clean(message)}"
        case Crashed(at, message):
            yield f"{clean(str(at))}: crashed {finding.rule.id} {clean(message)}"
        case Passed() | Undecided() | NotApplicable():
            return
