"""The recorder says the same of the same, wherever and whenever it runs, and names what was changed."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from ssm_hardening.cli import pipeline
from ssm_hardening.judge import engine
from ssm_hardening.remediation import rendering
from ssm_hardening.verdicts.findings import Audit, Failed, Passed, Verdict
from tests.recorder import accounts, manifest, world
from tests.recorder.__main__ import ROOT, main
from tests.recorder.served import REGION, served
from tests.recorder.subjects import Kind, subjects
from tests.rules.fixtures import HERE as FIXTURES
from tests.rules.fixtures import code

CODE, ACCOUNT, EVIDENCE = "rules/PREF-03/code/fail", "rules/ACCT-01/account/unknown_denied", "evidence/linux-hardened"
FEW = [word for name in (CODE, ACCOUNT, EVIDENCE) for word in ("--only", name)] + ["--jobs", "1"]

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what was recorded of a few subjects, which another recording is seen to repeat."""
    folder = tmp_path_factory.mktemp("first") / "before"
    assert main(["record", *FEW, "--out", str(folder)]) == 0
    assert main(["check", *FEW, "--manifest", str(folder / "recorded.txt")]) == 0
    return folder


@pytest.fixture
def recorded(first: Path, tmp_path: Path) -> Path:
    """A manifest that a test may change."""
    return Path(shutil.copy(first / "recorded.txt", tmp_path / "recorded.txt"))


def test_another_day_place_and_environment_change_nothing(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "home")
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "SSM_HARDEN_PLUGIN_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    theirs = {"TF_VAR_name": "x", "AWS_REGION": "eu-west-1", "COLUMNS": "60", "TZ": "Asia/Tokyo", "PATH": "/bin"}
    for name, text in {**theirs, "SSM_HARDEN_TERRAFORM": "/nowhere", "SSM_HARDEN_DEBUG": "1"}.items():
        monkeypatch.setenv(name, text)
    with time_machine.travel(datetime(2031, 12, 31, 23, 59, 59, tzinfo=UTC)):
        assert main(["record", *FEW, "--out", str(tmp_path / "after")]) == 0
    assert (tmp_path / "after" / "recorded.txt").read_text() == recorded.read_text()
    assert recorded.read_text().count("\n") == 3


def test_fresh_processes_record_the_same(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *FEW, "--jobs", "2", "--manifest", str(recorded)]) == 0
    assert "as recorded: 3 subjects" in capsys.readouterr().out


def failed_as(change: Callable[[Failed], Verdict]) -> Plant:
    """Return what has the engine tell one failure otherwise."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        run = engine.run

        def told(*given: Any) -> Audit:
            audit = run(*given)
            first = next((each for each in audit.findings if isinstance(each.verdict, Failed)), None)
            return replace(
                audit,
                findings=tuple(
                    replace(each, verdict=change(each.verdict))
                    if each is first and isinstance(each.verdict, Failed)
                    else each
                    for each in audit.findings
                ),
            )

        patch.setattr(engine, "run", told)

    return plant


def other_file(patch: pytest.MonkeyPatch) -> None:
    render = rendering.render

    def rendered(plan: Any) -> rendering.GeneratedFolder:
        files = render(plan).files
        return rendering.GeneratedFolder({name: f"{text}\n" for name, text in files.items()})

    patch.setattr(rendering, "render", rendered)


def other_exit_code(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pipeline, "exit_code", lambda *_, **__: 3)


PLANTED = {
    "verdict": (failed_as(lambda verdict: Passed(verdict.at, verdict.message)), {CODE: ["audit.json", "check.json"]}),
    "message": (
        failed_as(lambda verdict: replace(verdict, message=verdict.message + ".")),
        {CODE: ["audit.json", "check.json"]},
    ),
    "file": (other_file, {CODE: ["added", "generated"]}),
    "exit code": (
        other_exit_code,
        {
            CODE: ["audit.json (exit 1 → 3)", "check.json (exit 1 → 3)"],
            ACCOUNT: ["audit.json (exit 0 → 3)"],
            EVIDENCE: ["audit.json (exit 0 → 3)"],
        },
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_change_is_caught_and_named(
    what: str, first: Path, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, expected = PLANTED[what]
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        assert main(["check", *FEW, "--manifest", str(recorded), "--out", str(tmp_path / "after")]) == 1
    said = capsys.readouterr().out
    named = dict(line.split(": ", 1) for line in said.partition("\n\n")[0].splitlines())
    assert named.keys() >= expected.keys()
    for subject, artifacts in expected.items():
        assert set(artifacts) <= set(named[subject].split(", ")), named
    assert "python -m tests.recorder diff" in said
    assert main(["compare", str(first), str(tmp_path / "after")]) == (what != "exit code" or 1)
    shown = capsys.readouterr().out
    for subject in expected:
        assert f"--- {subject}/" in shown
    assert main(["compare", str(first), str(tmp_path / "after"), "--verdicts"]) == int(what in {"verdict", "exit code"})
    facts = capsys.readouterr().out
    assert ('/verdict: "failed" → "passed"' in facts) == (what == "verdict")
    assert (f"{CODE}: exits.json /audit.json: 1 → 3\n" in facts) == (what == "exit code")


def test_a_file_that_no_template_changed_is_as_recorded(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is planted in one artifact is not blamed on another."""
    before = manifest.read(recorded)
    other_file(monkeypatch)
    main(["check", *FEW, "--manifest", str(recorded), "--out", str(tmp_path / "after")])
    after = manifest.read(tmp_path / "after" / "recorded.txt")
    assert {key for key in before[CODE] if before[CODE][key] != after[CODE][key]} <= {"added", "generated"}


def test_a_folder_of_this_machine_is_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed_as(lambda verdict: replace(verdict, message=str(Path.home())))(monkeypatch)
    with pytest.raises(ValueError, match=r"audit\.json names a folder of this machine"):
        main(["record", *FEW, "--out", str(tmp_path / "out")])


def test_recording_some_keeps_the_lines_of_others(recorded: Path) -> None:
    whole = recorded.read_text()
    recorded.write_text(whole.replace("=1/", "=0/") + "zzz/other audit.json=1/00000000\n")
    assert main(["record", *FEW, "--manifest", str(recorded)]) == 0
    assert recorded.read_text() == whole + "zzz/other audit.json=1/00000000\n"


def test_what_came_and_what_went_is_named() -> None:
    before = {"a": {"audit.json": "1/1"}, "b": {"audit.json": "1/1", "generated": "2"}}
    after = {"b": {"audit.json": "0/3", "added": "4"}, "c": {"audit.json": "1/1"}}
    assert list(manifest.changes(before, after)) == [
        "a: is gone",
        "b: added is new, audit.json (exit 1 → 0), generated is gone",
        "c: is new",
    ]


def made(folder: Path, subjects: dict[str, dict[str, Any]]) -> str:
    """Write a recorded folder of JSON artifacts, and return its path."""
    for name, artifacts in subjects.items():
        (folder / name).mkdir(parents=True)
        for artifact, content in artifacts.items():
            (folder / name / artifact).write_text(json.dumps(content))
    manifest.write(folder / "recorded.txt", {name: {} for name in subjects})
    return str(folder)


def test_facts_are_compared_without_the_words_about_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (
        {"rule": f"S3-0{number}", "subject": "logs", "verdict": "failed", "message": "a"} for number in (1, 2)
    )
    variables = [{"name": "a", "type": "bool"}, {"name": "b", "type": "string"}]
    pattern = {"value": {"detail": {"eventName": ["StartSession"]}}, "why": "denied", "detail": "words"}
    before = made(
        tmp_path / "before",
        {
            "gone": {},
            "moved": {"audit.json": {"verdicts": [one, other], "questions": ["a?", "b?"], "variables": variables}},
            "changed": {"audit.json": [one, other], "inspect.json": [pattern], "access.json": {}},
            "unknown": {"access.json": {"unknown": [], "does": "a"}},
        },
    )
    moved = [{**each, "message": "b", "headline": "c"} for each in (other, one)]
    names = {"value": {"detail": {"eventName": ["ResumeSession"]}}, "why": "denied", "detail": "others", "tier": "d"}
    after = made(
        tmp_path / "after",
        {
            "new": {},
            "moved": {"audit.json": {"verdicts": moved, "questions": ["b!"], "variables": variables[::-1]}},
            "changed": {"audit.json": [{**one, "message": None}], "inspect.json": [names]},
            "unknown": {"access.json": {"unknown": ["b"], "does": "b"}},
        },
    )
    assert main(["compare", before, after, "--verdicts"]) == 1
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        'changed: inspect.json /0/value/detail/eventName/0: "StartSession" → "ResumeSession"',
        'changed: inspect.json /0/tier: is new ("d")',
        'changed: audit.json /S3-01 logs/message: "a" → null',
        'changed: audit.json /S3-02 logs: is gone ({"rule": "S3-02", "subject": "logs", "verdict": "failed", "m…)',
        "changed: access.json is gone",
        "gone: is gone",
        "new: is new",
        'unknown: access.json /unknown/0: is new ("b")',
        "2 access.json different",
        "1 audit.json different",
        "2 audit.json new key headline",
        "1 audit.json same",
        "1 inspect.json different",
        "2 subjects different",
        "1 subjects gone",
        "1 subjects new",
        "1 subjects same",
    ]


def test_every_fixture_is_a_subject() -> None:
    found = subjects(ROOT)
    assert len({each.name for each in found}) == len(found)
    files = {path for path in FIXTURES.glob("*-*/*") if path.is_file() and path.suffix in {".tf", ".py"}}
    assert {each.place for each in found if each.place.is_relative_to(FIXTURES)} == files
    assert {each.kind for each in found} == set(Kind)


def test_the_code_of_a_fixture_is_what_the_tests_of_rules_read() -> None:
    files = [*FIXTURES.glob("*-*/*.tf")]
    assert any(accounts.code(path) != path.read_text() for path in files)
    assert [path for path in files if accounts.code(path) != code(path)] == []


def test_the_simulated_account_lives_at_the_same_moment(tmp_path: Path) -> None:
    from boto3.session import Session

    with world.stopped(tmp_path), served("walkthrough"):
        found = Session().client("ssm", region_name=REGION).describe_sessions(State="History")["Sessions"]
    assert max(each["StartDate"] for each in found) == datetime(2026, 1, 14, 9, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout of its own, of the tool and of one rule's fixtures, with one commit."""
    there = tmp_path / "checkout"
    skip = shutil.ignore_patterns("__pycache__")
    for name in ("ssm_hardening", "modules", "templates", "examples", "tests/rules/PREF-03"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, there / name, ignore=skip)
    git = ["git", "-C", str(there), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], check=True)
    return there


def test_another_revision_is_recorded_beside_this_one(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ["diff", "HEAD", "--root", str(repository), "--only", CODE, "--jobs", "1"]
    assert main(told) == 0
    assert capsys.readouterr().out == ""
    fixture = repository / "tests" / "rules" / "PREF-03" / "fail.tf"
    fixture.write_text(fixture.read_text().replace("SSM-SessionManagerRunShell", "Renamed"))
    assert main(told) == 1
    shown = capsys.readouterr().out
    assert f"--- {CODE}/audit.json\n+++ {CODE}/audit.json\n" in shown
    assert "Renamed" in shown
    worktrees = subprocess.run(["git", "-C", str(repository), "worktree", "list"], capture_output=True, check=True)
    assert worktrees.stdout.count(b"\n") == 1
