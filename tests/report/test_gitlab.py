"""GitLab's code quality: its members, its severities, and fingerprints that are unique."""

import json
from typing import Any

import pytest

from tests.report import samples
from tests.report.builders import audit_of
from tests.report.consumers import from_aws, hostile, render


def issues(audit: Any) -> list[dict[str, Any]]:
    text = render("gitlab", audit)
    assert text.isascii()
    found = json.loads(text)
    assert isinstance(found, list)
    for issue in found:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith(("./", "/"))
    assert len({issue["fingerprint"] for issue in found}) == len(found)
    return found


def test_a_whole_audit() -> None:
    found = issues(samples.audit())
    assert [(each["check_name"], each["severity"]) for each in found] == [
        ("S3-03", "blocker"),
        *[("PREF-03", "critical")] * 3,
        ("PREF-07", "major"),
        ("RUNAS-01", "major"),
        ("KMS-01", "info"),
        ("NET-01", "info"),
    ]
    assert found[0]["description"] == "S3-03: aws_s3_bucket.logs: block_public_acls is false"
    assert found[0]["location"] == {"path": "prod/logs.tf", "lines": {"begin": 1}}


@pytest.mark.parametrize("audit", [samples.crashed(), hostile()])
def test_any_audit(audit: Any) -> None:
    assert issues(audit)


def test_no_findings_are_an_empty_list() -> None:
    assert issues(audit_of()) == []


def test_what_was_read_from_aws_has_a_path_of_its_account() -> None:
    paths = [each["location"]["path"] for each in issues(from_aws())]
    assert paths == ["aws/111122223333/eu-central-1"] * 2
