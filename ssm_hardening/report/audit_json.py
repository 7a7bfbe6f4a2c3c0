"""The audit as JSON, in the public contract `ssm-harden/audit/1`: the same findings give the same bytes."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ssm_hardening import __version__
from ssm_hardening.core.values import Unknown
from ssm_hardening.read.snapshot import origin_json
from ssm_hardening.read.snapshot.encoding import Json
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.beside import NOTHING, Beside
from ssm_hardening.report.comparing import comparison_json
from ssm_hardening.report.matrix import Cell, matrix
from ssm_hardening.report.plan_json import remediation_json
from ssm_hardening.report.requirements import Answer, requirements
from ssm_hardening.report.verdicts import fingerprint, gap_of, message_of, order_key, related_to, verdict_name
from ssm_hardening.verdicts.findings import Audit, Finding, Related, Severity, Waiver

SCHEMA = "ssm-harden/audit/1"


def render_audit_json(
    audit: Audit,
    plan: RemediationPlan | None,
    *,
    notes: Sequence[str] = (),
    base: Path | None = None,
    beside: Beside = NOTHING,
) -> str:
    """Return the document as text, in ASCII, so that no terminal and no encoding can change or be changed by it."""
    document = audit_document(audit, plan, notes=notes, base=base, beside=beside)
    return json.dumps(document, indent=2) + "\n"


def audit_document(
    audit: Audit,
    plan: RemediationPlan | None,
    *,
    notes: Sequence[str] = (),
    base: Path | None = None,
    beside: Beside = NOTHING,
) -> Json:
    """Return the audit and its remediation.

    `base` is the working tree that fingerprints are relative to. Live accounts are listed, the worst first, with what
    could not be read; the comparison is null where code and an account were not both read.
    """
    findings = sorted(audit.findings, key=order_key)
    return {
        "schema": SCHEMA,
        "tool": {"name": "ssm-harden", "version": __version__},
        "standard": audit.standard,
        "sources": sorted(audit.sources),
        "verdicts": [_verdict(finding, base) for finding in findings],
        "accounts": [_cell(cell) for cell in matrix(beside.accounts, findings)],
        "comparison": None if beside.comparison is None else comparison_json(beside.comparison),
        "requirements": [_requirement(answer) for answer in requirements(audit)],
        "remediation": None if plan is None else remediation_json(plan),
        "notes": list(notes),
        "summary": summary(findings),
    }


def _verdict(finding: Finding, base: Path | None) -> Json:
    rule, gap = finding.rule, gap_of(finding)
    return {
        "rule": rule.id,
        "title": rule.title,
        "question": rule.question.value,
        "requirement": rule.requirement.value,
        "severity": finding.severity.value,
        "confidence": rule.confidence.value,
        "account": finding.account,
        "region": finding.region,
        "root": finding.root,
        "subject": finding.subject,
        "verdict": verdict_name(finding),
        "message": message_of(finding),
        "at": origin_json(finding.verdict.at),
        "related": [_related(related) for related in related_to(finding)],
        "why": None if gap is None else _why(gap),
        "remedy": rule.remedy,
        "manual": rule.manual,
        "waiver": None if finding.waiver is None else _waiver(finding.waiver),
        "fingerprint": fingerprint(finding, base=base),
    }


def _cell(cell: Cell) -> Json:
    return {
        "account": cell.account,
        "region": cell.region,
        "root": cell.root,
        "unread": cell.unread or None,
        "failed": {severity.value: cell.failed[severity] for severity in Severity},
        "undecided": cell.undecided,
        "passed": cell.passed,
        "gaps": [{"why": gap.why.value, "detail": gap.detail, "at": origin_json(gap.at)} for gap in cell.gaps],
    }


def _related(related: Related) -> Json:
    return {"at": origin_json(related.at), "note": related.note}


def _why(gap: Unknown) -> Json:
    return {"kind": gap.why.value, "detail": gap.detail, "at": origin_json(gap.at)}


def _waiver(waiver: Waiver) -> Json:
    return {"reason": waiver.reason, "until": waiver.until, "at": origin_json(waiver.at)}


def _requirement(answer: Answer) -> Json:
    return {
        "id": answer.requirement.value,
        "status": answer.status.value,
        "decided_by": list(answer.decided_by),
        "not_judged": list(answer.not_judged),
    }


def summary(findings: Sequence[Finding]) -> Json:
    """Count subjects, not rules. A waived finding counts as waived only."""
    counted = [finding for finding in findings if finding.waiver is None]
    kinds = Counter(verdict_name(finding) for finding in counted)
    failed = Counter(finding.severity for finding in counted if verdict_name(finding) == "failed")
    return {
        "failed": {severity.value: failed[severity] for severity in Severity},
        **{kind: kinds[kind] for kind in ("undecided", "passed", "not_applicable", "crashed")},
        "waived": len(findings) - len(counted),
    }
