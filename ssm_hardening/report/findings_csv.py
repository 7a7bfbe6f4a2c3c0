"""The audit as CSV (RFC 4180): a row for each finding, for spreadsheets."""

import csv
import io
from pathlib import Path

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import Style, clean
from ssm_hardening.report.verdicts import message_of, order_key, place_in_tree, verdict_name, working_tree
from ssm_hardening.verdicts.findings import Finding

COLUMNS = (
    *("rule", "severity", "verdict", "account", "region", "root", "file", "line", "subject", "message"),
    *("waiver", "waived_until", "waived_at", "baseline"),
)

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet takes for a formula; also in full width."""


def render_csv(report: AuditReport, _style: Style) -> str:
    """Return the rows, with a head. Of what was read from AWS, `file` is the ARN and `line` empty."""
    base = working_tree(Path.cwd())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    rows = (_row(each, base) for each in sorted(report.audit.findings, key=order_key))
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _row(finding: Finding, base: Path) -> tuple[str, ...]:
    waiver = finding.waiver
    return (
        finding.rule.id,
        finding.severity.value,
        verdict_name(finding),
        finding.account,
        finding.region,
        finding.root,
        *_place(finding, base),
        finding.subject,
        message_of(finding),
        *(("", "", "") if waiver is None else (waiver.reason, waiver.until or "", str(waiver.at))),
        finding.since or "",
    )


def _place(finding: Finding, base: Path) -> tuple[str, str]:
    match finding.verdict.at:
        case ApiOrigin(arn=arn):
            return arn, ""
        case CodeOrigin() as at:
            path, line = place_in_tree(finding, at, base=base)
            return path, str(line)


def guarded(text: str) -> str:
    """Return the cell such that no spreadsheet computes it, nor any terminal obeys it."""
    shown = clean(text)
    return f"'{shown}" if text.lstrip(" ").startswith(_FORMULAS) or shown.lstrip(" ").startswith(_FORMULAS) else shown
