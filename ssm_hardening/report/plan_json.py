"""A remediation as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ssm_hardening.hcl.writing import Encodable, Expression
from ssm_hardening.read.snapshot.encoding import Json
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
        case _:
            return {"value": _plain(given)}


def _plain(data: Encodable) -> Any:  # noqa: ANN401 - any JSON
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
