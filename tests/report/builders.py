"""Audits without sources: rules, findings and plans for the tests of reports."""

from typing import Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.verdicts.findings import Audit, Failed, Finding, Question, Requirement, RuleInfo, Severity, Verdict

AT = CodeOrigin("main.tf", 3, 9)


def info(identifier: str, **changes: Any) -> RuleInfo:
    """Return what there is to say about a rule that does not exist."""
    given: dict[str, Any] = {
        "title": f"Title of {identifier}",
        "severity": Severity.MEDIUM,
        "question": Question.AUDIT,
        "requirement": Requirement.AUDITING,
        "remedy": "session-preferences",
        "explanation": f"Why {identifier} matters. A second sentence.",
    }
    return RuleInfo(id=identifier, **(given | changes))


def finding(rule: RuleInfo, verdict: Verdict, *, origin: Origin = AT, **changes: Any) -> Finding:
    """Return a finding of this rule on a preferences document."""
    named = verdict.severity if isinstance(verdict, Failed) else None
    given: dict[str, Any] = {
        "account": "",
        "root": ".",
        "region": "",
        "subject": "aws_ssm_document.prefs",
        "declaration": "aws_ssm_document.prefs",
        "severity": named or rule.severity,
    }
    return Finding(rule=rule, verdict=verdict, origin=origin, **(given | changes))


def audit_of(*findings: Finding, rules: tuple[RuleInfo, ...] = ()) -> Audit:
    """Return the audit with these findings, in this order."""
    judged = rules or tuple(dict.fromkeys(item.rule for item in findings))
    return Audit(standard="baseline", sources=("terraform",), findings=findings, rules=judged)
