"""Decisions kept: a configuration file, then the environment, then the command line; and what a file may not decide."""

import json
import os
from pathlib import Path

import pytest

from ssm_hardening.cli.commands import parameters_of
from ssm_hardening.cli.options import described
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, write
from tests.cli.test_commands import ALL
from tests.cli.test_loading import loaded_in

KEPT = {described(each)[1].key for run in ALL.values() for each in parameters_of(run.load()) if described(each)[1].kept}
NEVER = {
    *("terraform", "checkov", "plugin-dir", "executor", "profile", "role-arn", "external-id", "role-name"),
    *("organization", "live", "yes", "out", "into", "output", "keep", "target", "snapshot", "evidence", "no-config"),
}
FILE = ".ssm-harden.toml"


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SSM_HARDEN_")]:
        monkeypatch.delenv(name)
    write(tmp_path, {"main.tf": DOCUMENT})
    (tmp_path / ".git").mkdir()


def shown(here: Here, **place: Path) -> list[tuple[str, object, str]]:
    told = json.loads(here("config", "show", "--format", "json", **place).out)
    return [(each["key"], each["value"], each["source"]) for each in told["settings"]]


def test_what_is_kept_and_what_is_never() -> None:
    kept = {"standard", "only", "skip", "var-file", "fail-on", "fail-on-undecided", "format", "region"}
    assert kept <= KEPT
    assert not KEPT & NEVER


def test_later_ones_win(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {FILE: 'only = ["PREF-03"]\nfail-on = "critical"\n'})
    assert here("check").code == 0
    monkeypatch.setenv("SSM_HARDEN_FAIL_ON", "low")
    assert here("check").code == 1
    assert here("check", "--fail-on", "critical").code == 0
    assert {each["rule"] for each in json.loads(here("check", "--format", "json").out)["verdicts"]} == {"PREF-03"}
    monkeypatch.setenv("SSM_HARDEN_ONLY", "PREF-05, PREF-06")
    found = {each["rule"] for each in json.loads(here("check", "--format", "json").out)["verdicts"]}
    assert found == {"PREF-05", "PREF-06"}
    assert shown(here) == [("fail-on", "low", "SSM_HARDEN_FAIL_ON"), ("only", "PREF-05, PREF-06", "SSM_HARDEN_ONLY")]


def test_a_table_is_for_one_command(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: '[check]\nformat = "csv"\n\n[host.read]\nfail-on = "high"\n'})
    assert here("check").out.startswith("rule,")
    assert not here("plan").out.startswith("rule,")
    assert here("config", "show").out.splitlines() == [
        f'[check] format = "csv"        {FILE}:2',
        f'[host.read] fail-on = "high"  {FILE}:5',
    ]


def test_the_nearest_file_up_to_the_root_of_the_repository(here: Here, tmp_path: Path) -> None:
    project = write(tmp_path / "outer" / "project", {"infra/main.tf": DOCUMENT, ".git/HEAD": ""})
    write(tmp_path / "outer", {FILE: 'fail-on = "critical"\n'})
    assert shown(here, cwd=project / "infra") == []
    write(project, {"pyproject.toml": '[project]\nname = "ssm-harden"\n'})
    assert shown(here, cwd=project / "infra") == []
    write(project, {"pyproject.toml": '[tool.ssm-harden]\nfail-on = "high"\n'})
    assert shown(here, cwd=project / "infra") == [("fail-on", "high", "../pyproject.toml:2")]
    write(project, {FILE: '# ours\n"fail-on" = "medium"\n'})
    assert shown(here, cwd=project / "infra") == [("fail-on", "medium", f"../{FILE}:2")]
    write(project / "infra", {"pyproject.toml": '[tool.other]\na = "ssm-harden"\n'})
    assert shown(here, cwd=project / "infra") == [("fail-on", "medium", f"../{FILE}:2")]


def test_without_a_repository_only_the_working_directory_counts(here: Here, tmp_path: Path) -> None:
    (tmp_path / ".git").rmdir()
    write(tmp_path, {FILE: 'fail-on = "critical"\n', "infra/main.tf": DOCUMENT})
    assert shown(here, cwd=tmp_path / "infra") == []
    assert shown(here) == [("fail-on", "critical", f"{FILE}:1")]


def test_files_can_be_ignored(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {FILE: "this is not TOML"})
    assert here("check").code == 2
    assert here("check", "--no-config").code == 1
    assert here("plan", "--no-config").code == 1
    monkeypatch.setenv("SSM_HARDEN_NO_CONFIG", "1")
    assert here("check").code == 1
    monkeypatch.setenv("SSM_HARDEN_FAIL_ON", "critical")
    assert here("check", "--only", "PREF-03").code == 0


def test_paths_begin_at_the_file_and_stay_in_the_repository(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: 'standard = "rules/own.toml"\n', "rules/own.toml": 'off = ["PREF-*"]\n'})
    write(tmp_path, {"infra/main.tf": DOCUMENT, "../own.toml": ""})
    assert here("check", "--only", "PREF-04", cwd=tmp_path / "infra").code == 2
    for name in ("../own.toml", str(tmp_path.parent / "own.toml"), "/dev/zero", ".git/own.toml", "out/own.toml"):
        (tmp_path / "out").unlink(missing_ok=True)
        (tmp_path / "out").symlink_to(tmp_path.parent)
        write(tmp_path, {FILE: f'standard = "{name}"\n'})
        ran = here("check")
        assert (ran.code, f"{FILE}:1: `standard`: '{name}' points outside of the repository" in ran.err) == (2, True)
    write(tmp_path, {FILE: 'standard = "strict"\n'})
    assert here("check").code == 1


def test_what_is_for_live_accounts_waits_for_live(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: 'region = ["eu-west-1", "eu-west-2"]\nlog-bucket = "logs"\n'})
    assert here("plan").code == 1
    assert here("check").code == 1
    assert here("host", "run").code == 2


def test_a_word_that_other_commands_take_is_not_for_this_one(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: 'format = "sarif"\n'})
    assert json.loads(here("plan").out)["version"] == "2.1.0"
    assert here("rules").code == 0
    assert here("rules").out == here("rules", "--no-config").out
    write(tmp_path, {FILE: '[rules]\nformat = "sarif"\n'})
    assert here("rules").code == 2


WRONG = {
    'fail_on = "high"': ":1: unknown key `fail_on`; did you mean `fail-on`?",
    '[check]\nfailon = "high"': ":2: unknown key `failon`; did you mean `fail-on`?",
    '\n\nfail-on = "hihg"': ":3: `fail-on` cannot be 'hihg'; did you mean high?",
    "fail-on = 1": ":1: `fail-on` must be a string, not 1",
    'fail-on-undecided = "yes"': ":1: `fail-on-undecided` must be true or false, not 'yes'",
    "only = [1]": ":1: `only` must be a string, not 1",
    'only = ["PREF-88"]': ":1: `only`: rule 'PREF-88' does not exist",
    'standard = { name = "strict" }': ":1: `standard` must be a string",
    'format = "sarfi"': ":1: `format` cannot be 'sarfi'; did you mean sarif?",
    '[check]\nregion = "eu-west-1"': ":2: `check` has no option `region`",
    '[host]\nfail-on = "high"': ":2: `host` has no option `fail-on`",
    "[chekc]\nquiet = true": ":1: unknown key `chekc`",
    'terraform = "./evil"': ":1: `terraform` cannot be set here: it chooses which program runs",
    'plugin-dir = "."': ":1: `plugin-dir` cannot be set here: it chooses which program runs",
    'profile = "admin"': ":1: `profile` cannot be set here: it chooses the credentials",
    "live = true": ":1: `live` cannot be set here: it must be asked for each time",
    'output = ["a.json"]': ":1: `output` cannot be set here: it chooses where files are written",
    'snapshot = "a.json"': ":1: `snapshot` cannot be set here: ",
    "fail-on = high": ":1: is not TOML: ",
    'standard = "a\\u0000b"': ":1: `standard`: ",
}


@pytest.mark.parametrize(("text", "told"), WRONG.items(), ids=[text.strip()[:30] for text in WRONG])
def test_what_is_wrong_is_an_error_with_its_line(text: str, told: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: text})
    for command in (("check",), ("config", "show")):
        ran = here(*command)
        assert (ran.code, ran.out) == (2, "")
        assert f"error: {FILE}{told}" in ran.err
    write(tmp_path, {"pyproject.toml": f"[tool.ssm-harden]\n{text}".replace("\n[", "\n[tool.ssm-harden.")})
    (tmp_path / FILE).unlink()
    ran = here("check")
    assert ran.code == 2
    assert "error: pyproject.toml:" in ran.err


def test_a_key_of_other_commands_is_no_error(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: 'region = "eu-west-1"\nlog-group = ["a"]\n[plan]\nformat = "csv"\n'})
    assert here("check").code == 1


def test_a_variable_is_checked_like_a_key(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value, told in (
        ("SSM_HARDEN_FAILON", "high", "unknown key `failon`; did you mean `fail-on`?"),
        ("SSM_HARDEN_FAIL_ON", "hihg", "`fail-on` cannot be 'hihg'"),
        ("SSM_HARDEN_PROFILE", "x", "`profile` cannot be set here"),
        ("SSM_HARDEN_FAIL_ON_UNDECIDED", "maybe", "must be true or false"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            ran = here("check")
            assert ran.code == 2
            assert f"error: {name}: " in ran.err
            assert told in ran.err
    for name in ("SSM_HARDEN_CHECKOV", "SSM_HARDEN_PLUGIN_DIR", "SSM_HARDEN_TERRAFORM", "SSM_HARDEN_WHATEVER_ELSE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("SSM_HARDEN_FAIL_ON", "")
    assert here("check").code == 1


def test_a_hostile_file_gets_a_clear_error(here: Here, tmp_path: Path) -> None:
    file = tmp_path / FILE
    outside = write(tmp_path.parent / f"{tmp_path.name}-outside", {"own.toml": "password = 1\n"})

    def told(reason: str) -> None:
        ran = here("check")
        assert (ran.code, ran.out, reason in ran.err, "--no-config" in ran.err) == (2, "", True, True), ran.err
        assert "password" not in ran.err

    file.write_bytes(b"a = '" + b"x" * 1_000_001)
    told(f"error: {FILE}: is larger than the 1,000,000 bytes that are read")
    file.write_bytes(b"\x00\xff\xfe")
    told(f"error: {FILE}: is not UTF-8 text")
    file.write_bytes(b"\x00")
    told(f"error: {FILE}:1: is not TOML")
    file.write_text("a = " + "[" * 400_000)
    told(f"error: {FILE}: is not TOML: nested too deeply")
    for target in (outside / "own.toml", "/dev/zero", "nowhere"):
        file.unlink()
        file.symlink_to(target)
        told(f"error: {FILE}: ")
    file.unlink()
    os.mkfifo(file)
    told(f"error: {FILE}: this is a pipe or a device, not a file")
    file.unlink()
    file.mkdir()
    told(f"error: {FILE}: ")


def test_without_settings_a_check_loads_nothing_that_reads_them(tmp_path: Path) -> None:
    reads = {"ssm_hardening.cli.settings", "ssm_hardening.cli.config_file"}
    assert not loaded_in("check", tmp_path) & reads
    write(tmp_path, {FILE: 'fail-on = "high"\nonly = ["PREF-*"]\n'})
    with_settings = loaded_in("check", tmp_path)
    assert with_settings > reads
    assert "ssm_hardening.cli.host" not in with_settings
    assert "typer" not in with_settings


@pytest.mark.parametrize("command", ["plan", "check", "generate"])
def test_a_report_says_what_a_file_took_from_it(command: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: f'skip = ["PREF-*"]\nformat = "table"\n[{command}]\nstandard = "strict"\n'})
    words = (command, *(("--out", "../made") if command == "generate" else ()))
    ran = here(*words)
    told = " ".join(f"{ran.out} {ran.err}".split())
    assert ".ssm-harden.toml sets skip = PREF-* and standard = strict; --no-config ignores it" in told
    if command == "plan":
        assert "sets skip" in " ".join(here("plan", "--summary").out.split())
    ran = here(*words, "--no-config")
    assert FILE not in ran.out + ran.err
    ran = here(*words, "--skip", "S3-*", "--standard", "baseline")
    assert FILE not in ran.out + ran.err


def test_every_format_for_programs_holds_the_note(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {FILE: 'waivers = ["w.toml"]\n', "w.toml": ""})
    told = f"{FILE} sets waivers = w.toml; --no-config ignores it"
    assert told in json.loads(here("plan", "--format", "json").out)["notes"]
    for word in ("sarif", "html"):
        assert told in here("plan", "--format", word).out
    assert f"note: {told}" in here("check", "--format", "github").err


def test_rules_that_were_left_out_are_not_settings_that_are_missing(here: Here) -> None:
    told = here("plan", "--only", "S3-05").out
    assert "Nothing to check: the rules that ran do not apply." in told


def test_a_summary_says_what_is_waived_or_known(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"w.toml": '[[waiver]]\nrule = "PREF-03"\nsubject = "*"\nreason = "ticket 4711"\n'})
    assert here("baseline", "create").code == 0
    told = here("plan", "--only", "PREF-03", "--waivers", "w.toml", "--summary").out
    assert ("no gaps" in told, "PREF-03: ticket 4711" in told) == (True, True)
    assert "in the baseline" in here("plan", "--baseline", ".ssm-harden-baseline.json", "--summary").out
