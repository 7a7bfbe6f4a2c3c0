"""Two reports side by side: new, fixed, changed, gone, and nothing fixed that was not evaluated."""

import json
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.report.audit_json import audit_document
from ssm_hardening.report.baseline import baseline_of, baseline_text
from ssm_hardening.report.diff import Diff, compare, read_side, render_diff, render_diff_json, render_diff_markdown
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import PLAIN
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Severity,
    Undecided,
    Verdict,
    Waiver,
)
from tests.cli.running import validator
from tests.report.builders import AT, audit_of, finding, info
from tests.report.consumers import HOSTILE, OURS, hostile, page

BAD, HIGH = Failed(AT, "it is 60"), Failed(AT, "it is 60", severity=Severity.HIGH)
LOW = Failed(AT, "it is 60", severity=Severity.LOW)
DOUBT, GOOD = Undecided(AT, Unknown(Why.DENIED, AT, "denied")), Passed(AT, "it is 15")
NOTHING, BROKEN = NotApplicable(AT, "nothing"), Crashed(AT, "TypeError")


def one(verdict: Verdict, **changes: Any) -> Finding:
    return finding(info("PREF-07"), verdict, **changes)


def waived(verdict: Verdict = BAD) -> Finding:
    return one(verdict, waiver=Waiver("accepted", AT))


def diff(folder: Path, before: Audit, after: Audit) -> Diff:
    paths = []
    for name, audit in (("a.json", before), ("b.json", after)):
        paths.append(folder / name)
        paths[-1].write_text(json.dumps(audit_document(AuditReport(audit=audit))))
    return compare(*map(read_side, paths))


def kinds(found: Diff) -> str:
    """Return `new 1`, `fixed 1 unchanged 1`: what there is."""
    counts = {**{name: len(changes) for name, changes in found.lists.items()}, "unchanged": found.unchanged}
    return " ".join(f"{name} {count}" for name, count in counts.items() if count)


@pytest.mark.parametrize(
    ("before", "after", "expected", "failing"),
    [
        ([one(BAD)], [one(BAD)], "unchanged 1", []),
        ([], [one(BAD)], "new 1", ["medium"]),
        ([one(GOOD)], [one(BAD)], "new 1", ["medium"]),
        ([one(DOUBT)], [one(BAD)], "new 1", ["medium"]),
        ([waived()], [one(BAD)], "new 1", ["medium"]),
        ([one(BAD)], [one(BAD), one(BAD)], "new 1 unchanged 1", ["medium"]),
        ([one(BAD)], [one(GOOD)], "fixed 1", []),
        ([one(BAD)], [], "gone 1", []),
        ([one(BAD), one(BAD)], [one(BAD)], "gone 1 unchanged 1", []),
        ([one(BAD)], [one(DOUBT)], "changed 1", []),
        ([one(BAD)], [waived()], "changed 1", []),
        ([one(BAD)], [one(NOTHING)], "changed 1", []),
        ([one(BAD)], [one(BROKEN)], "changed 1", []),
        ([one(BAD)], [one(HIGH)], "changed 1", ["high"]),
        ([one(BAD)], [one(LOW)], "changed 1", []),
        ([one(BAD), one(BAD)], [one(DOUBT), one(GOOD)], "fixed 1 changed 1", []),
        ([one(DOUBT)], [one(DOUBT)], "unchanged 1", []),
        ([one(DOUBT)], [one(GOOD)], "changed 1", []),
        ([one(GOOD)], [one(DOUBT)], "changed 1", []),
        ([], [one(DOUBT)], "changed 1", []),
        ([one(DOUBT)], [], "gone 1", []),
        ([one(GOOD)], [one(NOTHING)], "", []),
        ([one(GOOD)], [], "", []),
        ([], [one(GOOD)], "", []),
        ([waived()], [waived()], "unchanged 1", []),
    ],
)
def test_what_became_of_a_finding(
    before: list[Finding], after: list[Finding], expected: str, failing: list[str], tmp_path: Path
) -> None:
    found = diff(tmp_path, audit_of(*before), audit_of(*after))
    assert kinds(found) == expected
    assert [severity.value for severity in found.failing] == failing
    json_text = render_diff_json(found, PLAIN)
    validator("diff-1.schema.json").validate(json.loads(json_text))


def test_for_people(tmp_path: Path) -> None:
    before = audit_of(one(BAD, subject="a"), one(BAD, subject="b"), one(BAD, subject="c"), one(DOUBT, subject="d"))
    after = audit_of(one(GOOD, subject="a"), one(DOUBT, subject="b"), one(HIGH, subject="d"), one(BAD, subject="e"))
    found = diff(tmp_path, before, after)
    text = render_diff(found, PLAIN)
    assert "✗ 2 new · 1 fixed · 1 changed · 1 gone · 0 unchanged" in text
    assert text.index("New  ") < text.index("HIGH") < text.index("MEDIUM") < text.index("Fixed  ")
    assert "was undecided" in text
    assert "failed (medium) → now undecided" in text
    assert "Gone (not evaluated in B)" in text
    assert "it is 60" in text
    shown = page(render_diff_markdown(found, PLAIN))
    assert shown.tags.count("table") == 4
    assert set(shown.tags) <= OURS | {"h3"}


def test_nothing_to_tell(tmp_path: Path) -> None:
    found = diff(tmp_path, audit_of(), audit_of())
    assert render_diff(found, PLAIN).splitlines()[-1] == "· 0 new · 0 fixed · 0 changed · 0 gone · 0 unchanged"
    assert render_diff_markdown(found, PLAIN).startswith("## ssm-harden diff: 0 new, 0 fixed")


def test_a_baseline_on_either_side(tmp_path: Path) -> None:
    (tmp_path / "base.json").write_text(
        baseline_text(baseline_of(audit_of(one(BAD), one(BAD, subject="x")), file="base.json", base=Path.cwd()))
    )
    audit = audit_document(AuditReport(audit=audit_of(one(BAD), one(GOOD, subject="x"))), base=Path.cwd())
    (tmp_path / "b.json").write_text(json.dumps(audit))
    old, new = read_side(tmp_path / "base.json"), read_side(tmp_path / "b.json")
    assert kinds(compare(old, new)) == "fixed 1 unchanged 1"
    assert kinds(compare(new, old)) == "new 1 unchanged 1"
    assert kinds(compare(old, old)) == "unchanged 2"


def test_hostile_text_arrives_as_text(tmp_path: Path) -> None:
    found = diff(tmp_path, audit_of(), hostile())
    assert len(found.new) == len(HOSTILE)
    text = render_diff(found, PLAIN)
    assert not {"\x1b", "\x00", "\r", "\u202e", "\u200b", "\ud800"} & set(text)
    shown = page(render_diff_markdown(found, PLAIN))
    assert set(shown.tags) <= OURS | {"h3"}
    assert shown.attributes == []
    assert render_diff_json(found, PLAIN).isascii()


def test_very_many_under_one_fingerprint(tmp_path: Path) -> None:
    at = CodeOrigin("main.tf", 1)
    many = audit_of(*(one(Failed(at, str(number))) for number in range(3_000)))
    assert kinds(diff(tmp_path, many, many)) == "unchanged 3000"


GOOD_VERDICT = dict.fromkeys(("title", "subject", "account", "region", "root", "message"), "") | {
    "rule": "a",
    "verdict": "failed",
    "severity": "low",
    "fingerprint": "f",
}


def report(*verdicts: object) -> str:
    return json.dumps({"schema": "ssm-harden/audit/1", "standard": "x", "verdicts": verdicts})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "is nested too deep"),
        ("null", "neither a report"),
        ('{"schema": "ssm-harden/account/1"}', "neither a report"),
        ('{"schema": "ssm-harden/audit/1"}', "neither a report"),
        ('{"schema": "ssm-harden/baseline/1"}', "not a baseline"),
        (report(1), "verdicts[0] is not an object"),
        (report({}), "verdicts[0]: rule is missing"),
        (report(GOOD_VERDICT, {**GOOD_VERDICT, "subject": []}), "verdicts[1]: subject is not a text"),
        (report({**GOOD_VERDICT, "severity": "worst"}), "there is no severity 'worst'"),
        (report({**GOOD_VERDICT, "verdict": "waived"}), "there is no verdict 'waived'"),
        (report({**GOOD_VERDICT, "verdict": "fine"}), "there is no verdict 'fine'"),
    ],
)
def test_what_is_no_report_is_refused(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(UsageError) as error:
        read_side(tmp_path / "a.json")
    assert told in error.value.message
