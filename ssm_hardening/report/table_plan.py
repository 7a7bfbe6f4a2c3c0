"""The remediation, for people, in the manner of `terraform plan`."""

import json
from collections.abc import Mapping, Sequence

from ssm_hardening.core.errors import counted
from ssm_hardening.hcl.writing import Encodable, Expression
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
from ssm_hardening.report.audit_json import monthly_usd
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.report.words import listed


def remediation_lines(plan: RemediationPlan, style: Style) -> list[str]:
    """Return the stages, what they could stop, what they ask, and what they cost."""
    lines = style.heading("Remediation", _tally(plan))
    if not plan.stages:
        return [*lines, style.paint("  nothing to change", Tone.DIM)]
    for stage in plan.stages:
        lines += [*_stage(stage, style), ""]
    lines += _variables(plan.variables, style)
    lines += _handovers(plan.handovers, style)
    lines += _lockouts(plan.lockouts, style)
    lines += _questions(plan.questions, style)
    return [*lines, *_costs(plan.costs, style)]


def _tally(plan: RemediationPlan) -> str:
    modules = sum(len(stage.modules) for stage in plan.stages)
    edits = sum(len(stage.edits) for stage in plan.stages)
    manual = sum(len(stage.manual) for stage in plan.stages)
    imported = [f"{counted(len(plan.imports), 'object')} to import"] if plan.imports else []
    parts = [f"{counted(modules, 'module')} to add", *imported, f"{counted(edits, 'file')} to write"]
    return " · ".join([*parts, f"{counted(manual, 'manual step')}"] if manual else parts)


def _stage(stage: Stage, style: Style) -> list[str]:
    lines = [f"  {style.paint(f'Stage {stage.number}', Tone.BOLD)}  {style.paint(stage.title, Tone.BOLD)}"]
    for check in stage.checks:
        lines += style.wrap(f"before you start: {check}", 4, Tone.DIM, hang=2)
    for call in stage.modules:
        lines += _module(call, style)
    for each in stage.imports:
        lines += _import(each, style)
    for edit in stage.edits:
        lines += _edit(edit, style)
    for step in stage.manual:
        lines += _manual(step, style)
    return lines


def _head(mark: str, tone: Tone, name: str, closes: Sequence[str], style: Style) -> list[str]:
    """Return `+ name     closes RULES`, the rules below where they do not fit."""
    text = f"fixes {listed(closes, most=6)}" if closes else ""
    line = "    " + style.paint(mark, tone) + " " + style.spread(name, text, indent=6)[6:]
    if len(name) + len(text) + 8 <= style.width:
        return [line]
    return ["    " + style.paint(mark, tone) + " " + style.paint(name, Tone.BOLD), *style.wrap(text, 8, Tone.DIM)]


def _module(call: ModuleCall, style: Style) -> list[str]:
    lines = _head("+", Tone.GREEN, f"module.{call.label}", call.closes, style)
    expected = f"expected after the apply: {listed(call.expects, most=6)}" if call.expects else ""
    lines += style.wrap(expected, 8, Tone.DIM)
    room = max((len(name) for name in (*call.inputs, "source")), default=0)
    shown = {"source": f'"./modules/{call.module}"', **{name: _input(call.inputs[name]) for name in call.inputs}}
    for name, text in shown.items():
        lines += style.wrap(f"{name.ljust(room)} = {text}", 8, hang=room + 3)
    return lines + style.wrap(call.note, 8, Tone.DIM)


def _import(each: Import, style: Style) -> list[str]:
    return [
        f"    {style.paint('<', Tone.CYAN)} {style.paint('import', Tone.BOLD)} {style.paint(each.id)}",
        *style.wrap(f"as {each.to}", 8, Tone.DIM),
    ]


def _input(given: ModuleInput) -> str:
    match given:
        case FromVariable(name):
            return f"var.{name}"
        case FromExpression(expression):
            return expression
        case AsJson(data):
            return f"jsonencode({_inline(data)})"
        case _:
            return _inline(given)


def _inline(value: Encodable) -> str:
    """Return a value on one line, as JSON has it; an expression of ours among it stands as it is."""
    match value:
        case Expression(text):
            return text
        case Mapping():
            members = (f"{json.dumps(key, ensure_ascii=False)}: {_inline(each)}" for key, each in value.items())
            return f"{{{', '.join(members)}}}"
        case Sequence() if not isinstance(value, str):
            return f"[{', '.join(_inline(each) for each in value)}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _edit(edit: Edit, style: Style) -> list[str]:
    hunks = sum(line.startswith("@@") for line in edit.diff.split("\n"))
    new = "--- /dev/null" in edit.diff.split("\n", 1)[0]
    mark, tone, extent = ("+", Tone.GREEN, "new") if new else ("~", Tone.YELLOW, counted(hunks, "edit"))
    lines = _head(mark, tone, f"{edit.file} ({extent})", edit.closes, style)
    lines += style.wrap(edit.note, 8, Tone.DIM)
    return lines + [f"      {_diff_line(line, style)}" for line in edit.diff.rstrip("\n").split("\n")]


def _diff_line(line: str, style: Style) -> str:
    if line.startswith(("+++", "---")):
        return style.paint(line, Tone.BOLD)
    tones = {"+": Tone.GREEN, "-": Tone.RED, "@": Tone.CYAN}
    tone = tones.get(line[:1])
    return style.paint(line, tone) if tone else style.paint(line)


def _manual(step: ManualStep, style: Style) -> list[str]:
    lines = _head("!", Tone.CYAN, step.at or "manual step", step.closes, style)
    lines += style.wrap(step.what, 8)
    lines += [f"          {style.paint(line)}".rstrip() for line in step.lines.splitlines()]
    return lines + style.wrap(f"manual: {step.why}" if step.why else "", 8, Tone.DIM)


def _variables(variables: Sequence[Variable], style: Style) -> list[str]:
    if not variables:
        return []
    lines = [f"  {style.paint('Inputs that you must set', Tone.BOLD)}"]
    for variable in variables:
        lines += style.wrap(f"var.{variable.name}: {variable.description}", 4, hang=2)
    return [*lines, ""]


def _handovers(handovers: Sequence[Handover], style: Style) -> list[str]:
    if not handovers:
        return []
    lines = [f"  {style.paint('Variables that the edits add to your code', Tone.BOLD)}"]
    for handover in handovers:
        lines += style.wrap(
            f"{handover.root}: var.{handover.variable.name}: {handover.variable.description}", 4, hang=2
        )
        given = f"= {handover.value}" if handover.value else "you must set this"
        lines += style.wrap(given, 6, Tone.DIM, hang=2)
    return [*lines, ""]


def _lockouts(lockouts: Sequence[Lockout], style: Style) -> list[str]:
    if not lockouts:
        return []
    lines = [f"  {style.paint('What could stop working', Tone.BOLD, Tone.YELLOW)}"]
    for lockout in lockouts:
        lines += style.wrap(f"! {lockout.change}", 4, hang=2)
        lines += style.labelled("stops", lockout.stops, 6, room=12)
        lines += style.labelled("mitigation", lockout.avoided_by, 6, room=12)
    return [*lines, ""]


def _questions(questions: Sequence[str], style: Style) -> list[str]:
    if not questions:
        return []
    lines = [f"  {style.paint('Questions that only you can answer', Tone.BOLD)}"]
    for question in questions:
        lines += style.wrap(f"? {question}", 4, hang=2)
    return [*lines, ""]


def _costs(costs: Sequence[CostItem], style: Style) -> list[str]:
    if not costs:
        return []
    lines = [f"  {style.paint('Cost', Tone.BOLD)}  {style.paint('USD per month', Tone.DIM)}"]
    for item in costs:
        lines += style.wrap(f"{_amount(item)}  {item.what}", 4, hang=10)
        lines += style.wrap(item.formula, 14, Tone.DIM)
    open_ended = any(item.monthly_usd is None for item in costs)
    total = f"{monthly_usd(costs):8.2f}  in total" + (", plus usage-based costs" if open_ended else "")
    return [*lines, f"    {style.paint(total, Tone.BOLD)}", ""]


def _amount(item: CostItem) -> str:
    return "by usage".rjust(8) if item.monthly_usd is None else f"{item.monthly_usd:8.2f}"
