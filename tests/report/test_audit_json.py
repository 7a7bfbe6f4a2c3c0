import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import ssm_hardening
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.judge.engine import run
from ssm_hardening.model import SessionDocument
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.audit_json import audit_document, render_audit_json
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import PLAIN
from ssm_hardening.report.verdicts import fingerprint, working_tree
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Audit, Failed, Finding, Question, Requirement, Severity, Verdict
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.report import samples
from tests.report.builders import AT, finding, info
from tests.rules import builders

SCHEMA = Path(ssm_hardening.__file__).parent / "schemas" / "audit-1.schema.json"
RULE = info("PREF-03")


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@rule(
    id="TEST-01",
    title="A rule of the tests",
    severity=Severity.LOW,
    over=Selector("documents", lambda account: account.session_documents),
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual="it is a test",
)
def always_fails(document: SessionDocument, _context: Context) -> Verdict:
    """Tests want rules. Nothing else does."""
    return Failed(document.origin, f"{document.address} is here")


@pytest.mark.parametrize("plan", [None, samples.plan(), RemediationPlan(stages=())])
@pytest.mark.parametrize("audit", [samples.audit(), samples.crashed()])
def test_every_document_keeps_to_its_schema(audit: Audit, plan: RemediationPlan | None) -> None:
    validator().validate(audit_document(AuditReport(audit=audit, plan=plan, notes=["a note"])))


def test_what_the_engine_yields_keeps_to_the_schema() -> None:
    audit = run([always_fails], [builders.account()], BUILT_IN["baseline"])
    document = audit_document(AuditReport(audit=audit))
    validator().validate(document)
    (verdict,) = document["verdicts"]
    assert verdict["message"] == "aws_ssm_document.prefs is here"
    assert verdict["manual"] == "it is a test"


@pytest.mark.parametrize("slip", ["rule", "fingerprint", "why"])
def test_the_schema_catches_slips(slip: str) -> None:
    document = audit_document(AuditReport(audit=samples.audit()))
    undecided = next(item for item in document["verdicts"] if item["verdict"] == "undecided")
    undecided[slip] = None
    assert list(validator().iter_errors(document))


def test_the_summary_counts_subjects_and_waived_ones_apart() -> None:
    assert audit_document(AuditReport(audit=samples.audit()))["summary"] == {
        "failed": {"critical": 1, "high": 3, "medium": 2, "low": 0},
        "undecided": 2,
        "passed": 1,
        "not_applicable": 1,
        "crashed": 0,
        "waived": 1,
        "known": 0,
    }


def test_the_document_is_plain_ascii() -> None:
    hostile = finding(RULE, Failed(AT, "\x1b[2J\u202e\ud800 ä"))
    audit = Audit(standard="baseline", sources=(), findings=(hostile,), rules=(RULE,))
    text = render_audit_json(AuditReport(audit=audit), PLAIN)
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["verdicts"][0]["message"] == "\x1b[2J\u202e\ud800 ä"


def _finding(**changes: Any) -> Finding:
    return replace(finding(RULE, Failed(AT, "it is 60"), root="infra/prod"), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"root": "./infra//prod/"},
        {"verdict": Failed(ApiOrigin("arn", "call"), "other words")},
        {"origin": ApiOrigin("arn", "call")},
        {"severity": Severity.CRITICAL},
        {"region": "eu-west-1"},
    ],
)
def test_a_fingerprint_stays_when_places_and_words_change(changes: dict[str, Any]) -> None:
    assert fingerprint(_finding(**changes)) == fingerprint(_finding())


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": info("PREF-04")},
        {"subject": "aws_ssm_document.other"},
        {"root": "infra/test"},
        {"account": "123456789012"},
    ],
)
def test_a_fingerprint_tells_findings_apart(changes: dict[str, Any]) -> None:
    assert fingerprint(_finding(**changes)) != fingerprint(_finding())


def test_where_the_account_is_known_the_folder_does_not_matter_but_the_region_does() -> None:
    one = _finding(account="123456789012", region="eu-west-1")
    assert fingerprint(replace(one, root="elsewhere")) == fingerprint(one)
    assert fingerprint(replace(one, region="eu-west-2")) != fingerprint(one)


def test_a_fingerprint_is_relative_to_the_working_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "infra" / "prod").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "infra")
    base = working_tree(Path.cwd())
    here = fingerprint(_finding(root="prod"), base=base)
    assert here == fingerprint(_finding(root=str(tmp_path / "infra" / "prod")), base=base)
    assert here == fingerprint(_finding(root="infra/prod"))
