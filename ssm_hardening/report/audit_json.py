"""The audit as JSON, in the public contract `ssm-harden/audit/1`: the same findings give the same bytes."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ssm_hardening import __version__
from ssm_hardening.core.values import Inventory, Unknown, Value
from ssm_hardening.hcl.writing import Encodable, Expression, encode
from ssm_hardening.iam.requests import Asked
from ssm_hardening.iam.statements import Statement
from ssm_hardening.judge.comparison import Comparison, Pair
from ssm_hardening.judge.equality import Difference
from ssm_hardening.model import Fact
from ssm_hardening.read.snapshot import origin_json, value_json
from ssm_hardening.read.snapshot.encoding import Json, inventory_json
from ssm_hardening.remediation.plan import (
    AsJson,
    CostItem,
    Edit,
    FromExpression,
    FromVariable,
    Handover,
    Import,
    Lockout,
    ManualStep,
    ModuleCall,
    ModuleInput,
    RemediationPlan,
    Stage,
    Variable,
)
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.matrix import AccountTally, matrix
from ssm_hardening.report.requirements import RequirementAnswer, requirements
from ssm_hardening.report.style import Style
from ssm_hardening.report.verdicts import (
    asked_by_rule,
    asked_of,
    example_json,
    example_of,
    fingerprint,
    former_fingerprints,
    gap_of,
    message_of,
    order_key,
    related_to,
    verdict_name,
    working_tree,
)
from ssm_hardening.verdicts.findings import Finding, Related, Severity, Waiver

SCHEMA = "ssm-harden/audit/1"


def render_audit_json(report: AuditReport, _style: Style) -> str:
    """Return the document as text, in ASCII, so that no terminal and no encoding can change or be changed by it.

    Its fingerprints are relative to the working tree in which the command was started.
    """
    text = StringIO()
    # Written piece by piece: a list of all pieces takes several times the memory of the text.
    json.dump(audit_document(report, base=working_tree(Path.cwd())), text, indent=2)
    text.write("\n")
    return text.getvalue()


def audit_document(report: AuditReport, *, base: Path | None = None) -> Json:
    """Return the audit and its remediation.

    `base` is the working tree that fingerprints are relative to. Live accounts are listed, the worst first, with what
    could not be read; the comparison is null where code and an account were not both read.
    """
    audit = report.audit
    findings = sorted(audit.findings, key=order_key)
    return {
        "schema": SCHEMA,
        "tool": {"name": "ssm-harden", "version": __version__},
        "standard": audit.standard,
        "sources": sorted(audit.sources),
        "verdicts": [_verdict(finding, base) for finding in findings],
        "accounts": [_cell(cell) for cell in matrix(report.accounts, findings)],
        "comparison": None if report.comparison is None else _comparison(report.comparison),
        "requirements": [_requirement(answer) for answer in requirements(audit)],
        "remediation": None if report.plan is None else remediation_json(report.plan),
        "notes": list(report.remarks),
        "summary": summary(findings),
        "asked": {rule: _asked(together) for rule, together in asked_by_rule(findings).items()},
    }


def _asked(together: Asked) -> Json:
    return {"actions": list(together.actions), "resources": list(together.resources)}


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
        "baseline": None if finding.since is None else finding.since.value,
        "fingerprint": fingerprint(finding, base=base),
        **_of_account(finding, base),
        **_of_policies(finding),
    }


def _of_policies(finding: Finding) -> Json:
    """Return what is said only where a verdict rests on what policies allow."""
    example, asked = example_of(finding), asked_of(finding)
    if example is not None:
        return {"example": example_json(example, origin_json)}
    if asked is not None:
        return {"asked": {"actions": len(asked.actions), "requests": asked.requests}}
    return {}


def _of_account(finding: Finding, base: Path | None) -> Json:
    """Return what is said only of what belongs to an AWS account as a whole."""
    if not finding.regions:
        return {}
    before = former_fingerprints(finding, finding.regions, base=base)
    return {"regions": sorted(finding.regions), "former_fingerprints": list(before)}


def _cell(cell: AccountTally) -> Json:
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
    return {"reason": waiver.reason, "until": waiver.until, "kind": waiver.kind.value, "at": origin_json(waiver.at)}


def _requirement(answer: RequirementAnswer) -> Json:
    return {
        "id": answer.requirement.value,
        "status": answer.status.value,
        "decided_by": list(answer.decided_by),
        "not_judged": list(answer.not_judged),
    }


def summary(findings: Sequence[Finding]) -> Json:
    """Count subjects, not rules. What is waived, or known in the baseline, counts as that only."""
    counted = [finding for finding in findings if finding.counts]
    kinds = Counter(verdict_name(finding) for finding in counted)
    failed = Counter(finding.severity for finding in counted if verdict_name(finding) == "failed")
    waived = sum(finding.waiver is not None for finding in findings)
    return {
        "failed": {severity.value: failed[severity] for severity in Severity},
        **{kind: kinds[kind] for kind in ("undecided", "passed", "not_applicable", "crashed")},
        "waived": waived,
        "known": len(findings) - len(counted) - waived,
    }


def _comparison(comparison: Comparison) -> list[Json]:
    """Return the pairs in the public contract, by kind and address."""
    return [_pair_json(pair) for pair in comparison.pairs]


def _pair_json(pair: Pair) -> Json:
    return {
        "kind": pair.kind,
        "standing": pair.standing.value,
        "declared": _side(pair.declared, pair.root),
        "deployed": _side(pair.deployed, pair.live_root),
        "differences": [_difference(each) for each in pair.differences],
        "not_compared": list(pair.unread),
        "doubt": None if pair.doubt is None else pair.doubt.detail,
    }


def _side(fact: Fact | None, root: str) -> Json | None:
    return None if fact is None else {"address": fact.address, "root": root, "at": origin_json(fact.origin)}


def _difference(each: Difference) -> Json:
    return {"key": each.key, "declared": _value(each.declared), "deployed": _value(each.deployed)}


def _value(value: Value[Any] | Inventory[Statement]) -> Json:
    return inventory_json(value) if isinstance(value, Inventory) else value_json(value)


def remediation_json(plan: RemediationPlan) -> Json:
    """Return the plan as it stands in `remediation` of the audit's contract."""
    return {
        "stages": [_stage(stage) for stage in plan.stages],
        "variables": [_variable(variable) for variable in plan.variables],
        "handovers": [_handover(handover) for handover in plan.handovers],
        "lockout": [_lockout(lockout) for lockout in plan.lockouts],
        "questions": list(plan.questions),
        "cost": _cost(plan.costs),
    }


def _stage(stage: Stage) -> Json:
    return {
        "n": stage.number,
        "title": stage.title,
        "modules": [_module(call) for call in stage.modules],
        "imports": [_import(each) for each in stage.imports],
        "edits": [_edit(edit) for edit in stage.edits],
        "manual": [_manual(step) for step in stage.manual],
        "checks": list(stage.checks),
    }


def _module(call: ModuleCall) -> Json:
    return {
        "label": call.label,
        "module": call.module,
        "inputs": {name: _input(call.inputs[name]) for name in sorted(call.inputs)},
        "closes": list(call.closes),
        "expects": list(call.expects),
        "note": call.note,
        "depends_on": list(call.depends_on),
    }


def _import(each: Import) -> Json:
    return {"to": each.to, "id": each.id, "of": each.of}


def _input(given: ModuleInput) -> Json:
    match given:
        case FromVariable(name):
            return {"variable": name}
        case FromExpression(expression):
            return {"expression": expression}
        case AsJson(data):
            return {"value": json.dumps(_plain(data), ensure_ascii=False)}
        case Expression(expression):
            return {"expression": expression}
        case list() if any(isinstance(each, Expression) for each in given):
            return {"expression": f"[{', '.join(map(encode, given))}]"}
        case _:
            return {"value": _plain(given)}


def _plain(data: Encodable) -> object:
    """Return data as JSON has it; an expression among it stands as Terraform would write it into a text."""
    match data:
        case Expression(text):
            return f"${{{text}}}"
        case Mapping():
            return {key: _plain(each) for key, each in data.items()}
        case Sequence() if not isinstance(data, str):
            return [_plain(each) for each in data]
        case _:
            return data


def _edit(edit: Edit) -> Json:
    return {"file": edit.file, "diff": edit.diff, "closes": list(edit.closes), "note": edit.note}


def _manual(step: ManualStep) -> Json:
    return {"what": step.what, "why": step.why, "at": step.at, "closes": list(step.closes), "lines": step.lines}


def _variable(variable: Variable) -> Json:
    return {"name": variable.name, "type": variable.type, "description": variable.description}


def _handover(handover: Handover) -> Json:
    return {"root": handover.root, "variable": _variable(handover.variable), "value": handover.value}


def _lockout(lockout: Lockout) -> Json:
    return {"change": lockout.change, "stops": lockout.stops, "avoided_by": lockout.avoided_by}


def _cost(costs: Sequence[CostItem]) -> Json:
    items: list[dict[str, Any]] = [
        {"what": item.what, "monthly_usd": item.monthly_usd, "formula": item.formula} for item in costs
    ]
    return {"monthly_usd": monthly_usd(costs), "items": items}


def monthly_usd(costs: Sequence[CostItem]) -> float:
    """Return the sum of what does not depend on use."""
    return round(sum(item.monthly_usd for item in costs if item.monthly_usd is not None), 2)
