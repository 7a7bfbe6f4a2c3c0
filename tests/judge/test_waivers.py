from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.hcl.ast import Body, Comment, SourceFile, Span
from ssm_hardening.judge.engine import run
from ssm_hardening.judge.waivers import CodeWaiver, apply, collect
from ssm_hardening.model import SessionDocument
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Audit,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Question,
    Requirement,
    Severity,
    Undecided,
    Verdict,
    Waiver,
)
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.report.builders import audit_of, finding, info

CODE = """
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  # ssm-harden:skip=TEST-01 until=2027-01-31 agreed with the owner
  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })
}
"""

TODAY = date(2026, 11, 23)
BLOCK = CodeOrigin("main.tf", 5, 9)
IDLE_LINE = CodeOrigin("main.tf", 7)
IDLE = info("PREF-07")


def source(text: str, path: str = "main.tf") -> SourceFile:
    """Return a file with its `#` comments; enough of a reader for comments that stand outside texts."""
    comments = tuple(
        Comment(number, line.partition("#")[2]) for number, line in enumerate(text.split("\n"), 1) if "#" in line
    )
    span = Span(1, 1, 0, len(text), text.count("\n") + 1)
    return SourceFile(path, text, Body((), (), span), comments)


def failed(origin: CodeOrigin = BLOCK, at: CodeOrigin = IDLE_LINE) -> Finding:
    return finding(IDLE, Failed(at, "it is 60"), origin=origin)


def waive(text: str, *findings: Finding, known: tuple[str, ...] = ()) -> tuple[list[Waiver | None], tuple[str, ...]]:
    audit, notes = apply(audit_of(*findings), collect([source(text)]), today=TODAY, known=known)
    return [item.waiver for item in audit.findings], notes


def on_line(line: int, comment: str, code: str = "") -> str:
    return "\n" * (line - 1) + f"{code}# {comment}\n" + "x = 1\n" * 10


@pytest.mark.parametrize("line", [4, 5, 6, 9])
def test_a_waiver_in_or_right_above_the_block_counts(line: int) -> None:
    (waiver,), notes = waive(on_line(line, "ssm-harden:skip=PREF-07 long jobs"), failed())
    assert waiver == Waiver("long jobs", CodeOrigin("main.tf", line))
    assert notes == ()


@pytest.mark.parametrize("line", [3, 10])
def test_a_waiver_elsewhere_does_not_count_and_is_reported(line: int) -> None:
    (waiver,), notes = waive(on_line(line, "ssm-harden:skip=PREF-07 long jobs"), failed())
    assert waiver is None
    assert notes == (f"main.tf:{line}: the waiver for PREF-07 has no effect here; remove it",)


def test_a_run_of_comment_lines_reaches_the_block_below() -> None:
    text = "\n# ssm-harden:skip=PREF-07 long jobs\n# more words\n# and more\nresource {\n"
    assert waive(text, failed())[0] != [None]


def test_a_comment_behind_code_speaks_of_its_own_line_only() -> None:
    comment = on_line(4, "ssm-harden:skip=PREF-07 long jobs", code="idle = 60 ")
    assert waive(comment, failed())[0] == [None]
    assert waive(comment, failed(at=CodeOrigin("main.tf", 4)))[0] != [None]


def test_another_file_is_not_meant() -> None:
    (waiver,), _ = waive(
        on_line(5, "ssm-harden:skip=PREF-07 x"), failed(CodeOrigin("b.tf", 5, 9), CodeOrigin("b.tf", 5))
    )
    assert waiver is None


def test_one_waiver_is_about_every_instance_of_its_block() -> None:
    instances = [replace(failed(), subject=f"aws_ssm_document.prefs[{n}]") for n in range(3)]
    assert None not in waive(on_line(5, "ssm-harden:skip=PREF-07 long jobs"), *instances)[0]


def test_it_may_name_several_rules_and_a_last_day() -> None:
    text = on_line(5, "ssm-harden:skip=PREF-07, PREF-08 until=2026-11-23 long jobs")
    other = finding(info("PREF-08"), Failed(BLOCK, "no maximum"), origin=BLOCK)
    waivers, notes = waive(text, failed(), other)
    assert waivers == [Waiver("long jobs", CodeOrigin("main.tf", 5), "2026-11-23")] * 2
    assert notes == ()


@pytest.mark.parametrize(
    ("comment", "note"),
    [
        ("ssm-harden:skip=PREF-07", "has no reason"),
        ("ssm-harden:skip=PREF-07 until=2030-01-01", "has no reason"),
        ("ssm-harden:skip=PREF-07 until=2026-11-22 long jobs", "expired on 2026-11-22"),
        ("ssm-harden:skip=PREF-07 until=soon long jobs", "has the invalid date 'soon'"),
        ("ssm-harden:skip= long jobs", "names no rule"),
        ("ssm-harden:skip = X long jobs", "names no rule"),
        ("ssm-harden: skip=pref-99 long jobs", "names the unknown rule PREF-99"),
        ("ssm-harden:skip=PREF-07 until= long jobs", "has the invalid date 'long'"),
        ("ssm-harden:skip=PREF-07 long jobs until=", "has the invalid date ''"),
        ("ssm-harden:skip=PREF-99 long jobs", "names the unknown rule PREF-99"),
    ],
)
def test_a_waiver_that_is_not_complete_does_nothing_and_is_reported(comment: str, note: str) -> None:
    (waiver,), notes = waive(on_line(5, comment), failed())
    assert waiver is None
    assert len(notes) == 1
    assert "main.tf:5" in notes[0]
    assert note in notes[0]


@pytest.mark.parametrize(
    "dates",
    [
        "until: 2026-11-22",
        "until 2026-11-22",
        "until:2026-11-22",
        "until=2999-01-01 until=2026-11-22",
        "until=2026-11-22 until=2999-01-01",
    ],
)
def test_a_date_never_becomes_part_of_the_reason(dates: str) -> None:
    for text in (f"{dates} long jobs", f"long jobs {dates}"):
        (waiver,), notes = waive(on_line(5, f"ssm-harden:skip=PREF-07 {text}"), failed())
        assert waiver is None
        assert notes == ("main.tf:5: the waiver for PREF-07 expired on 2026-11-22, so it has no effect",)
    (waiver,), _ = waive(on_line(5, "ssm-harden:skip=PREF-07 until: the vendor ships"), failed())
    assert waiver == Waiver("until: the vendor ships", CodeOrigin("main.tf", 5), None)


@pytest.mark.parametrize(
    "comment",
    [
        "ssm-harden: skip=PREF-07 long jobs",
        "ssm-harden :skip=PREF-07 long jobs",
        "ssm-harden:skip = PREF-07 long jobs",
        "ssm-harden : skip= pref-07, PREF-08 long jobs",
        "SSM-HARDEN:SKIP=pref-07 long jobs",
        "ssm-harden:skip=PREF-07: long jobs",
        "ssm-harden:skip=PREF-07 - long jobs",
        "ssm-harden:skip=PREF-07 until = 2027-01-31 long jobs",
        "ssm-harden:skip=PREF-07 until= 2027-01-31, long jobs",
        "ssm-harden:skip=PREF-07 long jobs until=2027-01-31.",
        "ssm-harden:skip=PREF-07 long until=2027-01-31 jobs",
    ],
)
def test_blanks_and_the_order_do_not_matter(comment: str) -> None:
    (waiver,), notes = waive(on_line(5, comment), failed(), known=("PREF-08",))
    until = "2027-01-31" if "until" in comment else None
    assert waiver == Waiver("long jobs", CodeOrigin("main.tf", 5), until)
    assert notes == ()


def test_a_date_behind_the_reason_ends_the_waiver_too() -> None:
    (waiver,), notes = waive(on_line(5, "ssm-harden:skip=PREF-07 long jobs until = 2026-11-22"), failed())
    assert waiver is None
    assert notes == ("main.tf:5: the waiver for PREF-07 expired on 2026-11-22, so it has no effect",)


@pytest.mark.parametrize(
    "comment",
    [
        "ssm-harden:skip PREF-07 long jobs",
        "ssm-harden:skip:PREF-07 long jobs",
        "ssm-harden skip=PREF-07 long jobs",
        "ssm-harden:ignore=PREF-07 long jobs",
        "ssm-harden: disable PREF-07 long jobs",
    ],
)
def test_what_was_probably_meant_as_a_waiver_is_reported(comment: str) -> None:
    (waiver,), notes = waive(on_line(5, comment), failed())
    assert waiver is None
    assert notes == (f"main.tf:5: `{comment}` has no effect; a waiver is written `ssm-harden:skip=RULE reason`",)


@pytest.mark.parametrize(
    "comment",
    [
        "generated by ssm-harden: do not edit",
        "ssm-harden ignores PREF-07 here",
        "ssm-harden: allow some time for this",
        "see ssm-harden, PREF-07",
    ],
)
def test_prose_about_the_tool_is_no_waiver(comment: str) -> None:
    assert waive(on_line(5, comment), failed()) == ([None], ())


def test_the_other_rules_of_a_waiver_with_an_unknown_one_still_count() -> None:
    (waiver,), notes = waive(on_line(5, "ssm-harden:skip=PREF-99,PREF-07 long jobs"), failed())
    assert waiver is not None
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("verdict", "counts"),
    [
        (Undecided(BLOCK, Unknown(Why.COMPUTED, BLOCK, "x")), True),
        (Passed(BLOCK, "fine"), False),
        (NotApplicable(BLOCK, "nothing"), False),
    ],
)
def test_only_failures_and_doubts_are_waived(verdict: Verdict, counts: bool) -> None:  # noqa: FBT001 - a parameter
    item = finding(IDLE, verdict, origin=BLOCK)
    audit, notes = apply(
        audit_of(item), collect([source(on_line(5, "ssm-harden:skip=PREF-07 x"))]), today=TODAY, known=()
    )
    assert (audit.findings[0].waiver is not None) is counts
    assert audit.findings[0].verdict == verdict
    assert len(notes) == (0 if counts else 1)


def test_a_waiver_of_a_rule_that_did_not_run_is_not_called_idle() -> None:
    nothing = Audit(standard="baseline", sources=(), findings=(), rules=())
    waivers = collect([source(on_line(5, "ssm-harden:skip=PREF-07 long jobs"))])
    assert apply(nothing, waivers, today=TODAY, known=("PREF-07",)) == (nothing, ())


def test_a_block_comment_over_several_lines() -> None:
    text = "\n/* why:\n   ssm-harden:skip=PREF-07 long jobs\n*/\nresource {\n"
    span = Span(1, 1, 0, len(text), 5)
    comment = Comment(2, " why:\n   ssm-harden:skip=PREF-07 long jobs\n")
    found = collect([SourceFile("main.tf", text, Body((), (), span), (comment,))])
    assert found == (CodeWaiver(file="main.tf", line=3, below=5, rules=("PREF-07",), reason="long jobs"),)


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
    """Tests want rules."""
    return Failed(document.origin, "it is here")


def test_from_real_code_to_the_finding(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CODE, encoding="utf-8")
    reading = read_terraform([tmp_path])
    audit, notes = apply(
        run([always_fails], reading.accounts, BUILT_IN["baseline"]), collect(reading.files), today=TODAY, known=()
    )
    waivers = [item.waiver for item in audit.findings if isinstance(item.verdict, Failed)]
    assert [waiver and (waiver.reason, waiver.until) for waiver in waivers] == [("agreed with the owner", "2027-01-31")]
    assert notes == ()
