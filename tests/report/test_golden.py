"""Whole reports against files; `SSM_HARDEN_GOLDEN=write pytest tests/report` writes them anew, for review."""

import json
import os
import re
from pathlib import Path

import pytest

from ssm_hardening.report.audit_json import audit_document
from ssm_hardening.report.facts import render_facts
from ssm_hardening.report.formats import AuditReport, Catalogue
from ssm_hardening.report.rules import render_rule, render_rules
from ssm_hardening.report.screen import render_screen
from ssm_hardening.report.style import Style
from ssm_hardening.report.table import render_audit
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.report import samples, screens
from tests.rules import builders

GOLDEN = Path(__file__).parent / "golden"
STANDARDS = tuple(BUILT_IN.values())
NOTES = ("main.tf:12: the waiver for PREF-07 has no effect here; remove it",)
WHOLE = AuditReport(audit=samples.audit(), plan=samples.plan(), notes=NOTES)


def render(name: str) -> str:
    match name:
        case "plan.txt":
            return render_audit(WHOLE, Style())
        case "plan.ansi":
            return render_audit(WHOLE, Style(colour=True, width=80))
        case "check.ascii.txt":
            return render_audit(AuditReport(audit=samples.audit()), Style(unicode=False, width=60))
        case "crashed.txt":
            return render_audit(AuditReport(audit=samples.crashed()), Style())
        case _ if name.startswith("screen-"):
            _, number, width, kind = re.split(r"[-.]", name)
            return render_screen(screens.screen(int(number)), Style(width=int(width), colour=kind == "ansi"))
        case "audit.json":
            return json.dumps(audit_document(WHOLE), indent=2) + "\n"
        case "rules.txt":
            return render_rules(Catalogue(samples.RULES, BUILT_IN["transcript-only"]), Style())
        case "explain.txt":
            return render_rule(samples.RUN_AS, STANDARDS, style=Style())
        case _:
            account = builders.account(
                session_documents=[builders.preferences_document(kms_key=builders.unknown())], log_groups=[]
            )
            return render_facts([account], Style())


SCREENS = [f"screen-{number}.{width}.txt" for number in (0, 1, 10, 30, 300) for width in (80, 120)]


@pytest.mark.parametrize(
    "name",
    [
        *SCREENS,
        "screen-10.120.ansi",
        "plan.txt",
        "plan.ansi",
        "check.ascii.txt",
        "crashed.txt",
        "audit.json",
        "rules.txt",
        "explain.txt",
        "facts.txt",
    ],
)
def test_a_report_looks_as_it_did(name: str) -> None:
    path = GOLDEN / name
    if os.environ.get("SSM_HARDEN_GOLDEN") == "write":
        path.write_text(render(name), encoding="utf-8")
    assert render(name) == path.read_text(encoding="utf-8")
