"""Waiver files, baselines and diff, through the commands: exit codes, what is told where, what is never overwritten."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.sandbox.server import Sandbox, running
from tests.cli.conftest import OPEN, Here
from tests.cli.running import DOCUMENT, TOP, validator, write
from tests.report.consumers import commands, junit_cases, page, rows, sarif_run

FILE = ".ssm-harden-baseline.json"
WAIVER = '[[waiver]]\nrule = "PREF-08"\nsubject = "aws_ssm_document.*"\nreason = "batch jobs"\nuntil = 2999-01-31\n'
ONLY = ("--only", "PREF-08", "--only", "PREF-03")
SECOND = DOCUMENT.replace('"prefs"', '"more"')
PLAN = """{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{
  "address": "aws_ssm_document.prefs", "mode": "managed", "type": "aws_ssm_document", "name": "prefs",
  "values": {"name": "SSM-SessionManagerRunShell", "document_type": "Session", "content":
  "{\\"schemaVersion\\": \\"1.0\\", \\"sessionType\\": \\"Standard_Stream\\", \\"inputs\\": {}}"}
}]}}}"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return write(tmp_path, {"main.tf": DOCUMENT, "w.toml": WAIVER})


def audit(here: Here, *arguments: str, command: str = "plan") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(here(command, *arguments, "--format", "json").out)
    validator("audit-1.schema.json").validate(document)
    return document


def of_rule(document: dict[str, Any], rule: str) -> dict[str, Any]:
    (found,) = [each for each in document["verdicts"] if each["rule"] == rule]
    assert isinstance(found, dict)
    return found


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("command", ["plan", "check"])
def test_a_waiver_file(command: str, here: Here) -> None:
    assert here(command, "--only", "PREF-08").code == 1
    assert here(command, "--only", "PREF-08", "--waivers", "w.toml").code == 0
    document = audit(here, *ONLY, "--waivers", "w.toml", command=command)
    assert of_rule(document, "PREF-08")["verdict"] == "failed"
    assert of_rule(document, "PREF-08")["waiver"] == {
        "reason": "batch jobs",
        "until": "2999-01-31",
        "kind": "file",
        "at": {"file": "w.toml", "line": 1},
    } | {"at": of_rule(document, "PREF-08")["waiver"]["at"]}
    assert of_rule(document, "PREF-08")["waiver"]["at"]["line"] == 1
    assert (document["summary"]["waived"], document["summary"]["known"]) == (1, 0)


@pytest.mark.usefixtures("code")
def test_every_format_shows_what_is_waived(here: Here) -> None:
    def told(word: str) -> str:
        return here("plan", "--only", "PREF-08", "--waivers", "w.toml", "--format", word, "-q").out

    assert "PREF-08 until 2999-01-31: batch jobs (w.toml:1)" in told("table")
    (result,) = sarif_run(told("sarif"))["results"]
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "batch jobs",
            "properties": {"until": "2999-01-31", "at": "w.toml:1"},
        }
    ]
    (case,) = junit_cases(told("junit"))
    assert case.findtext("skipped") == "waived until 2999-01-31: batch jobs (w.toml:1)"
    assert [each.message for each in commands(told("github"))] == ["0 failed, 0 undecided, 1 waived"]
    assert json.loads(told("gitlab")) == []
    assert "batch jobs (until 2999-01-31)w.toml:1" in page(told("markdown")).text
    (row,) = rows(told("csv"))
    assert (row["waiver"], row["waived_until"], row["waived_at"]) == ("batch jobs", "2999-01-31", "w.toml:1")


@pytest.mark.usefixtures("code")
def test_generate_leaves_out_what_is_waived(here: Here, tmp_path: Path) -> None:
    ran = here("generate", "--out", "made", "--only", "PREF-08", "--waivers", "w.toml")
    assert (ran.code, "nothing was written" in ran.out) == (0, True)
    assert not (tmp_path / "made").exists()


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    "line", ["plan", "check", "generate --out made", "verify .", "host read main.tf", "baseline create"]
)
def test_a_file_that_is_wrong_is_refused_before_anything_is_read(line: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"bad.toml": f"{WAIVER}\n[[waiver]]\nrule = 'PREF-8'\nreason = 'x'\nregion = 'y'\n"})
    ran = here(*line.split(), "--waivers", "w.toml", "--waivers", "bad.toml")
    assert (ran.code, ran.out) == (2, "")
    assert "error: bad.toml:8: rule 'PREF-8' does not exist\n  hint: did you mean PREF-08?" in ran.err
    assert not (tmp_path / FILE).exists()


@pytest.mark.usefixtures("code")
def test_a_waiver_of_a_file_that_does_nothing_is_a_note(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"idle.toml": WAIVER.replace("document.*", "bucket.*"), "old.toml": WAIVER.replace("2999", "2020")})
    ran = here("check", "--only", "PREF-08", "--waivers", "idle.toml", "--waivers", "old.toml")
    assert ran.code == 1
    assert "note: idle.toml:1: the waiver of PREF-08 has no effect: nothing that fails matches it" in ran.err
    assert "note: old.toml:1: the waiver of PREF-08 ended on 2020-01-31: it has no effect" in ran.err


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("command", ["plan", "check"])
def test_what_is_known_does_not_fail_and_what_is_new_does(command: str, here: Here, tmp_path: Path) -> None:
    ran = here("baseline", "create", *ONLY)
    assert (ran.code, ran.out) == (0, f"{FILE}: 2 failed, 0 undecided\n")
    validator("baseline-1.schema.json").validate(json.loads((tmp_path / FILE).read_text()))
    known = here(command, *ONLY, "--baseline", FILE)
    assert (known.code, "2 known" in known.out or "2 in the baseline" in known.out) == (0, True)
    assert "No gaps" not in known.out
    document = audit(here, *ONLY, "--baseline", FILE, command=command)
    assert {each["baseline"] for each in document["verdicts"] if each["verdict"] == "failed"} == {"known"}
    assert document["summary"]["failed"] == {"critical": 0, "high": 0, "medium": 0, "low": 0}
    assert document["summary"]["known"] == 2
    write(tmp_path, {"more.tf": SECOND})
    assert here(command, *ONLY, "--baseline", FILE).code == 1
    document = audit(here, *ONLY, "--baseline", FILE, command=command)
    assert {each["baseline"] for each in document["verdicts"] if each["subject"] == "aws_ssm_document.more"} == {"new"}


@pytest.mark.usefixtures("code")
def test_every_format_shows_what_is_known(here: Here) -> None:
    here("baseline", "create")

    def told(word: str) -> str:
        return here("plan", "--only", "PREF-08", "--baseline", FILE, "--format", word, "-q").out

    assert "1 in the baseline (--full lists them)" in told("table")
    table = here("plan", "--only", "PREF-08", "--baseline", FILE, "--full", "-q").out
    assert "known (low): sessions have no maximum duration" in " ".join(table.split())
    assert table.rstrip().endswith("1 known")
    (result,) = sarif_run(told("sarif"))["results"]
    assert result["baselineState"] == "unchanged"
    (case,) = junit_cases(told("junit"))
    assert (case.findtext("skipped") or "").startswith("known, in the baseline: sessions have no maximum")
    assert [each.message for each in commands(told("github"))] == ["0 failed, 0 undecided, 1 known"]
    assert [issue["check_name"] for issue in json.loads(told("gitlab"))] == ["PREF-08"]
    text = told("markdown")
    assert text.startswith("## ssm-harden: no new failures, 1 known\n")
    assert "<summary>1 known from the baseline</summary>" in text
    (row,) = rows(told("csv"))
    assert (row["verdict"], row["baseline"]) == ("failed", "known")


@pytest.mark.usefixtures("code")
def test_a_requirement_is_not_met_by_what_is_known(here: Here) -> None:
    here("baseline", "create")
    answers = {each["id"]: each["status"] for each in audit(here, "--baseline", FILE)["requirements"]}
    assert answers["auditing"] == "not_met"


@pytest.mark.usefixtures("code")
def test_a_baseline_of_a_plan(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"plan.json": PLAN})
    assert here("baseline", "create", "--plan-json", "plan.json", *ONLY).out == f"{FILE}: 2 failed, 0 undecided\n"
    assert here("plan", "--plan-json", "plan.json", *ONLY).code == 1
    assert here("plan", "--plan-json", "plan.json", *ONLY, "--baseline", FILE).code == 0


@pytest.mark.usefixtures("code")
def test_from_another_folder_of_the_repository(here: Here, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / "infra", {"main.tf": SECOND})
    here("baseline", "create", "infra", *ONLY)
    assert here("check", *ONLY, "--baseline", f"../{FILE}", cwd=tmp_path / "infra").code == 0
    assert here("plan", ".", *ONLY, "--baseline", FILE).code == 1


def test_worse_is_new_and_a_doubt_is_known(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    here("baseline", "create", "--only", "PREF-08")
    strict = here("check", "--only", "PREF-08", "--baseline", FILE, "--standard", "strict")
    assert strict.code == 1
    assert "was made with the standard baseline, this run uses strict" in strict.err
    write(tmp_path, {"main.tf": OPEN + 'variable "x" {}\n'})
    write(
        tmp_path, {"main.tf": (OPEN + 'variable "x" {}\n').replace('name = "a"', 'name = "SSM-SessionManagerRunShell"')}
    )
    ran = here("check", "--only", "PREF-08", "--baseline", FILE, "--fail-on-undecided")
    assert (ran.code, "0 undecided, 1 known" in ran.out) == (0, True)
    assert "no longer" not in ran.err
    assert here("check", "--only", "PREF-08", "--fail-on-undecided").code == 3


@pytest.mark.usefixtures("code")
def test_creating_it_again_says_what_was_added_and_removed(here: Here, tmp_path: Path) -> None:
    here("baseline", "create", *ONLY)
    (tmp_path / "main.tf").write_text(SECOND)
    gone = here("check", *ONLY, "--baseline", FILE)
    assert f"note: 2 entries of {FILE} no longer fail: run `ssm-harden baseline create`" in gone.err
    ran = here("baseline", "create", "--only", "PREF-08")
    assert (ran.code, ran.out.splitlines()) == (
        0,
        [
            f"{FILE}: 1 failed, 0 undecided; 1 added, 2 removed",
            "  + low       PREF-08  aws_ssm_document.more  (.)",
            "  - high      PREF-03  aws_ssm_document.prefs  (.)",
            "  - low       PREF-08  aws_ssm_document.prefs  (.)",
        ],
    )
    assert here("baseline", "create", "--only", "PREF-08").out == f"{FILE}: 1 failed, 0 undecided; 0 added, 0 removed\n"
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("..")] == []


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("content", ["", "mine\n", "{}", '{"schema": "ssm-harden/baseline/2"}', "<<<<<<< HEAD\n{}"])
def test_a_file_that_is_no_baseline_is_never_overwritten(content: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"mine.json": content})
    ran = here("baseline", "create", "--out", "mine.json")
    assert (ran.code, ran.out) == (2, "")
    assert "mine.json" in ran.err
    assert (tmp_path / "mine.json").read_text() == content


@pytest.mark.usefixtures("code")
def test_nor_is_a_link_or_a_folder(here: Here, tmp_path: Path) -> None:
    here("baseline", "create")
    (tmp_path / "link.json").symlink_to(FILE)
    (tmp_path / "folder").mkdir()
    for out in ("link.json", "folder", "none/b.json"):
        assert here("baseline", "create", "--out", out).code == 2
    assert (tmp_path / "link.json").is_symlink()


def test_no_baseline_of_what_cannot_be_read(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": "a = = 1\n"})
    assert here("baseline", "create").code == 2
    assert not (tmp_path / FILE).exists()


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("command", ["plan", "check"])
def test_a_baseline_that_is_none(command: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"bad.json": "[", "deep.json": "[" * 100_000, "bytes.json": b"\xff\x00"})
    for name in ("bad.json", "deep.json", "bytes.json", "missing.json", "."):
        ran = here(command, "--baseline", name)
        assert (ran.code, ran.out) == (2, "")
        assert f"error: {name}: " in ran.err


@pytest.mark.usefixtures("code")
def test_diff(here: Here, tmp_path: Path) -> None:
    here("baseline", "create", *ONLY)
    write(tmp_path, {"a.json": here("plan", *ONLY, "--format", "json").out})
    write(tmp_path, {"b.json": here("plan", *ONLY, "--waivers", "w.toml", "--format", "json").out})
    assert here("diff", "a.json", "a.json").code == 0
    assert here("diff", FILE, "a.json").out.splitlines()[-1].endswith("0 changed · 0 gone · 2 unchanged")
    ran = here("diff", "b.json", "a.json")
    assert (ran.code, "was waived" in ran.out) == (1, True)
    assert here("diff", "b.json", "a.json", "--fail-on", "medium").code == 0
    document = json.loads(here("diff", "b.json", "a.json", "--format", "json").out)
    validator("diff-1.schema.json").validate(document)
    assert document["summary"] == {"new": 1, "fixed": 0, "changed": 0, "gone": 0, "unchanged": 1}
    assert here("diff", "b.json", "a.json", "--format", "markdown").out.startswith("## ssm-harden diff: 1 new, 0 fixed")
    for pair in (("a.json", "main.tf"), ("none.json", "a.json"), ("w.toml", "a.json")):
        ran = here("diff", *pair)
        assert (ran.code, ran.out) == (2, "")


PAGE = (TOP / "docs" / "decisions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(hcl|toml|console)\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_of_the_page_work(here: Here, tmp_path: Path) -> None:
    code = "".join(text for kind, text in BLOCKS if kind == "hcl")
    waivers = "".join(text for kind, text in BLOCKS if kind == "toml")
    tomllib.loads(waivers)
    write(tmp_path, {"infra/main.tf": code, "waivers.toml": waivers})
    write(tmp_path, {"before.json": here("plan", "infra", "--format", "json").out})
    lines = [line for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]
    assert lines
    told = ""
    for line in lines:
        if line.startswith("$ ssm-harden "):
            command, _, target = line.removeprefix("$ ssm-harden ").partition(" > ")
            ran = here(*command.split())
            assert ran.code in {0, 1}, ran.err
            told = ran.out + ran.err
            if target:
                write(tmp_path, {target: ran.out})
        else:
            assert line in told


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with running() as server:
        server.reset("walkthrough")
        for name, text in server.environment().items():
            monkeypatch.setenv(name, text)
        yield server


def test_live_objects_by_arn_account_and_region(account: Sandbox, here: Here, tmp_path: Path) -> None:
    (found,) = {each["rule"]: each for each in audit(here, "--live")["verdicts"] if each["rule"] == "PREF-03"}.values()
    assert (found["verdict"], found["subject"].startswith("arn:aws:")) == ("failed", True)
    waiver = f'[[waiver]]\nrule = "PREF-03"\nreason = "r"\nsubject = "{found["subject"][:-3]}*"\n'
    place = f'account = "{account.account}"\nregion = "{account.region}"\n'
    write(tmp_path, {"w.toml": waiver + place, "other.toml": waiver + place.replace(account.account, "9" * 12)})
    assert of_rule(audit(here, "--live", "--waivers", "w.toml"), "PREF-03")["waiver"]["kind"] == "file"
    other = audit(here, "--live", "--waivers", "other.toml")
    assert of_rule(other, "PREF-03")["waiver"] is None
    assert not [note for note in other["notes"] if "other.toml" in note]
    assert here("baseline", "create", "--live", "--waivers", "w.toml").code == 0
    assert here("plan", "--live", "--waivers", "w.toml", "--baseline", FILE).code == 0
    new = [each for each in audit(here, "--live", "--baseline", FILE)["verdicts"] if each["baseline"] == "new"]
    assert [each["rule"] for each in new] == ["PREF-03"]
    assert here("snapshot", "--live", "--out", "s.json").code == 0
    assert here("plan", "--snapshot", "s.json", "--waivers", "w.toml", "--baseline", FILE).code == 0


def test_evidence_by_itself(here: Here) -> None:
    evidence = str(TOP / "tests" / "hosts" / "evidence" / "linux-as-it-comes.json")
    assert here("host", "read", evidence).code == 1
    assert here("baseline", "create", "--evidence", evidence).code == 0
    ran = here("host", "read", evidence, "--baseline", FILE)
    assert (ran.code, "in the baseline" in ran.out) == (0, True)
