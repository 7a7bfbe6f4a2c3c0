"""The first screen: how long it is, what comes first and last, what is one line, and what options change of it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.report.formats import AuditReport, View
from ssm_hardening.report.grouping import entries, failures
from ssm_hardening.report.screen import render_screen
from ssm_hardening.report.style import PLAIN, Style
from ssm_hardening.report.words import example_text, named
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    RuleInfo,
    Severity,
    Undecided,
    Waiver,
)
from tests import strategies
from tests.report import samples
from tests.report.builders import AT, audit_of, finding, info
from tests.report.screens import screen

MOST = {0: 24, 1: 24, 10: 40, 30: 60, 50: 60, 51: 80, 300: 80, 3000: 80}
LONG = "x" * 300


def shown(*findings: Finding, width: int = 100, **more: Any) -> str:
    return render_screen(AuditReport(audit_of(*findings), **more), Style(width=width))


def test_an_example_names_the_account_of_a_foreign_caller() -> None:
    """`role ops may …` would be read as a role of one's own account."""
    own, foreign = "arn:aws:iam::111122223333:role/ops", "arn:aws:iam::444455556666:role/ops"
    told = [
        example_text(Counterexample(principal=who, action="sts:AssumeRole", resource=own)) for who in (own, foreign)
    ]
    assert told == [
        f"role ops may sts:AssumeRole on {own}",
        f"role ops of account 444455556666 may sts:AssumeRole on {own}",
    ]


def hostile(report: AuditReport, *, is_one_word: bool) -> AuditReport:
    """Return the report with names, places and words that are far too long."""
    word = LONG if is_one_word else "long " * 60

    def longer(each: Finding) -> Finding:
        at = each.verdict.at
        place = CodeOrigin(f"{word}/{at.file}", at.line) if isinstance(at, CodeOrigin) else at
        verdict = replace(each.verdict, at=place, message=word) if isinstance(each.verdict, Failed) else each.verdict
        rule = replace(each.rule, headline=f"{each.rule.headline} {word}", title=word)
        return replace(each, rule=rule, verdict=verdict, subject=f"{each.subject}{word}", root=f"{each.root}{word}")

    audit = replace(report.audit, findings=tuple(map(longer, report.audit.findings)))
    return report._replace(audit=audit, notes=(word,) * 30)


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("number", MOST)
def test_the_length_is_what_a_person_reads(number: int, width: int) -> None:
    lines = render_screen(screen(number), Style(width=width)).splitlines()
    assert len(lines) <= MOST[number]
    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("is_one_word", [True, False])
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("number", [each for each in MOST if each < 1_000])
def test_long_names_make_it_no_longer(number: int, width: int, is_one_word: bool) -> None:  # noqa: FBT001 - a parameter
    report = hostile(screen(number), is_one_word=is_one_word)
    lines = render_screen(report, Style(width=width)).splitlines()
    assert len(lines) <= MOST[number]
    assert [line for line in lines if len(line) > width and LONG not in line] == []


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("number", [10, 30, 300, 3000])
def test_the_last_lines_name_what_is_critical_and_the_next_command(number: int, width: int) -> None:
    last = render_screen(screen(number), Style(width=width)).splitlines()[-24:]
    assert any(line.startswith("CRITICAL  NET-01") for line in last)
    assert any(line.startswith("CRITICAL  OPER-01") for line in last)
    assert any("ssm-harden generate infra --out hardening" in line for line in last)


def test_at_most_five_critical_findings_are_said_twice() -> None:
    rules = [info(f"NET-{number:02}", severity=Severity.CRITICAL) for number in range(30)]
    text = shown(*(finding(rule, Failed(AT, "open")) for rule in rules))
    assert [text.count(f"CRITICAL  {rule.id} ") for rule in rules[:6]] == [2, 2, 2, 2, 2, 1]
    assert "and 25 more that are critical, above" in text


def test_the_counts_are_those_of_the_verdicts_whatever_is_listed() -> None:
    report = screen(300)
    head = "44 critical  85 high  100 medium  71 low   7 undecided"
    for view in (
        View(),
        View(severity=Severity.CRITICAL),
        View(summary=True),
        View(verbose=True),
        View(undecided=True),
    ):
        assert head in render_screen(report._replace(view=view), Style(width=120)).splitlines()[0]


def test_above_fifty_findings_the_lows_are_counted() -> None:
    text = render_screen(screen(300), Style(width=120))
    assert "and 71 findings of low severity by 5 rules (--severity low lists them)" in text
    assert "\nLOW " not in text
    assert "\nLOW " in render_screen(screen(300, severity=Severity.LOW), Style(width=120))
    assert "\nLOW " in render_screen(screen(50), Style(width=120))


def test_a_level_narrows_the_list_and_says_so() -> None:
    text = render_screen(screen(10, severity=Severity.HIGH), Style(width=120))
    assert [line.split()[0] for line in text.splitlines() if re.match("[A-Z]{3,} ", line)] == [
        "CRITICAL", "CRITICAL", "HIGH", "HIGH", "HIGH",
    ]  # fmt: skip
    assert "and 5 findings below high by 5 rules, not listed" in text


def test_without_a_plan_nothing_is_said_about_closing() -> None:
    text = render_screen(screen(10)._replace(plan=None), Style(width=120))
    assert not [words for words in ("→", "generate", "remedies", "manual") if words in text]
    assert "ssm-harden explain NET-01" in text


def test_where_nothing_can_be_generated_the_report_says_how() -> None:
    text = shown(finding(info("NET-01"), Failed(AT, "open")), plan=samples.plan(), view=View(given="infra"))
    assert "ssm-harden plan infra --full" in text
    assert "generate" not in text


def test_the_summary_lists_nothing() -> None:
    text = render_screen(screen(10, summary=True), Style(width=120))
    assert len(text.splitlines()) == 5
    assert "PREF" not in text


def test_verbose_adds_what_was_found_and_why() -> None:
    text = render_screen(screen(1, verbose=True), PLAIN)
    assert "Idle sessions stay open for 60 minutes, in detail" in text
    assert "Why PREF-07 matters." in text


def test_undecided_verdicts_are_listed_with_how_to_resolve_them() -> None:
    text = render_screen(screen(10, undecided=True), PLAIN)
    assert all(rule in text for rule in ("KMS-02", "KMS-05", "KMS-06", "KMS-07", "NET-03", "NET-04", "PATH-01"))
    assert "--var kms_key_arn=" in text
    assert "--undecided" not in text


def test_what_was_not_read_or_evaluated_comes_before_the_findings() -> None:
    broken = finding(info("KMS-01"), Crashed(AT, "TypeError: boom"))
    text = shown(broken, finding(info("NET-01"), Failed(AT, "open")), unread=("broken.tf:3: a } is missing",))
    unread, crashed, failed = (text.index(words) for words in ("! not read: broken.tf:3", "boom", "MEDIUM"))
    assert unread < failed
    assert crashed < failed
    assert "1 crashed" in text.splitlines()[0]
    assert "broken.tf:3" in shown(broken, unread=("broken.tf:3: a } is missing",), view=View(summary=True))


def test_waived_findings_are_listed_by_their_waiver() -> None:
    waived = replace(finding(info("PREF-08"), Failed(AT, "unlimited")), waiver=Waiver("batch", AT))
    text = shown(waived, replace(waived, subject="other"))
    assert re.search(r"^Waived +PREF-08: batch \(.*\) ×2$", text, re.MULTILINE)  # noqa: RUF001 - the sign itself
    assert "no gaps" in text


def test_where_nothing_concerns_session_manager() -> None:
    assert "Nothing to check" in shown()
    assert "Nothing to check" in shown(finding(info("NET-01"), NotApplicable(AT, "no nodes")))


def test_where_nothing_was_read_it_does_not_look_like_a_pass() -> None:
    text = shown(notes=("no Terraform code has changed since main",))
    assert "Nothing to check.\n\nNote           no Terraform code has changed since main" in text
    assert "no gaps" not in text + shown()
    assert "settings of Session Manager" not in text


def test_a_list_of_what_is_undecided_leaves_the_findings_in_view() -> None:
    text = render_screen(screen(30)._replace(view=View(undecided=True)), Style(width=100))
    assert "\n\n\n" not in text
    findings = [line for line in text.splitlines() if re.match("(CRITICAL|HIGH|MEDIUM|LOW) ", line)]
    usual = render_screen(screen(30), Style(width=100)).splitlines()
    assert len(findings) >= sum(bool(re.match("(CRITICAL|HIGH|MEDIUM|LOW) ", line)) for line in usual)


def test_a_headline_that_is_too_long_keeps_whom_it_concerns() -> None:
    headline = "Sessions can be started on every node that there is (unattached)"
    found = finding(info("OPER-01"), Failed(AT, "every node", headline=headline))
    text = render_screen(AuditReport(audit_of(found)), Style(width=80))
    assert re.search(r"Sessions can be started on ev.*… \(unattached\)", text)


def test_one_line_lists_the_subjects_of_a_place() -> None:
    rule = info("NET-01", headline="SSH is open to the world")
    subjects = ("aws_instance.web", 'module.a["x"].module.b.aws_instance.batch[0]')
    text = shown(*(finding(rule, Failed(AT, each), subject=each) for each in subjects), width=120)
    assert re.search(r'SSH is open to the world +main.tf:3 +web, a\["x"\]\.b\.batch\[0\]', text)


@pytest.mark.parametrize("width", [80, 120])
def test_without_places_how_it_is_closed_is_on_the_line_itself(width: int) -> None:
    at = ApiOrigin("arn:aws:iam::111122223333:root", "sts:GetCallerIdentity")
    one = finding(info("ACCT-02"), Failed(at, "no trail"), origin=at, subject="account", root="111122223333/eu-west-1")
    lines = shown(one, plan=samples.plan(), width=width).splitlines()
    (line,) = [line for line in lines if line.endswith("→ manual")]
    assert "ACCT-02" in line


def test_live_findings_of_several_accounts_name_the_account() -> None:
    at = ApiOrigin("arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "ec2:DescribeInstances")
    one = finding(info("NET-01"), Failed(at, "open"), origin=at, subject=at.arn, root="111122223333/eu-west-1")
    assert "  i-1" in shown(one)
    assert shown(one).count("111122223333/eu-west-1") == 1
    other = replace(one, root="444455556666/eu-west-1")
    assert len(re.findall(r"MEDIUM .* \d+/eu-west-1", shown(one, other))) == 2


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("account", ""),
        ("aws_ssm_document.prefs", "prefs"),
        ("module.iam.aws_iam_role.sre", "role iam.sre"),
        ("arn:aws:iam::111122223333:role/path/sre", "role sre"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("arn:aws:s3:::logs", "logs"),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:/ssm", "ssm"),
        ("i-0123 (inside)", "i-0123 (inside)"),
    ],
)
def test_names_of_subjects(subject: str, name: str) -> None:
    assert named(subject) == name


CAUSE = info("PREF-03", severity=Severity.MEDIUM, headline="Sessions are recorded nowhere")
AFTER = info("PATH-01", severity=Severity.HIGH, follows=("PREF-03",))
ELSEWHERE = CodeOrigin("main.tf", 90)


def after(*places: Origin, rule: RuleInfo = AFTER, **changes: Any) -> Finding:
    return finding(rule, Failed(ELSEWHERE, "the path breaks", follows=places), subject="aws_instance.web", **changes)


def test_what_follows_is_part_of_the_line_of_its_cause_which_shows_the_worst_severity() -> None:
    (entry,) = entries([finding(CAUSE, Failed(AT, "nowhere")), after(AT)], None)
    assert (entry.rule, entry.severity, [each.rule.id for each in entry.following]) == (
        CAUSE,
        Severity.HIGH,
        ["PATH-01"],
    )
    text = shown(finding(CAUSE, Failed(AT, "nowhere")), after(AT))
    assert "1 high  1 medium" in text
    assert re.search(r"^HIGH +PREF-03 +Sessions are recorded nowhere", text, re.MULTILINE)
    assert "and 1 that follows" in text


@pytest.mark.parametrize(
    "other",
    [
        after(AT, root="elsewhere"),
        after(AT, region="eu-west-1"),
        after(ELSEWHERE),
        after(AT, CodeOrigin("other.tf", 1)),
        after(),
        after(AT, rule=replace(AFTER, follows=("PREF-01",))),
    ],
    ids=["another root", "another Region", "another document", "a second cause", "no cause", "another rule"],
)
def test_what_does_not_follow_has_a_line_of_its_own(other: Finding) -> None:
    found = entries([finding(CAUSE, Failed(AT, "nowhere")), other], None)
    assert sorted(each.rule.id for each in found) == ["PATH-01", "PREF-03"]


def test_nothing_is_hidden_behind_a_cause_that_is_waived() -> None:
    waived = replace(finding(CAUSE, Failed(AT, "nowhere")), waiver=Waiver("elsewhere", AT))
    assert [each.rule.id for each in entries([waived, after(AT)], None)] == ["PATH-01"]


@settings(deadline=None)
@given(audit=strategies.audits)
def test_every_failure_is_in_exactly_one_line(audit: Audit) -> None:
    told = [each for entry in entries(audit.findings, None) for each in (*entry.findings, *entry.following)]
    assert sorted(map(id, told)) == sorted(map(id, failures(audit.findings)))
    for entry in entries(audit.findings, None):
        assert entry.severity.rank == min(each.severity.rank for each in (*entry.findings, *entry.following))


@pytest.mark.parametrize("style", [PLAIN, Style(colour=True), Style(unicode=False, width=40)])
def test_names_of_others_cannot_act_on_the_terminal(style: Style) -> None:
    evil = "x\x1b[2J\x07\u202e\n\u009b31m\ud800"
    place = CodeOrigin(evil, 3)
    rule = info("NET-01", headline=evil)
    text = render_screen(
        AuditReport(
            audit_of(finding(rule, Failed(place, evil), subject=evil, root=evil)),
            notes=(evil,), unread=(evil,), view=View(given=evil, verbose=True),
        ),
        style,
    )  # fmt: skip
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", re.sub(r"\x1b\[[\d;]+m", "", text))
    assert style.unicode or text.isascii()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_colour_changes_no_text(width: int) -> None:
    plain, coloured = (render_screen(screen(30), Style(width=width, colour=colour)) for colour in (False, True))
    assert re.sub(r"\x1b\[[\d;]+m", "", coloured) == plain


def test_modules_that_were_not_read_are_counted_and_a_few_are_named() -> None:
    rule = info("READ-01", severity=Severity.LOW)
    gap = Unknown(Why.OUT_OF_SCOPE, AT, "module.m is not installed; run `terraform init` to download it")
    told = [finding(rule, Undecided(AT, gap), subject=f"module.m{number:02}") for number in range(40)]
    text = shown(*told)
    assert "module.m00, module.m01, module.m02 and 37 more" in text
    assert "40 wait for a module that was not downloaded" in text
    assert "module.m03" not in text
    assert len(text.splitlines()) <= MOST[0]
