"""The catalogue of rules, for people."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from ssm_hardening.report.style import Style, Tone, breadth
from ssm_hardening.report.words import HEADINGS, TONES, counted
from ssm_hardening.verdicts.findings import Question, RuleInfo
from ssm_hardening.verdicts.standards import Standard

Json: TypeAlias = dict[str, Any]

SCHEMA = "ssm-harden/rules/1"
_TITLES_AT = 22
_LEAST_GAP = 2


def render_rules(rules: Sequence[RuleInfo], standard: Standard, *, style: Style) -> str:
    """Return the rules by question, with the severity that this standard gives them."""
    lines = [style.spread(f"{counted(len(rules), 'rule')}", f"standard {standard.name}", indent=0)]
    for question in Question:
        about = [rule for rule in rules if rule.question is question]
        lines += style.heading(HEADINGS[question], counted(len(about), "rule")) if about else []
        for rule in about:
            lines += _rule(rule, standard, style)
    return style.finish(lines)


def rules_document(rules: Sequence[RuleInfo], standard: Standard) -> Json:
    """Return the same as JSON."""
    return {"schema": SCHEMA, "standard": standard.name, "rules": [_rule_json(rule, standard) for rule in rules]}


def _rule_json(rule: RuleInfo, standard: Standard) -> Json:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": standard.severity_of(rule, None).value,
        "on": rule.id not in standard.off,
        "question": rule.question.value,
        "requirements": [requirement.value for requirement in (rule.requirement, *rule.also)],
        "confidence": rule.confidence.value,
        "remedy": rule.remedy,
        "manual": rule.manual,
        "explanation": rule.explanation,
    }


def _rule(rule: RuleInfo, standard: Standard, style: Style) -> list[str]:
    off = rule.id in standard.off
    severity = standard.severity_of(rule, None)
    badge = style.paint("OFF".ljust(8), Tone.DIM) if off else style.paint(severity.upper().ljust(8), *TONES[severity])
    remedy = rule.remedy or "by hand"
    tone = Tone.DIM if off else Tone.BOLD
    first, *others = style.wrap(rule.title, _TITLES_AT, tone)
    lines = [f"  {badge}  {style.paint(rule.id.ljust(9), tone)} {first.lstrip()}", *others]
    room = style.width - breadth(lines[-1]) - len(remedy)
    if room < _LEAST_GAP:
        return [*lines, style.spread("", remedy, indent=_TITLES_AT)]
    return [*lines[:-1], f"{lines[-1]}{' ' * room}{style.paint(remedy, Tone.DIM)}"]
