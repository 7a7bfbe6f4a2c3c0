"""Reports in files (`-o`): the word, the suffix or --format says in which format, and no file of anybody is lost."""

import json
import os
from pathlib import Path

import pytest

from ssm_hardening.cli.commands import COMMANDS, parameters_of
from ssm_hardening.cli.options import described
from ssm_hardening.report.formats import ACCESS, AUDIT, CHECK, FACTS, POWERS, RULES, SETTINGS, SUFFIXES
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, write
from tests.cli.test_commands import ALL

COMMAND = {
    "plan .": AUDIT.words,
    "check .": CHECK.words,
    "access .": ACCESS.words,
    "rules": RULES.words,
    "rules --powers": POWERS.words,
    "config show": SETTINGS.words,
}
EVERY: list[tuple[str, str]] = [(line, word) for line, words in COMMAND.items() for word in words]


@pytest.fixture(autouse=True)
def _code(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})


@pytest.mark.parametrize("name", ALL)
def test_every_command_with_formats_writes_files(name: str) -> None:
    keys = {described(each)[1].key for each in parameters_of(ALL[name].load())}
    assert ("format" in keys) == ("output" in keys)


@pytest.mark.parametrize(("line", "word"), EVERY)
def test_every_format_is_written_plain_and_can_be_written_again(
    line: str, word: str, here: Here, tmp_path: Path
) -> None:
    first = here(*line.split(), "-o", f"{word}=made")
    written = (tmp_path / "made").read_bytes()
    assert written.startswith(b"# ssm-harden report: ") == (word in {"table", "github"})
    assert b"\x1b" not in written
    again = here(*line.split(), "-o", f"{word}=made")
    assert (again.code, again.out, again.err) == (first.code, first.out, first.err)
    assert (tmp_path / "made").read_bytes() == written
    assert sorted(each.name for each in tmp_path.iterdir()) == ["made", "main.tf"]


@pytest.mark.parametrize(("suffix", "word"), SUFFIXES.items())
def test_the_suffix_chooses_the_format(suffix: str, word: str, here: Here, tmp_path: Path) -> None:
    ran = here("plan", "-o", f"report{suffix}")
    if word not in AUDIT.words:
        assert (ran.code, f"this report has no format '{word}'" in ran.err) == (2, True)
        return
    assert ran.out == here("plan").out
    assert (tmp_path / f"report{suffix}").read_bytes().decode() == here("plan", "--format", word).out


def test_a_file_of_the_word_on_stdout_takes_its_place(here: Here, tmp_path: Path) -> None:
    table = here("plan").out
    shown = here("plan", "--format", "sarif", "-o", "out.sarif", "-o", "csv=findings", "-o", "notes.txt")
    assert shown.out == ""
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "findings").read_text().startswith("rule,")
    assert json.loads((tmp_path / "notes.txt").read_text())["version"] == "2.1.0"
    assert here("plan", "-o", "table.txt").out == ""
    assert (tmp_path / "table.txt").read_text() == f"# ssm-harden report: table\n{table}"


def test_the_new_report_takes_the_place_of_the_old_one_whatever_its_format(here: Here, tmp_path: Path) -> None:
    here("plan", "-o", "csv=report")
    assert here("plan", "-o", "json=report").code == 1
    assert json.loads((tmp_path / "report").read_text())["schema"] == "ssm-harden/audit/1"
    (tmp_path / "empty.csv").touch(mode=0o600)
    assert here("plan", "-o", "empty.csv").code == 1


REFUSED = {
    "main.tf": "already exists, and is not a report",
    "mine.json": "already exists, and is not a report",
    "facts.json": "already exists, and is not a report",
    "link.json": "is a symbolic link",
    "folder": "is a folder",
    "pipe": "is a pipe or a device",
    "nowhere/a.json": "there is no folder nowhere",
    "main.tf/a.json": "cannot be written: Not a directory",
    "sarfi=a": "there is no format 'sarfi'",
    "html=": "",
    "json=": "names no file",
    "-": "names no file",
    "x" * 300: "cannot be written: File name too long",
}


@pytest.mark.parametrize(("name", "told"), REFUSED.items(), ids=[name[:20] for name in REFUSED])
def test_what_would_be_lost_or_cannot_be_written_is_refused_before_anything_is_read(
    name: str, told: str, here: Here, tmp_path: Path
) -> None:
    write(tmp_path, {"mine.json": '{"schema": "mine"}', "facts.json": here("inspect", "--format", "json").out})
    write(tmp_path, {"broken/main.tf": "a = = 1\n"})
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.json").symlink_to("new.json")
    os.mkfifo(tmp_path / "pipe")
    before = {each: each.read_bytes() for each in tmp_path.iterdir() if each.is_file()}
    for command in ("plan broken", "check broken"):
        ran = here(*command.split(), "-o", name)
        assert (ran.code, ran.out, ran.err.count("error: ")) == (2, "", 1)
        assert f"error: -o {name}: {told}" in ran.err
        assert "hint: " in ran.err
    assert {each: each.read_bytes() for each in tmp_path.iterdir() if each.is_file()} == before


@pytest.mark.parametrize(
    "text",
    [
        "[ ] buy milk\n[x] pay the rent\n",
        "[]\n[settings]\n",
        "## ssm-harden: our notes\n",
        "## ssm-harden: 3 high hopes\n",
        "## ssm-harden diff: how to read it\n",
    ],
)
def test_what_only_looks_like_a_report_at_its_start_is_kept(text: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"notes.md": text})
    ran = here("check", "-o", "notes.md")
    assert (ran.code, "not a report that may be overwritten" in ran.err) == (2, True)
    assert (tmp_path / "notes.md").read_text() == text


def test_a_hint_of_several_parts_has_marks_between_them(here: Here) -> None:
    assert "choose table, json, sarif, junit, github, gitlab, markdown, csv, or html; a file" in here(
        "check", "-o", "zzzzzz=main.tf"
    ).err.replace("\n", " ")


def test_names_of_files_reach_no_terminal_as_they_are(here: Here, tmp_path: Path) -> None:
    (tmp_path / "main.tf").rename(tmp_path / "a\n\x1b[31m\u202eb.tf")
    ran = here("check", "--format", "github")
    assert r"file=a%0A\x1b[31m\u202eb.tf," in ran.out
    assert not {"\x1b", "\u202e"} & {*ran.out, *ran.err}


def test_a_snapshot_is_never_overwritten_by_what_is_read_from_it(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"account.json": here("inspect", "--format", "json").out})
    for command in ("inspect", "plan", "access"):
        assert here(command, "--snapshot", "account.json", "-o", "account.json").code == 2
    assert FACTS.by_word["json"].mark == ""


def test_one_file_for_two_reports_is_an_error(here: Here) -> None:
    ran = here("plan", "-o", "a.json", "-o", "sarif=./a.json")
    assert (ran.code, "the file is given twice" in ran.err) == (2, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable(here: Here, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    ran = here("plan", "-o", "closed/a.json")
    assert (ran.code, "the folder closed is not writable" in ran.err) == (2, True)


def test_the_commands_under_test_are_those_there_are() -> None:
    assert {line.split()[0] for line in COMMAND} < {*COMMANDS}
