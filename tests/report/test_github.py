"""Annotations of GitHub Actions: as its runner reads them, the worst first, no more than it shows."""

from collections import Counter

import pytest

from ssm_hardening.verdicts.findings import Failed, Severity
from tests.report import samples
from tests.report.builders import audit_of, finding, info
from tests.report.consumers import Command, commands, from_aws, hostile, many, render


def test_a_whole_audit() -> None:
    shown = commands(render("github", samples.audit()))
    assert shown[0] == Command(
        "error",
        {"file": "prod/logs.tf", "line": "1", "title": "S3-03 (critical): Log bucket can be public"},
        "aws_s3_bucket.logs: block_public_acls is false",
    )
    assert [each.kind for each in shown] == ["error"] * 4 + ["warning"] * 2 + ["notice"] * 3
    assert shown[-1] == Command("notice", {"title": "ssm-harden"}, "6 failed, 2 undecided, 1 waived")


def test_a_waived_failure_is_not_annotated() -> None:
    assert not any("PREF-08" in each.properties["title"] for each in commands(render("github", samples.audit())))


def test_no_findings_are_one_notice() -> None:
    assert commands(render("github", audit_of())) == [
        Command("notice", {"title": "ssm-harden"}, "0 failed, 0 undecided"),
    ]


@pytest.mark.parametrize("severity", Severity)
def test_there_are_no_more_than_github_shows(severity: Severity) -> None:
    shown = commands(render("github", many(25, severity)))
    assert len(shown) == 11
    assert shown[-1].message == "25 failed, 0 undecided; 15 annotations more than GitHub shows"


def test_hostile_text_makes_no_command_of_its_own() -> None:
    shown = commands(render("github", hostile()))
    assert max(Counter(each.kind for each in shown).values()) <= 10
    assert {each.kind for each in shown} <= {"error", "warning", "notice"}


@pytest.mark.parametrize("text", ["100%", "%0A::error::x", "a:b,c=d", "::error::x"])
def test_what_the_runner_reads_is_what_was_meant(text: str) -> None:
    (first, _) = commands(
        render("github", audit_of(finding(info("PREF-03", title=text), Failed(samples.DOCUMENT, text), subject=text)))
    )
    assert first.message == f"{text}: {text}"
    assert first.properties["title"] == f"PREF-03 (medium): {text}"


def test_a_line_break_is_written_out() -> None:
    (first, _) = commands(render("github", audit_of(finding(info("X-1"), Failed(samples.DOCUMENT, "a\r\n::error::b")))))
    assert first.message == "aws_ssm_document.prefs: a\\r\\n::error::b"


def test_what_was_read_from_aws_has_no_file() -> None:
    shown = commands(render("github", from_aws()))
    assert len(shown) == 3
    assert not any("file" in each.properties for each in shown)


def test_what_could_not_be_read_is_an_error() -> None:
    first, _ = commands(render("github", audit_of(), unread=["main.tf:3: broken"]))
    assert first == Command("error", {"title": "ssm-harden: not read"}, "main.tf:3: broken")
