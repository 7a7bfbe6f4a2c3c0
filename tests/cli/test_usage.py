"""Wrong usage: exit code 2, one message that names what is wrong, a hint, and nothing on stdout."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssm_hardening.cli.entry import run
from tests.cli.running import DOCUMENT, ssm_harden, write

JUDGING = ("plan", "check")
WRONG: list[tuple[str, str]] = [
    *((f"{command} nowhere", "nowhere: no such file or folder") for command in (*JUDGING, "inspect", "verify")),
    *((f"{command} dangling", "dangling: no such file or folder") for command in (*JUDGING, "inspect")),
    *((f"{command} round", "round: no such file or folder") for command in (*JUDGING, "inspect")),
    *((f"{command} gaps/main.tf/more.tf", "no such file or folder") for command in JUDGING),
    *((f"{command} {'x' * 300}.tf", "File name too long") for command in (*JUDGING, "inspect")),
    *((f"{command} bad.toml", "bad.toml: not a Terraform file") for command in JUDGING),
    *((f"{command} gaps --standard nowhere", "standard 'nowhere' does not exist") for command in JUDGING),
    *((f"{command} gaps --standard bad.toml", "bad.toml: is not a valid standard") for command in JUDGING),
    *(
        (f"{command} gaps --standard odd.toml", "odd.toml: is not a valid standard: unknown key nonsense")
        for command in JUDGING
    ),
    *((f"{command} gaps --standard latin.json", "latin.json: is not a valid standard") for command in JUDGING),
    *((f"{command} gaps --only NONE-1", "rule 'NONE-1' does not exist") for command in JUDGING),
    *((f"{command} gaps --skip NONE-1", "rule 'NONE-1' does not exist") for command in JUDGING),
    *((f"{command} gaps --var x", "--var: write a variable as NAME=VALUE") for command in (*JUDGING, "inspect")),
    *((f"{command} gaps --var =x", "--var: write a variable as NAME=VALUE") for command in JUDGING),
    *(
        (f"{command} gaps --var-file nowhere", "nowhere: No such file or directory")
        for command in (*JUDGING, "inspect")
    ),
    *((f"{command} gaps --var-file empty", "empty: Is a directory") for command in JUDGING),
    *((f"{command} gaps --var-file bad.tfvars", "bad.tfvars:1: unexpected `=`") for command in JUDGING),
    *((f"{command} gaps --var-file latin.json", "not valid UTF-8") for command in JUDGING),
    ("plan gaps --var-file /dev/zero", "variable file /dev/zero: the file has 1,000,001 bytes"),
    *((f"{command} --snapshot half.json", "half.json:1: invalid JSON") for command in ("plan", "inspect")),
    ("plan --snapshot list.json", "list.json: $: expected an object"),
    ("plan --snapshot deep.json", "deep.json: nested too deeply"),
    ("plan --snapshot latin.json", "latin.json: cannot be read"),
    ("plan --snapshot old.json", "ssm-harden/account/0"),
    ("plan --snapshot nowhere.json", "nowhere.json: cannot be read"),
    ("plan --snapshot empty", "empty: cannot be read"),
    ("generate gaps", "no output folder: pass either --out DIR or --into DIR"),
    ("generate gaps --out a --into b", "no output folder: pass either --out DIR or --into DIR"),
    ("generate gaps --out full", "full: not empty, and not written by ssm-harden: mine.txt"),
    ("generate gaps --out bad.toml", "bad.toml: not a folder"),
    ("generate gaps --into nowhere", "nowhere: the folder does not exist"),
    ("generate broken --out made", "broken/main.tf:6: cannot be read: unexpected `=`"),
    *(
        (f"{command} {folder}", f"{folder}: no Terraform or OpenTofu code was found")
        for command in (*JUDGING, "inspect", "access", "generate --out made", "baseline create --out made.json")
        for folder in ("empty", "no_code")
    ),
    ("verify empty", "empty: no Terraform or OpenTofu code was found"),
    ("verify no_code", "no_code: no Terraform or OpenTofu code was found"),
    ("plan empty no_code", "empty: no Terraform or OpenTofu code was found"),
    ("generate gaps empty --out made", "empty: no Terraform or OpenTofu code was found"),
    ("baseline create gaps empty --out made.json", "empty: no Terraform or OpenTofu code was found"),
    ("verify gaps --terraform nowhere", "--terraform: nowhere"),
    ("verify gaps --checkov nowhere", "--checkov: nowhere"),
    ("demo --keep full", "--keep full: File exists"),
    ("demo --keep bad.toml/new", "--keep bad.toml/new: Not a directory"),
    ("explain NONE-1", "rule 'NONE-1' does not exist"),
    ("rules --standard nowhere", "standard 'nowhere' does not exist"),
]


@pytest.mark.parametrize(("line", "told"), WRONG, ids=[line[:60] for line, _ in WRONG])
@pytest.mark.usefixtures("place")
def test_wrong_usage(line: str, told: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 2
    shown = capfd.readouterr()
    errors = [each for each in shown.err.splitlines() if each.startswith("error: ")]
    assert len(errors) == 1
    assert told in errors[0]
    assert shown.out == ""


UNKNOWN = ["nonsense", "plan --nonsense", "check --nonsense", "plan --format xml", "check --format xml", "verify"]
UNKNOWN += ["explain", "plan --fail-on huge", "check --fail-on huge", "tools path nonsense", "rules --nonsense"]


@pytest.mark.parametrize("line", UNKNOWN)
@pytest.mark.usefixtures("place")
def test_what_the_command_line_does_not_know(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    code: object
    try:
        code = run(line.split())
    except SystemExit as end:
        code = end.code
    assert code == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "usage" in shown.err.lower()


@pytest.mark.usefixtures("place")
def test_a_folder_that_is_not_empty_is_left_as_it_was(place: Path) -> None:
    assert run(["generate", "gaps", "--out", "full"]) == 2
    assert [path.name for path in (place / "full").iterdir()] == ["mine.txt"]
    assert (place / "full" / "mine.txt").read_text() == "mine\n"


EMPTY_REPORT = ("0 failed", "Nothing to check", "Nothing to show", "nothing about Session Manager")
READING = ("plan", "check", "inspect", "access")


@pytest.mark.parametrize("command", READING)
@pytest.mark.usefixtures("place")
def test_folders_without_sessions_are_no_failure(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run([command, "unrelated"]) == 0
    shown = capfd.readouterr()
    assert any(words in shown.out for words in EMPTY_REPORT)
    assert "nothing about Session Manager" in shown.out + shown.err


@pytest.mark.parametrize("command", READING)
def test_a_working_directory_without_code_is_told_of(
    command: str, place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nobody named it, so this is no wrong usage; but it is no finding of the report either."""
    monkeypatch.chdir(place / "empty")
    assert run([command]) == 0
    shown = capfd.readouterr()
    assert any(words in shown.out for words in EMPTY_REPORT)
    assert "no Terraform or OpenTofu code" not in shown.out
    assert shown.err.startswith("note: .: no Terraform or OpenTofu code was found (*.tf, *.tofu, ")
    assert run([command, "."]) == 2


@pytest.mark.parametrize("command", READING)
@pytest.mark.usefixtures("place")
def test_a_folder_without_code_beside_one_with_code(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run([command, "gaps", "empty", "--format", "json"]) == 2
    shown = capfd.readouterr()
    assert '"gaps' in shown.out
    told = [line for line in shown.err.splitlines() if line.startswith("error: ")]
    assert [line.partition(" was")[0] for line in told] == ["error: empty: no Terraform or OpenTofu code"]


def test_a_folder_of_terragrunt_says_how_to_read_it(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(place / "live", {"terragrunt.hcl": 'terraform {\n  source = "../modules//ssm"\n}\n'})
    assert run(["plan", "live"]) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "Terragrunt runs code from elsewhere (live/terragrunt.hcl)" in shown.err
    assert "--plan-json plan.json" in shown.err


def test_a_var_file_may_be_a_pipe(place: Path) -> None:
    """As in `--var-file <(sops -d secret.tfvars)`."""
    script = 'ulimit -v 500000; printf "x = 1\\n" | "$@"'
    ran = ssm_harden("check", "gaps", "--var-file", "/dev/stdin", cwd=place, before=("sh", "-c", script, "sh"))
    assert ran.code == 1
    assert "PREF-08" in ran.out


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that other users may enter, as pytest's own may not be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        write(folder / "gaps", {"main.tf": DOCUMENT})
        write(folder / "full", {"mine.txt": "mine\n"})
        yield folder


@pytest.fixture
def unprivileged(open_place: Path) -> tuple[str, ...]:
    """What to put before the command so that permissions count for it too."""
    if os.geteuid() != 0:
        return ()
    before = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    probe = ssm_harden("rules", cwd=open_place, before=before)
    if probe.code != 0:
        pytest.skip(f"running as root, and another user cannot run the command here: {probe.err[:200]}")
    return before


def test_no_permission_to_read_a_file(open_place: Path, unprivileged: tuple[str, ...]) -> None:
    write(open_place / "closed", {"main.tf": DOCUMENT, "secret.tf": DOCUMENT.replace("prefs", "other")})
    (open_place / "closed" / "secret.tf").chmod(0)
    ran = ssm_harden("check", "closed", cwd=open_place, before=unprivileged)
    assert ran.code == 1
    assert "closed/secret.tf: cannot be read: Permission denied" in ran.out
    (open_place / "closed" / "main.tf").chmod(0)
    ran = ssm_harden("check", "closed", cwd=open_place, before=unprivileged)
    assert ran.code == 2
    assert "closed/main.tf: cannot be read: Permission denied" in ran.out


@pytest.mark.parametrize("command", ["plan", "check", "inspect", "verify"])
def test_no_permission_to_list_a_folder(command: str, open_place: Path, unprivileged: tuple[str, ...]) -> None:
    write(open_place / "closed", {"main.tf": DOCUMENT})
    (open_place / "closed").chmod(0)
    try:
        ran = ssm_harden(command, "closed", cwd=open_place, before=unprivileged, limited=False)
    finally:
        (open_place / "closed").chmod(0o755)
    assert ran.code == 2
    assert "closed" in ran.err
    assert "Permission denied" in ran.err or "is not readable" in ran.err
    assert ran.out == ""


def test_no_permission_to_look_at_what_a_folder_lists(open_place: Path, unprivileged: tuple[str, ...]) -> None:
    write(open_place / "closed", {"main.tf": DOCUMENT})
    (open_place / "closed").chmod(0o444)
    try:
        ran = ssm_harden("check", "closed", cwd=open_place, before=unprivileged)
    finally:
        (open_place / "closed").chmod(0o755)
    assert ran.code == 2
    assert "closed/main.tf: cannot be read: Permission denied" in ran.out


def test_a_called_module_that_is_closed_leaves_verdicts_open(open_place: Path, unprivileged: tuple[str, ...]) -> None:
    write(open_place / "caller", {"main.tf": 'module "logs" {\n  source = "../closed"\n}\n'})
    write(open_place / "closed", {"main.tf": DOCUMENT})
    (open_place / "closed").chmod(0)
    try:
        ran = ssm_harden("check", "caller", "--fail-on-undecided", cwd=open_place, before=unprivileged)
    finally:
        (open_place / "closed").chmod(0o755)
    assert ran.code == 3


def test_a_closed_folder_further_below_is_told(open_place: Path, unprivileged: tuple[str, ...]) -> None:
    write(open_place / "gaps" / "closed", {"main.tf": DOCUMENT})
    (open_place / "gaps" / "closed").chmod(0)
    try:
        ran = ssm_harden("check", "gaps", cwd=open_place, before=unprivileged)
    finally:
        (open_place / "gaps" / "closed").chmod(0o755)
    assert ran.code == 1
    assert "gaps/closed: not searched: Permission denied" in ran.err


def test_no_permission_to_write(open_place: Path, unprivileged: tuple[str, ...]) -> None:
    (open_place / "full").chmod(0o555)
    ran = ssm_harden("generate", "gaps", "--out", "full/made", cwd=open_place, before=unprivileged, limited=False)
    assert ran.code == 2
    assert ran.err.splitlines()[-2].startswith("error: ") or ran.err.startswith("error: ")
    assert "Permission denied" in ran.err
    assert [path.name for path in (open_place / "full").iterdir()] == ["mine.txt"]
