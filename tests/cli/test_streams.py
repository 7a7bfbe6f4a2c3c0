"""Standard streams that are closed or full, and a reader that goes away: never a traceback, never an internal error."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import DOCUMENT, TOOL, Ran, environment, write

COMMANDS = [
    "plan code",
    "check code --format json",
    "inspect code",
    "access code",
    "rules",
    "explain PREF-03",
    "host script --platform linux",
    "sandbox",
    "generate code --out made",
    "--help",
    "--version",
    "--show-completion bash",
    "check --help",
    "host --help",
]
CODES = {"plan code": 1, "check": 1, "rules": 0, "--help": 0, "check --help": 0}
FULL = Path("/dev/full")


def bare(cwd: Path) -> dict[str, str]:
    """Return an environment without tools; which shell started the tests changes nothing there."""
    named = {"PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(cwd / "data"), "SSM_HARDEN_CHECKOV": ""}
    return environment(named | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})


def redirected(line: str, redirection: str, cwd: Path) -> Ran:
    """Run a command line behind a shell's redirection; a pipe of the shell's reports the command's own code."""
    text = f'"$0" {line} {redirection}'
    env = bare(cwd)
    done = subprocess.run(
        ["bash", "-c", text, TOOL], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write(tmp_path / "code", {"main.tf": DOCUMENT})
    return tmp_path


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.parametrize("redirection", [">&-", "> /dev/full"])
def test_a_report_that_cannot_be_written_is_an_error(line: str, redirection: str, place: Path) -> None:
    if "full" in redirection and not FULL.exists():
        pytest.skip("no /dev/full here")
    ran = redirected(line, redirection, place)
    assert ran.code == 2, ran
    reason = "it is closed" if "&-" in redirection else "No space left on device"
    assert [each for each in ran.err.splitlines() if each.startswith("error: ")] == [
        f"error: cannot write to stdout: {reason}"
    ]
    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err
    assert "Exception ignored" not in ran.err


@pytest.mark.parametrize("line", COMMANDS)
def test_a_reader_that_goes_away_ends_the_command_quietly(line: str, place: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    env = bare(place)
    with subprocess.Popen(
        [TOOL, *line.split()], cwd=place, env=env, stdout=writer, stderr=subprocess.PIPE, text=True
    ) as ran:
        os.close(writer)
        _, said = ran.communicate(timeout=120)
    assert ran.returncode == 141
    assert "rror" not in said
    assert "Traceback" not in said
    assert not said or line.startswith(("generate", "sandbox", "access")) or "note: " in said


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each line reports where nobody listens to stderr."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write(folder / "code", {"main.tf": DOCUMENT})
    return {line: redirected(line, "2> /dev/null", folder).out for line in CODES}


@pytest.mark.parametrize("line", list(CODES))
@pytest.mark.parametrize("redirection", ["2>&-", "2> /dev/full", "<&-", "<&- 2>&-"])
def test_stderr_and_stdin_change_nothing(line: str, redirection: str, place: Path, undisturbed: dict[str, str]) -> None:
    if "full" in redirection and not FULL.exists():
        pytest.skip("no /dev/full here")
    ran = redirected(line, redirection, place)
    assert ran.code == CODES[line]
    assert ran.out == undisturbed[line] != ""


@pytest.mark.parametrize("line", ["plan nowhere", "check nowhere", "plan --nonsense", "explain"])
@pytest.mark.parametrize("redirection", ["2>&-", "2> /dev/full", ">&- 2>&-", "<&- >&- 2>&-"])
def test_an_error_that_cannot_be_said_keeps_its_code(line: str, redirection: str, place: Path) -> None:
    ran = redirected(line, redirection, place)
    assert (ran.code, ran.out) == (2, "")


def test_nothing_of_a_report_gets_into_a_file_that_is_opened_meanwhile(place: Path) -> None:
    assert redirected("generate code --out made", ">&- 2>&-", place).code == 2
    assert "written" not in (place / "made" / "main.tf").read_text().partition("\n")[0]
    assert redirected("verify made", "2> /dev/null", place).code in {0, 1}


def test_what_was_written_before_the_report_failed_is_named(place: Path) -> None:
    ran = redirected("generate code --out made", ">&-", place)
    assert ran.code == 2
    assert f"written to {place / 'made'} but not verified: " in ran.err
