"""The audit as a code quality report of GitLab: failures, and as `info` what is unknown.

Waived failures are left out: GitLab has no word for them. What is known in the baseline stays: GitLab compares with the
target branch by itself. The path of what was read from AWS is `aws/ACCOUNT/REGION`,
which is not in the repository.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from ssm_hardening.read.snapshot.encoding import Json
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import Style
from ssm_hardening.report.verdicts import about, numbered, place_in_tree, working_tree, worst_first
from ssm_hardening.verdicts.findings import Failed, Finding, Severity

_SEVERITIES: Mapping[Severity, str] = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def render_gitlab(report: AuditReport, _style: Style) -> str:
    """Return the report as text, in ASCII, worst first. Paths and fingerprints are relative to the working tree."""
    base = working_tree(Path.cwd())
    shown = [finding for finding in worst_first(report.audit.findings) if finding.waiver is None]
    return json.dumps([_issue(finding, mark, base) for finding, mark in numbered(shown, base=base)], indent=2) + "\n"


def _issue(finding: Finding, mark: str, base: Path) -> Json:
    failed = isinstance(finding.verdict, Failed)
    path, line = place_in_tree(finding, finding.verdict.at, base=base)
    told = about(finding) if failed else f"undecided: {about(finding)}"
    return {
        "description": f"{finding.rule.id}: {told}",
        "check_name": finding.rule.id,
        "fingerprint": mark,
        "severity": _SEVERITIES[finding.severity] if failed else "info",
        "location": {"path": path, "lines": {"begin": line}},
    }
