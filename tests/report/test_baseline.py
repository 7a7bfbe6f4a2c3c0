"""Baselines: what is written, what is read, and what a later audit makes of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.report.baseline import Baseline, baseline_of, baseline_text, notes_on, read_baseline, since
from ssm_hardening.verdicts.findings import (
    Crashed,
    Failed,
    Finding,
    Passed,
    Severity,
    Since,
    Undecided,
    Verdict,
    Waiver,
)
from tests.cli.running import validator
from tests.report.builders import AT, audit_of, finding, info

RULE = info("PREF-07")
BASE = Path("/repo")
GAP = Unknown(Why.DENIED, AT, "denied")
BAD, DOUBT, GOOD = Failed(AT, "it is 60"), Undecided(AT, GAP), Passed(AT, "fine")


def one(verdict: Verdict, **changes: Any) -> Finding:
    return finding(RULE, verdict, **{"root": "/repo/infra", **changes})


def recorded(*findings: Finding) -> Baseline:
    return baseline_of(audit_of(*findings), file="b.json", base=BASE)


def states(before: tuple[Finding, ...], *now: Finding) -> list[Since | None]:
    return list(since(audit_of(*now), recorded(*before), base=BASE))


def notes(before: tuple[Finding, ...], *now: Finding) -> tuple[str, ...]:
    return notes_on(audit_of(*now), recorded(*before), base=BASE)


def test_a_line_for_each_finding_in_a_stable_order_and_nothing_that_moves(tmp_path: Path) -> None:
    findings = [one(BAD, subject=name) for name in ("b", "a")] + [one(DOUBT, subject="c"), one(GOOD, subject="d")]
    text = baseline_text(recorded(*findings))
    assert text == baseline_text(recorded(*findings[::-1]))
    lines = text.splitlines()
    assert lines[1:3] == ['  "schema": "ssm-harden/baseline/1",', '  "standard": "baseline",']
    entry = json.loads(lines[4].rstrip(","))
    assert entry == {
        "rule": "PREF-07",
        "where": "infra",
        "subject": "a",
        "verdict": "failed",
        "severity": "medium",
        "fingerprint": entry["fingerprint"],
    }
    assert len(lines) == 11
    validator("baseline-1.schema.json").validate(json.loads(text))
    (tmp_path / "b.json").write_text(text)
    assert read_baseline(tmp_path / "b.json").entries == recorded(*findings).entries
    assert json.loads(baseline_text(recorded())) == {
        "schema": "ssm-harden/baseline/1",
        "standard": "baseline",
        "failed": [],
        "undecided": [],
    }


def test_what_is_waived_is_not_recorded() -> None:
    assert recorded(replace(one(BAD), waiver=Waiver("accepted", AT))).entries == ()


KNOWN, NEW = Since.KNOWN, Since.NEW
HIGH, LOW = Failed(AT, "x", severity=Severity.HIGH), Failed(AT, "x", severity=Severity.LOW)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([BAD], [BAD], [KNOWN]),
        ([], [BAD], [NEW]),
        ([BAD], [HIGH], [NEW]),
        ([BAD], [LOW], [KNOWN]),
        ([BAD], [BAD, BAD], [KNOWN, NEW]),
        ([BAD, BAD], [BAD, BAD], [KNOWN, KNOWN]),
        ([BAD], [HIGH, LOW], [NEW, KNOWN]),
        ([HIGH], [HIGH, LOW], [KNOWN, NEW]),
        ([BAD], [DOUBT], [KNOWN]),
        ([DOUBT], [DOUBT], [KNOWN]),
        ([DOUBT], [BAD], [NEW]),
        ([BAD], [BAD, DOUBT], [KNOWN, NEW]),
        ([BAD], [Crashed(AT, "x")], [NEW]),
        ([BAD], [GOOD], [None]),
    ],
)
def test_what_is_known(before: list[Verdict], now: list[Verdict], expected: list[Since | None]) -> None:
    assert states(tuple(map(one, before)), *map(one, now)) == expected


def test_the_order_of_findings_does_not_matter() -> None:
    assert states((one(BAD),), one(LOW), one(HIGH)) == [KNOWN, NEW]


def test_what_is_waived_is_neither_known_nor_new_and_uses_up_no_entry() -> None:
    waived = replace(one(BAD), waiver=Waiver("accepted", AT))
    assert states((one(BAD),), waived, one(BAD)) == [None, KNOWN]
    assert notes((one(BAD),), waived) == ()


TOLD = "1 entry of b.json no longer fails: run `ssm-harden baseline create`"


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ([one(GOOD)], (TOLD,)),
        ([one(BAD)], ()),
        ([one(DOUBT)], ()),
        ([one(HIGH)], ()),
        ([one(Crashed(AT, "x"))], ()),
        ([one(GOOD, subject="another")], (TOLD,)),
        ([one(GOOD, subject="another"), one(DOUBT, subject="account")], ()),
        ([one(GOOD, subject="another", root="/repo/elsewhere")], ()),
        ([finding(info("PREF-08"), GOOD, root="/repo/infra")], ()),
        ([], ()),
    ],
)
def test_what_is_gone_is_said_only_where_it_was_evaluated(now: list[Finding], told: tuple[str, ...]) -> None:
    assert notes((one(BAD),), *now) == told


def test_gone_doubts_and_another_standard() -> None:
    before = (one(DOUBT, subject="a"), one(DOUBT, subject="b"), one(BAD, subject="c"), one(BAD, subject="d"))
    now = replace(audit_of(*(one(GOOD, subject=name) for name in "abcd")), standard="strict")
    assert notes_on(now, recorded(*before), base=BASE) == (
        "b.json was made with the standard baseline, this run uses strict: severities may differ",
        "2 entries of b.json no longer fail: run `ssm-harden baseline create`",
        "2 entries of b.json are no longer undecided: run `ssm-harden baseline create`",
    )


def test_live_objects_are_known_by_account_and_region() -> None:
    arn = ApiOrigin("arn:aws:s3:::logs", "s3:GetBucketAcl")
    live = one(BAD, account="111122223333", region="eu-central-1", root="111122223333/eu-central-1", origin=arn)
    assert recorded(live).entries[0].where == "111122223333/eu-central-1"
    assert states((live,), live, replace(live, region="us-east-1")) == [KNOWN, NEW]


GOOD_ENTRY = '{"rule": "a", "where": "", "subject": "s", "verdict": "failed", "severity": "low", "fingerprint": "f"}'
DOCUMENT = f'{{"schema": "ssm-harden/baseline/1", "standard": "x", "failed": [{GOOD_ENTRY}], "undecided": []}}'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "not JSON"),
        ("\x00\x01", "not JSON"),
        ("[" * 100_000, "is nested too deep"),
        ("[]", "not a baseline"),
        ('{"schema": 1}', "not a baseline"),
        ('{"schema": "ssm-harden/baseline/2"}', "its schema is 'ssm-harden/baseline/2', not 'ssm-harden/baseline/1'"),
        (DOCUMENT.replace('"undecided": []', '"undecided": {}'), "not a baseline"),
        (DOCUMENT.replace(GOOD_ENTRY, "1"), "failed[0] is not an object"),
        (DOCUMENT.replace('"rule": "a"', '"rule": 1'), "failed[0]: rule is not a text"),
        (DOCUMENT.replace('"rule": "a", ', ""), "failed[0]: rule is missing"),
        (DOCUMENT.replace('"low"', '"bad"'), "failed[0]: there is no severity 'bad'"),
        (DOCUMENT.replace('"verdict": "failed"', '"verdict": "undecided"'), "the verdict is 'undecided', not 'failed'"),
        ("1" * 5_000, "not JSON"),
    ],
)
def test_what_is_no_baseline_is_refused(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(UsageError) as error:
        read_baseline(tmp_path / "b.json")
    assert told in error.value.message
    assert "b.json" in error.value.message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(UsageError, match="not JSON"):
        read_baseline(tmp_path / "b.json")
