"""JUnit XML: Jenkins' schema, a case for each verdict, and any text."""

import pytest

from ssm_hardening.verdicts.findings import Audit, Failed
from tests.report import samples
from tests.report.builders import audit_of, finding, info
from tests.report.consumers import HOSTILE, from_aws, hostile, junit_cases, render


def test_a_whole_audit() -> None:
    cases = {case.attrib["name"]: case for case in junit_cases(render("junit", samples.audit()))}
    assert len(cases) == len(samples.audit().findings)
    failure = cases["S3-03: aws_s3_bucket.logs"].find("failure")
    assert failure is not None
    assert failure.attrib == {"type": "critical", "message": "block_public_acls is false"}
    assert failure.text == "prod/logs.tf:1: critical: Log bucket can be public"
    assert (
        cases["PREF-08: aws_ssm_document.prefs"].findtext("skipped")
        == "waived until 2027-01-31: nightly batch jobs run for hours (prod/main.tf:2)"
    )
    assert cases["ACCT-07: aws_ssm_document.prefs"].findtext("skipped") == "not applicable: one owner"
    undecided = cases["KMS-01: aws_ssm_document.prefs"].findtext("skipped") or ""
    assert undecided.startswith(
        "undecided: var.kms_key has no default (prod/main.tf:16). To resolve: pass it with --var"
    )
    assert list(cases["NET-01: aws_security_group.nodes"]) == []


def test_a_rule_that_broke_is_an_error() -> None:
    (case,) = junit_cases(render("junit", samples.crashed()))
    error = case.find("error")
    assert error is not None
    assert error.attrib["message"] == "TypeError: boom"


def test_no_findings_are_no_suites() -> None:
    assert junit_cases(render("junit", audit_of())) == []


def test_a_suite_is_a_family() -> None:
    text = render("junit", samples.audit())
    assert [name in text for name in ('testsuite name="PREF"', 'testsuite name="S3"')] == [True, True]


def test_hostile_text_arrives_as_text() -> None:
    assert len(junit_cases(render("junit", hostile()))) == 3 * len(HOSTILE)


@pytest.mark.parametrize("text", ["]]>", "<script>", "\"'&", "ä ☃ \U0001f600", "a | b"])
def test_what_xml_can_hold_is_kept(text: str) -> None:
    audit = audit_of(finding(info("PREF-03"), Failed(samples.DOCUMENT, text), subject=text))
    (case,) = junit_cases(render("junit", audit))
    assert case.attrib["name"] == f"PREF-03: {text}"
    assert case[0].attrib["message"] == text


def test_what_xml_cannot_hold_is_written_out() -> None:
    audit: Audit = audit_of(finding(info("PREF-03"), Failed(samples.DOCUMENT, "\x00\ufffe\ud800")))
    (case,) = junit_cases(render("junit", audit))
    assert case[0].attrib["message"] == "\\x00\\ufffe\\ud800"


def test_code_is_named_by_its_root() -> None:
    audit = audit_of(finding(info("PREF-03"), Failed(samples.DOCUMENT, "no"), root="infra/prod", region="eu-central-1"))
    (case,) = junit_cases(render("junit", audit))
    assert case.attrib["classname"] == "infra/prod.PREF-03"


def test_a_live_account_is_named() -> None:
    names = {case.attrib["classname"].rpartition(".")[0] for case in junit_cases(render("junit", from_aws()))}
    assert names == {"111122223333/eu-central-1"}
