"""The audit as workflow commands of GitHub Actions, which shows them as annotations of the files.

GitHub shows ten errors, ten warnings and ten notices of a step. The worst come first; the last notice counts all, and
what is left out. What is waived, or known in the baseline, has no annotation and is counted there.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ssm_hardening.core.errors import counted
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.report.audit_json import summary
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import Style, clean
from ssm_hardening.report.verdicts import about, headline_of, place_in_tree, working_tree, worst_first
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, Severity

MOST = 10
"""Annotations of each kind that GitHub shows for a step."""

_KINDS: Mapping[Severity, str] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "warning",
}


def render_github(report: AuditReport, _style: Style) -> str:
    """Return a line for each annotation. Paths are relative to the working tree."""
    base = working_tree(Path.cwd())
    shown = [finding for finding in worst_first(report.audit.findings) if finding.counts]
    commands = [
        *(("error", _command("error", clean(text), title="ssm-harden: not read")) for text in report.unread),
        *((_kind(finding), _annotation(finding, base)) for finding in shown),
    ]
    lines = []
    for kind, most in (("error", MOST), ("warning", MOST), ("notice", MOST - 1)):
        lines += [line for each, line in commands if each == kind][:most]
    last = _summary(report.audit.findings, left_out=len(commands) - len(lines))
    return "\n".join([*lines, _command("notice", last, title="ssm-harden")]) + "\n"


def _kind(finding: Finding) -> str:
    match finding.verdict:
        case Failed():
            return _KINDS[finding.severity]
        case Crashed():
            return "error"
        case _:
            return "notice"


def _annotation(finding: Finding, base: Path) -> str:
    word = finding.severity.value if isinstance(finding.verdict, Failed) else _kind_of_doubt(finding)
    title = f"{finding.rule.id} ({word}): {headline_of(finding)}"
    path, line = place_in_tree(finding, finding.verdict.at, base=base)
    at = {"file": path, "line": str(line)} if isinstance(finding.verdict.at, CodeOrigin) else {}
    return _command(_kind(finding), clean(about(finding)), **at, title=clean(title))


def _kind_of_doubt(finding: Finding) -> str:
    return "internal error" if isinstance(finding.verdict, Crashed) else "undecided"


def _summary(findings: Sequence[Finding], *, left_out: int) -> str:
    counts = summary(findings)
    told = [f"{sum(counts['failed'].values())} failed", f"{counts['undecided']} undecided"]
    told += [f"{counts[kind]} {kind}" for kind in ("crashed", "waived", "known") if counts[kind]]
    more = f"; {counted(left_out, 'annotation')} more than GitHub shows" if left_out else ""
    return f"{', '.join(told)}{more}"


def _command(kind: str, message: str, **properties: str) -> str:
    """Return a workflow command, escaped as GitHub's runner undoes it."""
    return f"::{kind} {','.join(_properties(properties))}::{_data(message)}"


def _properties(properties: Mapping[str, str]) -> Iterator[str]:
    for name, value in properties.items():
        yield f"{name}={_data(value).replace(':', '%3A').replace(',', '%2C')}"


def _data(text: str) -> str:
    # A name of a file may hold what a terminal would obey.
    text = "".join(each if each.isprintable() or each in "\r\n" else repr(each)[1:-1] for each in text)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
