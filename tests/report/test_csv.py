"""CSV: RFC 4180, a row for each finding, and no cell that a spreadsheet computes."""

import pytest

from ssm_hardening.report.findings_csv import COLUMNS, guarded
from ssm_hardening.verdicts.findings import Failed
from tests.report import samples
from tests.report.builders import audit_of, finding, info
from tests.report.consumers import BUCKET, HOSTILE, TRAIL, from_aws, hostile, render, rows


def test_a_whole_audit() -> None:
    found = rows(render("csv", samples.audit()))
    assert len(found) == len(samples.audit().findings)
    bucket = next(each for each in found if each["rule"] == "S3-03")
    assert bucket == {
        "rule": "S3-03",
        "severity": "critical",
        "verdict": "failed",
        "account": "",
        "region": "",
        "root": ".",
        "file": "prod/logs.tf",
        "line": "1",
        "subject": "aws_s3_bucket.logs",
        "message": "block_public_acls is false",
        "waiver": "",
        "waived_until": "",
        "waived_at": "",
        "baseline": "",
    }
    waived = next(each for each in found if each["rule"] == "PREF-08")
    assert (waived["verdict"], waived["waiver"]) == ("failed", "nightly batch jobs run for hours")
    assert (waived["waived_until"], waived["waived_at"]) == ("2027-01-31", "prod/main.tf:2")


def test_no_findings_are_the_head() -> None:
    assert render("csv", audit_of()) == f"{','.join(COLUMNS)}\r\n"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "' =1"),
        ("\r=1", "'\\r=1"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("\x00=1", "\\x00=1"),
        ("a=1", "a=1"),
        ('"a",\r\nb', '"a",\\r\\nb'),
    ],
)
def test_a_formula_is_text(text: str, cell: str) -> None:
    assert guarded(text) == cell
    (row,) = rows(render("csv", audit_of(finding(info("PREF-03"), Failed(samples.DOCUMENT, text), subject=text))))
    assert (row["subject"], row["message"]) == (cell, cell)


def test_hostile_text_stays_in_its_cell() -> None:
    found = rows(render("csv", hostile()))
    assert len(found) == 3 * len(HOSTILE)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for row in found for cell in row.values())


def test_what_was_read_from_aws_has_its_arn_and_no_line() -> None:
    found = rows(render("csv", from_aws()))
    assert [(row["file"], row["line"]) for row in found] == [(TRAIL, ""), (BUCKET, "")]
