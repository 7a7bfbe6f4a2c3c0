"""Our own rules as a verifier of a folder."""

from ssm_hardening.findings import Audit, Crashed, Failed, Finding, Undecided
from ssm_hardening.verification.runner import Check, Outcome

NAME = "ssm-harden audit"


def audit_check(audit: Audit) -> Check:
    """Return what an audit means for a verification: failed with a gap, skipped where something is undecided."""
    open_findings = [finding for finding in audit.findings if finding.waiver is None]
    failed = [finding for finding in open_findings if isinstance(finding.verdict, Failed | Crashed)]
    undecided = [finding for finding in open_findings if isinstance(finding.verdict, Undecided)]
    if failed:
        return Check(NAME, Outcome.FAILED, f"{len(failed)} gaps", tuple(map(_line, failed)))
    if undecided:
        told = f"no gap, but {len(undecided)} verdicts are undecided"
        return Check(NAME, Outcome.SKIPPED, told, tuple(map(_line, undecided)))
    return Check(NAME, Outcome.PASSED, f"no gap in {len(audit.rules)} rules of the standard {audit.standard}")


def _line(finding: Finding) -> str:
    verdict = finding.verdict
    reason = f" ({verdict.gap.detail})" if isinstance(verdict, Undecided) else ""
    return f"{verdict.at}: {finding.rule.id} {finding.subject}: {verdict.message}{reason}"
