"""The catalogue of rules as JSON: `ssm-harden/rules/1`."""

import json
from typing import Any

from ssm_hardening.report.formats import Catalogue
from ssm_hardening.report.style import Style
from ssm_hardening.verdicts.findings import RuleInfo
from ssm_hardening.verdicts.standards import Standard

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
