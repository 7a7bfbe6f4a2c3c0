"""What goes where: reports to stdout, notes to stderr; the same bytes each time; colour only for a terminal."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.iam.powers import all_powers
from ssm_hardening.rules.catalogue import load_rules
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, TOOL, TOP, Ran, environment, shown_in_turn, ssm_harden_in_turn, validator, write

AROUND = {"ACCT", "HOST", "NET", "OPER", "PATH", "REC", "ROLE"}
"""The families of rules about what stands around sessions, which a check leaves out."""
EXAMPLES = ("average", "careless", "hardened")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def document(here: Here, line: str, cwd: Path, name: str) -> dict[str, Any]:
    ran = here(*line.split(), "--format", "json", cwd=cwd)
    assert ran.code in {0, 1, 2}
    found: dict[str, Any] = json.loads(ran.out)
    validator(name).validate(found)
    return found


@pytest.mark.parametrize("example", EXAMPLES)
def test_plan_is_in_its_contract(example: str, here: Here) -> None:
    found = document(here, f"plan {example}", TOP / "examples", "audit-1.schema.json")
    assert found["schema"] == "ssm-harden/audit/1"
    assert found["verdicts"]
    assert bool(found["remediation"]["stages"]) == (example != "hardened")


@pytest.mark.parametrize("example", EXAMPLES)
def test_check_judges_documents_stores_and_keys_as_plan_does(example: str, here: Here) -> None:
    checked, planned = (
        # What was asked beside is more where people and roles are read too.
        [{**each, "asked": None} for each in document(here, line, TOP / "examples", "audit-1.schema.json")["verdicts"]]
        for line in (f"check {example}", f"plan {example}")
    )
    judged = {verdict["rule"] for verdict in checked}
    assert checked == [verdict for verdict in planned if verdict["rule"] in judged]
    left_out = {verdict["rule"] for verdict in planned if verdict["rule"] not in judged}
    assert left_out.isdisjoint({rule.info.id for rule in load_rules(documents_alone=True)})
    assert {rule.partition("-")[0] for rule in left_out} >= AROUND


def test_check_judges_by_any_rule_that_is_named(here: Here) -> None:
    found = document(here, "check careless --only ACCT-01", TOP / "examples", "audit-1.schema.json")
    assert [verdict["rule"] for verdict in found["verdicts"]] == ["ACCT-01"]


@pytest.mark.parametrize("case", ["broken", "both", "open", "unrelated"])
def test_contract_holds_where_little_was_read(case: str, place: Path, here: Here) -> None:
    document(here, f"plan {case}", place, "audit-1.schema.json")
    document(here, f"inspect {case}", place, "account-1.schema.json")


@pytest.mark.parametrize("example", EXAMPLES)
def test_inspect_is_in_its_contract_and_a_snapshot(example: str, tmp_path: Path, here: Here) -> None:
    found = document(here, f"inspect {example}", TOP / "examples", "account-1.schema.json")
    write(tmp_path, {"account.json": json.dumps(found)})
    again = document(here, "inspect --snapshot account.json", tmp_path, "account-1.schema.json")
    assert again == found
    judged = document(here, "plan --snapshot account.json", tmp_path, "audit-1.schema.json")
    planned = document(here, f"plan {example}", TOP / "examples", "audit-1.schema.json")
    assert judged["summary"]["failed"] == planned["summary"]["failed"]


LINES = ("plan .", "plan . --format json", "inspect . --format json", "check .", "rules")


@pytest.fixture(scope="module")
def seeded() -> list[list[Ran]]:
    """All lines, in processes that hash texts differently."""
    commands = [line.split() for line in LINES]
    return [
        ssm_harden_in_turn(*commands, cwd=TOP / "examples", env={"PYTHONHASHSEED": seed}) for seed in ("0", "1", "77")
    ]


@pytest.mark.parametrize("line", LINES)
def test_the_same_bytes_each_time(line: str, seeded: list[list[Ran]]) -> None:
    runs = {(ran.code, ran.out, ran.err) for each in seeded for ran in [each[LINES.index(line)]]}
    assert len(runs) == 1
    ((code, out, _),) = runs
    assert (code, out != "") == (0 if line.startswith(("inspect", "rules")) else 1, True)


def noted(tmp_path: Path) -> Path:
    """Make code whose reading yields notes: a waiver without a reason, and an environment variable that was used."""
    return write(tmp_path, {"main.tf": f'variable "x" {{}}\n# ssm-harden:skip=PREF-08\n{DOCUMENT}'})


def test_notes_go_to_stderr(tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    noted(tmp_path)
    for command in (("plan", "--format", "json"), ("check", "--format", "json"), ("check",)):
        monkeypatch.setenv("TF_VAR_x", "1")
        ran = here(*command)
        assert "note: main.tf:2: the waiver for PREF-08 has no reason" in ran.err
        assert ("variables used from the environment: TF_VAR_x" in ran.err) == (command[0] == "plan")
        if "json" in command:
            json.loads(ran.out)
        else:
            assert "note:" not in ran.out
        monkeypatch.delenv("TF_VAR_x")
        assert here(*command, "--quiet").err == ""


BY_WORKSPACE = """
locals {
  idle = { dev = "60", prod = "20" }
}
resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { idleSessionTimeout = local.idle[terraform.workspace] }
  })
}
"""


WORKSPACES = [
    ("", "", "undecided"),
    ("--workspace prod", "", "passed"),
    ("--workspace dev", "prod", "failed"),
    ("TF_WORKSPACE=dev", "", "failed"),
    ("TF_WORKSPACE=dev --workspace prod", "", "passed"),
    ("TF_WORKSPACE=dev", "prod", "passed"),
    ("", "dev", "failed"),
]
"""What is given, what the configuration file says, and the verdict."""


def test_the_workspace_decides(tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    # What was selected last on this machine is nothing that the code says.
    write(tmp_path, {"main.tf": BY_WORKSPACE, ".terraform/environment": "prod"})
    for line, in_file, told in WORKSPACES:
        write(tmp_path, {".ssm-harden.toml": f'workspace = "{in_file}"\n' if in_file else ""})
        words = [word for word in line.split() if "=" not in word]
        monkeypatch.setenv("TF_WORKSPACE", "dev" if "TF_WORKSPACE" in line else "")
        ran = here("plan", *words, "--only", "PREF-07", "--format", "json")
        (finding,) = json.loads(ran.out)["verdicts"]
        assert finding["verdict"] == told, line
        assert ("TF_WORKSPACE=dev" in ran.err) == (line == "TF_WORKSPACE=dev" and not in_file)
        assert (f"workspace = {in_file}; --no-config ignores it" in ran.err) == (bool(in_file) and not words)


def test_an_unknown_workspace_is_told_how_to_pass(tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": BY_WORKSPACE})
    assert "pass it with --workspace NAME" in here("plan", "--only", "PREF-07", "--undecided").out


@pytest.mark.parametrize("name", ["a b", "a/b", "", "a%20b", "\udcff"])
def test_what_is_no_name_of_a_workspace(name: str, tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": BY_WORKSPACE})
    ran = here("check", "--workspace", name)
    assert (ran.code, "is not the name of a workspace" in ran.err) == (2, True)


@pytest.mark.parametrize("line", ["plan", "check", "inspect", "rules", "explain PREF-03", "--help"])
def test_no_colour_without_a_terminal(line: str, tmp_path: Path, here: Here) -> None:
    assert "\x1b" not in here(*line.split(), cwd=noted(tmp_path)).out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal(encoding: str, tmp_path: Path) -> None:
    write(tmp_path, {"größe → 大.tf": DOCUMENT})
    lines = {"plan": 1, "check": 1, "inspect": 0}
    found = shown_in_turn(*lines, cwd=tmp_path, env={"PYTHONIOENCODING": encoding}, terminal=False)
    assert [ran.code for ran in found] == list(lines.values())
    assert all(".tf" in ran.out and "internal error" not in ran.err for ran in found)


def test_only_the_first_line_is_wanted() -> None:
    command = f'set -o pipefail; "{TOOL}" plan . --format json | head -1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command], cwd=TOP / "examples", env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0] == "{"
    assert done.stdout.splitlines()[1] in {"1", "141"}
    assert done.stderr == ""


@pytest.mark.parametrize("width", [60, 100])
def test_a_terminal_gets_colour_and_its_width(width: int) -> None:
    lines = ("plan .", "inspect .", "rules", "explain PREF-03")
    env = {"COLUMNS": str(width), "TERM": "xterm-256color"}
    for shown in shown_in_turn(*lines, cwd=TOP / "examples", env=env, terminal=True):
        assert ESCAPE.search(shown.out)
        plain = ESCAPE.sub("", shown.out)
        assert not {letter for letter in plain if not (letter.isprintable() or letter == "\n")}
        assert not [text for text in plain.splitlines() if len(text) > width and _could_be_broken(text, width)]


def _could_be_broken(text: str, width: int) -> bool:
    """Say whether a line is prose: code, diffs and words that fill half of the line stay in one piece."""
    is_code = " = " in text or text.lstrip().startswith(("+", "-", "@")) or text.startswith(" " * 6)
    return not is_code and max(map(len, text.split())) < width // 2


@pytest.mark.parametrize("env", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colour(env: dict[str, str]) -> None:
    for shown in shown_in_turn("plan average", "check average", cwd=TOP / "examples", env=env, terminal=True):
        assert "\x1b" not in shown.out
        assert "PREF-" in shown.out


def test_the_table_of_powers_is_printed_whole(here: Here) -> None:
    table = " ".join(here("rules", "--powers").out.split())
    found = json.loads(here("rules", "--powers", "--format", "json").out)
    assert [each["id"] for each in found["powers"]] == [power.id for power in all_powers()]
    assert all({"title", "needs", "raises", "sources", "read_on", "use"} <= set(each) for each in found["powers"])
    assert all(power.title in table and all(action in table for action in power.actions) for power in all_powers())
    assert all(source in table for source in found["sources"])
