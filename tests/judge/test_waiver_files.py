"""Files of waivers: what they match, what they never cover, and what is wrong with them, by file and line."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.judge.waiver_files import FileWaiver, apply, load
from ssm_hardening.verdicts.findings import (
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Undecided,
    Verdict,
    Waiver,
    WaiverKind,
)
from tests.report.builders import audit_of, finding, info

KNOWN = ("NET-01", "NET-02", "PREF-07")
TODAY = date(2026, 11, 23)
GROUP = "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0abc1"
AT = ApiOrigin(GROUP, "ec2:DescribeSecurityGroups")
NET = info("NET-01")

GOOD = """\
# Decisions of the platform team.
[[waiver]]
rule = "net-01"
subject = "arn:aws:ec2:*:*:security-group/sg-0abc*"  # [[waiver]]
account = "111122223333"
region = "eu-central-1"
reason = "bastion of the vendor, ticket 4711"
until = 2027-01-31

[[waiver]]
rule = "PREF-07"
subject = "aws_ssm_document.*"
reason = '''
several lines
[[waiver]]
rule = "NET-99"
'''
"""


def live(verdict: Verdict | None = None) -> Finding:
    at = {"account": "111122223333", "region": "eu-central-1", "root": "111122223333/eu-central-1"}
    return finding(NET, verdict or Failed(AT, "SSH is open"), origin=AT, subject=GROUP, **at)


def read(folder: Path, text: str | bytes) -> tuple[FileWaiver, ...]:
    path = folder / "w.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load([path], KNOWN)


def wrong(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UsageError) as told:
        read(folder, text)
    return f"{told.value.message} | {told.value.hint}".replace(f"{folder}/", "")


def waived(waiver: FileWaiver, *findings: Finding) -> tuple[list[Waiver | None], tuple[str, ...]]:
    audit, notes = apply(audit_of(*findings), [waiver], today=TODAY)
    return [each.waiver for each in audit.findings], notes


def about(**changes: object) -> FileWaiver:
    whole = FileWaiver(file="w.toml", line=2, rule="NET-01", reason="ticket 4711", subject="*sg-0abc*")
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_a_file_is_read_with_the_lines_of_its_waivers(tmp_path: Path) -> None:
    first, second = read(tmp_path, GOOD)
    assert (first.rule, first.line, first.until, first.account) == ("NET-01", 2, date(2027, 1, 31), "111122223333")
    assert (second.rule, second.line, second.until) == ("PREF-07", 10, None)
    assert second.reason == 'several lines [[waiver]] rule = "NET-99"'


def test_an_empty_file_holds_no_waiver(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ()
    assert read(tmp_path, "\ufeff# nothing\n") == ()


BASE = '\n[[waiver]]\nrule = "NET-01"\nreason = "r"\n'
WRONG: dict[str, str] = {
    f'{BASE}subjekt = "a"': "w.toml:5: unknown key 'subjekt' | did you mean subject?",
    f'{BASE}subject = "a"\nowner = "a"': "w.toml:6: unknown key 'owner' | known are rule, subject,",
    f"{BASE}subject = 1": "w.toml:5: subject must be a string",
    f'{BASE}subject = " "': "w.toml:5: subject is empty",
    f"{BASE}account = 111122223333": "w.toml:5: account must be a string | write it in quotes",
    f'{BASE}account = "1234"': "w.toml:5: account '1234' is not an account ID | write 12 digits",
    f'{BASE}region = ["a"]': "w.toml:5: region must be a string",
    f'{BASE}subject = "a"\nuntil = "2027-01-31"': "w.toml:6: until must be a date | write until = 2027-01-31",
    f'{BASE}subject = "a"\nuntil = 2027-01-31T00:00:00Z': "w.toml:6: until must be a date",
    BASE: "w.toml:2: the waiver would cover every subject | add subject, account, or region",
    '[[waiver]]\nsubject = "a"\nreason = "r"': "w.toml:1: the waiver has no rule",
    '[[waiver]]\nsubject = "a"\nrule = "NET-01"': "w.toml:1: the waiver has no reason",
    '[[waiver]]\nsubject = "a"\nrule = "NET-01"\nreason = ""': "w.toml:4: reason is empty",
    '[[waiver]]\nsubject = "a"\nrule = "NET-1"\nreason = "r"': "w.toml:3: rule 'NET-1' does not exist | did you mean",
    '[[waiver]]\nsubject = "a"\nrule = "NET-*"\nreason = "r"': "w.toml:3: rule 'NET-*' is a family of rules",
    '[[waiver]]\nsubject = "a"\nrule = ["NET-01"]\nreason = "r"': "w.toml:3: rule must be a string",
    '[[waivers]]\nrule = "NET-01"': "w.toml:1: unknown key 'waivers' | did you mean waiver?",
    'title = "x"\n': "w.toml:1: unknown key 'title' | write [[waiver]]",
    '[waiver]\nrule = "NET-01"': "w.toml:1: waiver must be a list of tables | write [[waiver]] above each",
    "waiver = [1]": "w.toml:1: waiver must be a list of tables",
    '"waiver" = [{rule = "NET-01", reason = "r"}]': "w.toml: the waiver would cover every subject",
    "[[waiver]\n": "w.toml: not a waiver file: Expected ']]' at the end of an array declaration (at line 1",
    "a = [": "w.toml: not a waiver file: ",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_by_file_and_line(text: str, tmp_path: Path) -> None:
    assert WRONG[text] in wrong(tmp_path, text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x7fELF\x00\xff", "w.toml: not a waiver file: "),
        (b"a = " + b"[" * 100_000, "w.toml: not a waiver file: nested too deep"),
        (b"#" * (limits.WAIVERS + 1), "w.toml: larger than the limit of 262,144 bytes"),
    ],
)
def test_a_file_that_is_none(content: bytes, told: str, tmp_path: Path) -> None:
    assert told in wrong(tmp_path, content)


def test_a_folder_or_nothing(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(UsageError, match="not a waiver file"):
            load([path], KNOWN)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subject": GROUP},
        {"subject": "arn:aws:ec2:*:*:security-group/sg-0abc?"},
        {"subject": "", "account": "111122223333"},
        {"subject": "", "region": "eu-central-1"},
        {"until": TODAY},
    ],
)
def test_what_matches_is_waived(changes: dict[str, object]) -> None:
    (waiver,), notes = waived(about(**changes), live())
    until = TODAY.isoformat() if "until" in changes else None
    assert waiver == Waiver("ticket 4711", CodeOrigin("w.toml", 2), until, kind=WaiverKind.FILE)
    assert notes == ()


@pytest.mark.parametrize(
    "changes",
    [{"subject": "sg-0abc1"}, {"subject": "*sg-0ABC1"}, {"subject": "*sg-0abc"}, {"subject": "*sg-0abc[1]"}],
)
def test_what_does_not_match_is_a_note(changes: dict[str, object]) -> None:
    (waiver,), notes = waived(about(**changes), live())
    assert waiver is None
    assert notes == ("w.toml:2: the waiver of NET-01 has no effect: nothing that fails matches it",)


@pytest.mark.parametrize("changes", [{"account": "999999999999"}, {"region": "us-east-1"}, {"rule": "NET-02"}])
def test_of_what_was_not_read_nothing_is_said(changes: dict[str, object]) -> None:
    assert waived(about(**changes), live()) == ([None], ())


def test_a_pattern_of_arns_is_not_called_idle_by_code_alone() -> None:
    code = finding(NET, Failed(CodeOrigin("main.tf", 1), "open"))
    assert waived(about(subject="arn:*"), code) == ([None], ())
    assert waived(about(subject="aws_x.*"), code)[1] != ()


def test_an_expired_one_has_no_effect_and_says_so() -> None:
    (waiver,), notes = waived(about(until=date(2026, 11, 22)), live())
    assert waiver is None
    assert notes == ("w.toml:2: the waiver of NET-01 ended on 2026-11-22: it has no effect",)


def test_brackets_of_addresses_are_plain() -> None:
    code = finding(NET, Failed(CodeOrigin("main.tf", 1), "open"), subject='module.a["b"].aws_x.y[0]')
    for subject in ('module.a["b"].*', "*.aws_x.y[?]", 'module.a["b"].aws_x.y[0]'):
        (waiver,), _ = waived(about(subject=subject), code)
        assert waiver is not None
    assert waived(about(subject="*.aws_x.y[1]"), code)[0] == [None]


@pytest.mark.parametrize(
    ("verdict", "counts"),
    [
        (Failed(AT, "open"), True),
        (Undecided(AT, Unknown(Why.DENIED, AT, "x")), True),
        (Passed(AT, "fine"), False),
        (NotApplicable(AT, "nothing"), False),
        (Crashed(AT, "TypeError"), False),
    ],
)
def test_the_same_as_by_comments(verdict: Verdict, counts: bool) -> None:  # noqa: FBT001 - a parameter
    audit, notes = apply(audit_of(live(verdict)), [about()], today=TODAY)
    assert (audit.findings[0].waiver is not None) is counts
    assert audit.findings[0].verdict == verdict
    assert len(notes) == (0 if counts else 1)


def test_a_comment_comes_first_and_the_file_is_of_use_all_the_same() -> None:
    own = Waiver("said in the code", CodeOrigin("main.tf", 2))
    assert waived(about(), replace(live(), waiver=own)) == ([own], ())


def test_a_pattern_of_many_stars_ends(tmp_path: Path) -> None:
    (waiver,) = read(tmp_path, f'{BASE}subject = "{"*a" * 2_000}"')
    long = replace(live(), subject="a" * 5_000 + "b")
    assert waived(waiver, long)[0] == [None]
