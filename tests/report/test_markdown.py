"""Markdown, by GitHub's own renderer: a table, and no name or message that acts."""

import pytest

from ssm_hardening.report.markdown import LONGEST, MOST_ROWS, escaped
from ssm_hardening.verdicts.findings import Failed, Since, Undecided, Waiver
from tests.report import samples
from tests.report.builders import audit_of, finding, info
from tests.report.consumers import BUCKET, HOSTILE, OURS, TRAIL, from_aws, hostile, many, page, render


def test_a_whole_audit() -> None:
    text = render("markdown", samples.audit())
    lines = text.splitlines()
    assert lines[0] == "## ssm-harden: 1 critical, 3 high, 2 medium, 2 undecided, 1 waived"
    assert lines[2].split(" · ")[1:3] == ["❌ Access control: not met", "❌ Auditing: not met"]
    shown = page(text)
    assert set(shown.tags) <= OURS
    assert shown.tags.count("tr") == 1 + 6 + 1 + 2 + 1 + 1
    assert "prod/logs.tf:1" in shown.text
    assert "nightly batch jobs run for hours (until 2027-01-31)prod/main.tf:2" in shown.text
    assert "block_public_acls is false" in shown.text
    assert text.index("S3-03") < text.index("PREF-03") < text.index("<details>") < text.index("KMS-01")


def test_no_findings() -> None:
    text = render("markdown", audit_of())
    assert text.startswith("## ssm-harden: no failures\n")
    assert "|" not in text


def test_a_rule_that_broke_is_told() -> None:
    assert "## ssm-harden: no failures, 1 crashed" in render("markdown", samples.crashed())


def test_rows_beyond_the_limit_are_counted() -> None:
    text = render("markdown", many(MOST_ROWS + 7))
    assert page(text).tags.count("tr") == 1 + MOST_ROWS
    assert "… and 7 more" in text


def test_it_fits_into_a_comment() -> None:
    rule = info("PREF-03")
    long = audit_of(*(finding(rule, Failed(samples.DOCUMENT, "@" * 9999), subject=f"s{each}") for each in range(300)))
    text = render("markdown", long, unread=["&" * 9999] * 99)
    assert len(text) <= LONGEST
    assert " more" in text


def test_it_fits_with_all_that_is_folded() -> None:
    long = Failed(samples.DOCUMENT, "@" * 9999)
    of_all = {"since": Since.NEW}, {"since": Since.KNOWN}, {"waiver": Waiver("&" * 500, samples.DOCUMENT)}
    doubt = Undecided(samples.DOCUMENT, samples.NO_KEY, "@" * 9999)
    findings = [finding(info("PREF-03"), long, subject=f"s{n}", **more) for n in range(99) for more in of_all]
    findings += [finding(info("PREF-03"), doubt, subject=f"u{n}") for n in range(99)]
    assert len(render("markdown", audit_of(*findings), unread=["&" * 9999] * 99)) <= LONGEST


def test_hostile_text_does_not_act() -> None:
    shown = page(render("markdown", hostile(), unread=HOSTILE))
    assert set(shown.tags) <= OURS
    assert shown.attributes == []


@pytest.mark.parametrize("text", [each for each in HOSTILE if each and each.isprintable()])
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    shown = page(f"| a |\n|---|\n| {escaped(text)} |\n")
    assert shown.text.split() == ["a", *text.split()]
    assert set(shown.tags) <= OURS


def test_nobody_is_called() -> None:
    assert escaped("@octocat #1 :tada:") == "&#64;<wbr>octocat &#35;<wbr>1 &#58;<wbr>tada&#58;"


def test_what_was_read_from_aws_has_its_arn() -> None:
    shown = page(render("markdown", from_aws()))
    assert BUCKET in shown.text
    assert TRAIL in shown.text
