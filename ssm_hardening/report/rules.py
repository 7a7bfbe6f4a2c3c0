"""The catalogue of rules: the list and one rule explained, for people; and as JSON, `ssm-harden/rules/1`."""

import json
from collections.abc import Sequence
from typing import Any

from ssm_hardening.core.errors import counted
from ssm_hardening.report.formats import Catalogue
from ssm_hardening.report.style import Style, Tone, breadth
from ssm_hardening.report.words import HEADINGS, TITLES, TONES, paragraphs
from ssm_hardening.verdicts.findings import Confidence, Question, RuleInfo
from ssm_hardening.verdicts.standards import Standard

_TITLES_AT = 22
_LEAST_GAP = 2
_ROOM = 13


def render_rules(catalogue: Catalogue, style: Style) -> str:
    """Return the rules by question, with the severity that this standard gives them."""
    rules, standard = catalogue.rules, catalogue.standard
    lines = [style.spread(f"{counted(len(rules), 'rule')}", f"standard {standard.name}", indent=0)]
    for question in Question:
        about = [rule for rule in rules if rule.question is question]
        lines += style.heading(HEADINGS[question], counted(len(about), "rule")) if about else []
        for rule in about:
            lines += _rule(rule, standard, style)
    return style.finish(lines)


def _rule(rule: RuleInfo, standard: Standard, style: Style) -> list[str]:
    off = rule.id in standard.off
    severity = standard.severity_of(rule, None)
    badge = style.paint("OFF".ljust(8), Tone.DIM) if off else style.paint(severity.upper().ljust(8), *TONES[severity])
    remedy = rule.remedy or "manual"
    tone = Tone.DIM if off else Tone.BOLD
    first, *others = style.wrap(rule.title, _TITLES_AT, tone)
    lines = [f"  {badge}  {style.paint(rule.id.ljust(9), tone)} {first.lstrip()}", *others]
    room = style.width - breadth(lines[-1]) - len(remedy)
    if room < _LEAST_GAP:
        return [*lines, style.spread("", remedy, indent=_TITLES_AT)]
    return [*lines[:-1], f"{lines[-1]}{' ' * room}{style.paint(remedy, Tone.DIM)}"]


def render_rule(rule: RuleInfo, standards: Sequence[Standard], *, style: Style) -> str:
    """Return what the rule checks, why it matters, how severe it is by which standard, and what closes it."""
    lines = style.heading(f"{rule.id}  {rule.title}")[1:]
    for paragraph in paragraphs(rule.explanation):
        lines += [*style.wrap(paragraph, 2), ""]
    lines += _about(rule, style)
    lines += [style.paint("  severity", Tone.DIM)]
    for standard in standards:
        lines += [_severity(rule, standard, style)]
    if rule.may:
        lines += style.wrap(f"in some cases {', '.join(severity.value for severity in rule.may)}", _ROOM + 2, Tone.DIM)
    return style.finish([*lines, "", *_example(rule, style)])


def _about(rule: RuleInfo, style: Style) -> list[str]:
    needs = ", ".join(TITLES[requirement] for requirement in (rule.requirement, *rule.also))
    certain = rule.confidence is Confidence.CERTAIN
    ground = "certain: documented, or read in the agent's code" if certain else "reported by users, not documented"
    fixed = f"manual: {rule.manual}" if rule.remedy is None else f"an edit, or the module {rule.remedy}"
    lines = style.labelled("fix", fixed, 2, Tone.GREEN, room=_ROOM)
    lines += style.labelled("question", HEADINGS[rule.question], 2, room=_ROOM)
    lines += style.labelled("requirement", needs, 2, room=_ROOM)
    return lines + style.labelled("confidence", ground, 2, room=_ROOM)


def _severity(rule: RuleInfo, standard: Standard, style: Style) -> str:
    name = style.paint(standard.name.ljust(17), Tone.DIM)
    if rule.id in standard.off:
        return f"    {name}{style.paint('off', Tone.DIM)}"
    severity = standard.severity_of(rule, None)
    return f"    {name}{style.paint(severity.value, *TONES[severity])}"


def _example(rule: RuleInfo, style: Style) -> list[str]:
    waiver = f"# ssm-harden:skip={rule.id} until=YYYY-MM-DD reason"
    lines = style.wrap("To accept a finding, write in or above the block:", 2, Tone.DIM)
    return [*lines, "    " + style.paint(waiver, Tone.DIM)]  # never wrapped: it is there to be copied


SCHEMA = "ssm-harden/rules/1"


def render_rules_json(catalogue: Catalogue, _style: Style) -> str:
    """Return the rules as one JSON document."""
    rules = [_rule_json(rule, catalogue.standard) for rule in catalogue.rules]
    return json.dumps({"schema": SCHEMA, "standard": catalogue.standard.name, "rules": rules}, indent=2)


def _rule_json(rule: RuleInfo, standard: Standard) -> dict[str, Any]:
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
