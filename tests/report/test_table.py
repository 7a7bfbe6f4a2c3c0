import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.remediation.plan import ManualStep, RemediationPlan, Stage
from ssm_hardening.report.audit_json import render_audit_json
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.style import PLAIN, Style, clean
from ssm_hardening.report.table import render_audit
from ssm_hardening.report.words import first_sentence, how_to_resolve
from ssm_hardening.verdicts.findings import Failed, Passed, Severity, Undecided, Waiver
from tests.report import samples
from tests.report.builders import AT, audit_of, finding, info

HOSTILE = 'aws_ssm_document.x["\x1b[2J\x07\u202e\n\u009b31m\ud800"]'


def table(*findings: object, style: Style = PLAIN) -> str:
    return render_audit(AuditReport(audit=audit_of(*findings)), style)  # type: ignore[arg-type]


@given(st.permutations(range(len(samples.audit().findings))))
def test_the_order_of_findings_changes_no_byte(order: list[int]) -> None:
    audit = samples.audit()
    shuffled = replace(audit, findings=tuple(audit.findings[index] for index in order))
    one, other = (AuditReport(audit=each, plan=samples.plan()) for each in (audit, shuffled))
    assert render_audit(one, PLAIN) == render_audit(other, PLAIN)
    assert render_audit_json(one, PLAIN) == render_audit_json(other, PLAIN)


def test_the_three_questions_stand_in_their_order_before_everything_else() -> None:
    text = render_audit(AuditReport(audit=samples.audit(), plan=samples.plan()), PLAIN)
    headings = [
        "Security context and privileges",
        "Auditing and logging",
        "Network, ports, and IAM",
        "Undecided",
        "Remediation",
        "Requirements",
    ]
    lines = text.split("\n")
    places = [next(i for i, line in enumerate(lines) if line.startswith(heading)) for heading in headings]
    assert places == sorted(places)


def test_the_worst_failure_comes_first() -> None:
    text = render_audit(AuditReport(audit=samples.audit()), PLAIN)
    assert text.index("S3-03  ") < text.index("PREF-03  ") < text.index("PREF-07  ")


def test_instances_of_one_line_are_one_entry() -> None:
    rule = info("PREF-03")
    text = table(*(finding(rule, Failed(AT, "it is not set"), subject=f"doc[{n}]") for n in range(10)))
    assert text.count("it is not set") == 1
    assert "×10" in text  # noqa: RUF001 - the sign
    assert "10 medium failed" in text


def test_another_line_or_severity_is_another_entry() -> None:
    rule = info("PREF-03", may=(Severity.LOW,))
    other = CodeOrigin("main.tf", 30)
    text = table(
        finding(rule, Failed(AT, "this one")),
        finding(rule, Failed(other, "that one")),
        finding(rule, Failed(AT, "less bad", severity=Severity.LOW)),
    )
    assert all(words in text for words in ("this one", "that one", "less bad", "main.tf:30"))


def test_a_failure_is_fixed_by_the_steps_that_name_its_own_subject() -> None:
    rule = info("OWN-01", remedy=None, manual="ask the owner")
    whats = ("aws_iam_role.a: narrow it", "aws_iam_role.a_2: detach it")
    steps = tuple(ManualStep(what=what, why="", at="", closes=("OWN-01",)) for what in whats)
    plan = RemediationPlan(stages=(Stage(number=1, title="People", manual=steps),))
    found = finding(rule, Failed(AT, "it is off"), subject="aws_iam_role.a")
    failure, _ = render_audit(AuditReport(audit_of(found), plan=plan), PLAIN).split("Remediation", 1)
    assert "narrow it" in failure
    assert "detach it" not in failure


def test_healthy_subjects_are_one_line_for_each_thing_that_holds() -> None:
    rule = info("KMS-02")
    places = [CodeOrigin("main.tf", line) for line in (1, 2, 3)]
    texts = ["enabled", "enabled", "rotates"]
    text = table(*(finding(rule, Passed(at, words)) for at, words in zip(places, texts, strict=True)))
    assert re.search(r"✓ KMS-02 +enabled +×2\n", text)  # noqa: RUF001 - the sign
    assert re.search(r"✓ KMS-02 +rotates +main.tf:3\n", text)


def test_a_waived_failure_is_shown_as_such_and_counts_as_nothing_else() -> None:
    waived = replace(finding(info("PREF-07"), Failed(AT, "it is 60")), waiver=Waiver("long jobs", AT))
    text = table(waived)
    assert "waived: long jobs (main.tf:3)" in text
    assert "it is 60" not in text
    assert text.rstrip().endswith("0 failed · 0 undecided · 0 passed · 1 waived")


def test_undecided_verdicts_with_one_cause_are_one_entry_that_says_what_to_do() -> None:
    gap = Unknown(Why.UNRESOLVED_INPUT, CodeOrigin("variables.tf", 4), "var.kms_key has no default")
    text = table(finding(info("KMS-01"), Undecided(AT, gap)), finding(info("PREF-05"), Undecided(AT, gap)))
    assert text.count("var.kms_key has no default") == 1
    assert "variables.tf:4" in text
    assert "--var kms_key=" in text
    assert re.search(r"affects +KMS-01, PREF-05 \(2 subjects\)", text)


@pytest.mark.parametrize("why", Why)
def test_every_reason_has_an_answer(why: Why) -> None:
    assert len(how_to_resolve(Unknown(why, AT, "something"))) > 20


@pytest.mark.parametrize("style", [PLAIN, Style(colour=True), Style(unicode=False)])
def test_names_of_others_cannot_act_on_the_terminal(style: Style) -> None:
    place = CodeOrigin(HOSTILE, 3)
    gap = Unknown(Why.COMPUTED, place, HOSTILE)
    findings = [
        finding(info("PREF-01"), Failed(place, HOSTILE), subject=HOSTILE, root=HOSTILE),
        finding(info("PREF-02"), Passed(place, HOSTILE), subject=HOSTILE),
        finding(info("PREF-03"), Undecided(place, gap, HOSTILE), subject=HOSTILE),
        replace(finding(info("PREF-04"), Failed(place, HOSTILE)), waiver=Waiver(HOSTILE, place, HOSTILE)),
    ]
    text = render_audit(AuditReport(audit=audit_of(*findings), notes=(HOSTILE,)), style)
    ours = re.sub(r"\x1b\[[\d;]+m", "", text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", ours)
    assert "\\x1b[2J" in text
    assert style.unicode or text.isascii()


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_plain_reports_hold_no_escape_sequence() -> None:
    assert "\x1b" not in render_audit(AuditReport(audit=samples.audit(), plan=samples.plan()), PLAIN)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_colour_changes_no_text(width: int) -> None:
    plain = render_audit(AuditReport(audit=samples.audit(), plan=samples.plan()), Style(width=width))
    coloured = render_audit(AuditReport(audit=samples.audit(), plan=samples.plan()), Style(width=width, colour=True))
    assert re.sub(r"\x1b\[[\d;]+m", "", coloured) == plain


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_keep_to_the_width(width: int) -> None:
    text = render_audit(AuditReport(audit=samples.audit(), plan=samples.plan()), Style(width=width))
    *lines, _summary, _end = text.split("\n")
    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One thing. Another.", "One thing."),
        ("Over two\nlines. More.", "Over two lines."),
        ("See e.g. this one", "See e.g. this one"),
        ("", ""),
        ("First\n\nSecond.", "First"),
    ],
)
def test_the_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
