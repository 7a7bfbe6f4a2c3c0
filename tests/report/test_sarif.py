"""SARIF: the published schema, what GitHub code scanning demands beyond it, and fingerprints that stay."""

import json
from dataclasses import replace
from email.message import Message
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.report import sarif
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.sarif import sarif_log
from ssm_hardening.verdicts.findings import Crashed, Failed, Severity, Undecided, Waiver
from tests.report import samples
from tests.report.builders import audit_of, finding, info
from tests.report.consumers import BUCKET, from_aws, hostile, many, render, sarif_run
from tests.rules import builders
from tests.rules import builders_live as live

RULE = info("PREF-03", severity=Severity.HIGH)


def run_of(*given: Any, **more: Any) -> dict[str, Any]:
    return sarif_run(render("sarif", audit_of(*given), **more))


def results(*given: Any) -> list[dict[str, Any]]:
    found = run_of(*given)["results"]
    assert isinstance(found, list)
    return found


def assert_github_takes(run: dict[str, Any]) -> None:
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("ssm-harden", version("ssm-harden"))
    for rule in driver["rules"]:
        assert rule["id"]
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 10
        assert 0 < float(rule["properties"].get("security-severity", "1")) <= 10
    marks = set()
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"note", "warning", "error"}
        assert result["message"]["text"]
        (place,) = result["locations"]
        region = place["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert (region["startLine"], region["startColumn"]) < (region["endLine"], region["endColumn"])
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert uri
        marks.add(result["partialFingerprints"]["primaryLocationLineHash"])
    assert len(marks) == len(run["results"])


def test_a_whole_audit_is_what_github_takes() -> None:
    run = sarif_run(render("sarif", samples.audit()))
    assert_github_takes(run)
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("S3-03", "error"),
        *[("PREF-03", "error")] * 3,
        ("PREF-07", "warning"),
        ("RUNAS-01", "warning"),
        ("KMS-01/undecided", "note"),
        ("NET-01/undecided", "note"),
        ("PREF-08", "note"),
    ]
    assert run["automationDetails"]["id"] == "ssm-harden/baseline/"
    assert run["results"][0]["relatedLocations"][0]["message"]["text"] == "here"


@pytest.mark.parametrize("audit", [samples.crashed(), hostile(), audit_of()])
def test_any_audit_is_what_github_takes(audit: Any) -> None:
    assert_github_takes(sarif_run(render("sarif", audit)))


def test_a_place_is_the_first_line_and_the_block_its_context() -> None:
    (result,) = results(finding(RULE, Failed(CodeOrigin("a b/main.tf", 3, 9), "no")))
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/main.tf", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 2},
        "contextRegion": {"startLine": 3, "endLine": 9},
    }


def test_a_path_is_relative_to_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "infra").mkdir()
    monkeypatch.chdir(tmp_path / "repository" / "infra")
    inside, outside = (
        each["locations"][0]["physicalLocation"]["artifactLocation"]
        for each in results(
            finding(RULE, Failed(CodeOrigin("main.tf", 3), "no"), subject="a"),
            finding(RULE, Failed(CodeOrigin("../../other/main.tf", 3), "no"), subject="b"),
        )
    )
    assert inside == {"uri": "infra/main.tf", "uriBaseId": "%SRCROOT%"}
    assert outside == {"uri": f"file://{tmp_path.as_posix()}/other/main.tf"}


def test_a_fingerprint_does_not_move_with_lines_and_tells_places_of_one_subject_apart() -> None:
    def marks(*lines: int) -> list[str]:
        found = results(*(finding(RULE, Failed(CodeOrigin("main.tf", line), "no")) for line in lines))
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in found]

    assert marks(3) == marks(70)
    first, second = marks(3, 4)
    assert (first, second) == (f"{first[:32]}:1", f"{first[:32]}:2")


def test_what_is_unknown_of_a_subject_moves_no_failure() -> None:
    failed, unknown = results(
        finding(RULE, Failed(samples.DOCUMENT, "no")), finding(RULE, Undecided(samples.DOCUMENT, samples.NO_KEY))
    )
    marks = [each["partialFingerprints"]["primaryLocationLineHash"] for each in (failed, unknown)]
    assert marks == [f"{marks[0][:32]}:1", f"{marks[0][:32]}:undecided:1"]


def test_each_root_has_a_category_of_its_own() -> None:
    accounts = tuple(replace(builders.account(), root=root) for root in ("infra/prod", "infra/test"))
    assert run_of(accounts=accounts[:1])["automationDetails"]["id"] == "ssm-harden/baseline/infra/prod/"
    assert run_of(accounts=accounts)["automationDetails"]["id"] == "ssm-harden/baseline/"


def test_a_waived_failure_is_suppressed() -> None:
    waived = next(
        each for each in sarif_run(render("sarif", samples.audit()))["results"] if each["ruleId"] == "PREF-08"
    )
    assert waived["suppressions"] == [
        {
            "kind": "inSource",
            "status": "accepted",
            "justification": "nightly batch jobs run for hours",
            "properties": {"until": "2027-01-31", "at": "prod/main.tf:2"},
        }
    ]


def test_a_rule_is_as_severe_as_its_worst_failure_and_an_unknown_has_no_severity() -> None:
    low = replace(finding(RULE, Failed(samples.DOCUMENT, "no")), severity=Severity.LOW)
    critical = replace(low, severity=Severity.CRITICAL, subject="b")
    rules = {rule["id"]: rule for rule in run_of(low, critical)["tool"]["driver"]["rules"]}
    assert rules["PREF-03"]["properties"]["security-severity"] == "9.5"
    waived = replace(critical, waiver=Waiver("accepted", samples.DOCUMENT))
    rules = {rule["id"]: rule for rule in run_of(low, waived)["tool"]["driver"]["rules"]}
    assert rules["PREF-03"]["properties"]["security-severity"] == "2.0"
    undecided = {rule["id"]: rule for rule in sarif_run(render("sarif", samples.audit()))["tool"]["driver"]["rules"]}
    assert "security-severity" not in undecided["KMS-01/undecided"]["properties"]


def test_what_was_read_from_aws_has_its_arn_and_a_path_of_its_account() -> None:
    account = live.bare()
    run = sarif_run(render("sarif", from_aws(), accounts=(account,)))
    assert_github_takes(run)
    place = run["results"][0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "aws/111122223333/eu-central-1"
    assert place["logicalLocations"] == [{"name": "logs", "fullyQualifiedName": BUCKET, "kind": "resource"}]
    assert run["automationDetails"]["id"] == f"ssm-harden/baseline/{account.root}/"


def test_a_rule_that_broke_and_a_file_that_was_not_read_are_told() -> None:
    broken = run_of(finding(RULE, Crashed(samples.DOCUMENT, "TypeError: boom")), unread=["main.tf:3: broken"])
    (invocation,) = broken["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert told == ["PREF-03: internal error: aws_ssm_document.prefs: TypeError: boom", "main.tf:3: broken"]


def test_a_link_in_a_name_is_text() -> None:
    (result,) = results(finding(RULE, Failed(samples.DOCUMENT, "see [this](https://example.com)")))
    assert result["message"]["text"].endswith("see [this\\](https://example.com)")


def test_results_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    run = sarif_run(json.dumps(sarif_log(AuditReport(audit=many(5)), base=Path.cwd())))
    assert len(run["results"]) == 3
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "2 results of the lowest severity are omitted"


def test_links_follow_the_repository_that_the_package_names(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = sarif_run(render("sarif", samples.audit()))["tool"]["driver"]
    assert not {"informationUri"} & driver.keys()
    named = Message()
    named["Project-URL"] = "Repository, https://github.com/example/ssm-harden/"
    monkeypatch.setattr(sarif, "metadata", lambda _: named)
    driver = sarif_run(render("sarif", samples.audit()))["tool"]["driver"]
    assert driver["informationUri"] == "https://github.com/example/ssm-harden"
    assert driver["rules"][0]["helpUri"] == "https://github.com/example/ssm-harden/blob/main/docs/rules/ACCT-07.md"


def test_a_name_is_the_title_in_one_word() -> None:
    names = {
        rule["id"]: rule["name"] for rule in sarif_run(render("sarif", samples.audit()))["tool"]["driver"]["rules"]
    }
    assert (names["S3-03"], names["KMS-01/undecided"]) == ("LogBucketCanBePublic", "UndecidedNoKeyOfOneSOwn")
