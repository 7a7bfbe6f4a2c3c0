"""Ctrl-C and termination: what was left is said by name, no child and no temporary file stays, 128 + the signal."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import tools
from tests.cli.running import AT_THE_TERMINAL, DOCUMENT, TOOL, environment, write
from tests.ending import comes_true, is_gone
from tests.passing import passing_tools

HANGING = """\
case "$1" in version) echo "Terraform v1.9.0"; exit;; esac
echo $$ > "{place}"
sleep 600 & wait
"""
SIGNALS = [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated"), (signal.SIGHUP, "terminated")]


@pytest.fixture
def hanging(tmp_path: Path) -> tuple[str, Path]:
    """A terraform that never ends, and the file in which it says its process id."""
    program, place = tmp_path / "terraform", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\n{HANGING.format(place=place)}")
    program.chmod(0o755)
    return str(program), place


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return write(tmp_path / "code", {"main.tf": DOCUMENT})


@contextmanager
def started(*arguments: str, cwd: Path, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    command = [str(TOOL.with_name("python")), "-c", AT_THE_TERMINAL, str(TOOL), *arguments]
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as ran:
        try:
            yield ran
        finally:
            ran.kill()


def says(place: Path) -> bool:
    return place.is_file() and place.read_text().endswith("\n")


@pytest.mark.parametrize(("number", "word"), SIGNALS)
def test_files_that_were_not_verified_are_named(
    number: signal.Signals, word: str, hanging: tuple[str, Path], code: Path, tmp_path: Path
) -> None:
    terraform, place = hanging
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    arguments = ("generate", "code", "--out", "made", "--terraform", terraform)
    with started(*arguments, cwd=code.parent, TMPDIR=str(scratch)) as ran:
        assert comes_true(lambda: says(place))
        ran.send_signal(number)
        _, said = ran.communicate(timeout=60)
    assert ran.returncode == 128 + number
    told = said.splitlines()[-2:]
    assert told[0] == word
    assert told[1].startswith(f"written to {tmp_path / 'made'} but not verified: ")
    assert "main.tf, " in told[1]
    assert told[1].endswith(f"; run `ssm-harden verify {tmp_path / 'made'}`")
    assert (tmp_path / "made" / "main.tf").is_file()
    assert comes_true(lambda: is_gone(int(place.read_text())))
    assert list(scratch.iterdir()) == []


def test_a_folder_that_was_not_verified_is_named(hanging: tuple[str, Path], code: Path) -> None:
    terraform, place = hanging
    with started("verify", "code", "--terraform", terraform, cwd=code.parent) as ran:
        assert comes_true(lambda: says(place))
        ran.send_signal(signal.SIGINT)
        shown, said = ran.communicate(timeout=60)
    assert (ran.returncode, shown) == (130, "")
    assert said.splitlines()[-1] == "interrupted"
    assert "passed" not in said
    assert [path.name for path in code.iterdir()] == ["main.tf"]
    assert comes_true(lambda: is_gone(int(place.read_text())))


@pytest.mark.parametrize("keep", [True, False])
def test_a_demo_leaves_nothing_but_what_is_to_be_kept(keep: bool, hanging: tuple[str, Path], tmp_path: Path) -> None:  # noqa: FBT001 - parametrised
    terraform, place = hanging
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    kept = ("--keep", "kept") if keep else ()
    # Where providers are named, terraform is not asked for them before anything is written.
    variables = {"TMPDIR": str(scratch), "SSM_HARDEN_PLUGIN_DIR": str(tools.providers().folder or tmp_path)}
    with started("demo", "--terraform", terraform, *kept, cwd=tmp_path, **variables) as ran:
        assert comes_true(lambda: says(place) or ran.poll() is not None, seconds=180)
        ran.send_signal(signal.SIGINT)
        _, said = ran.communicate(timeout=60)
    assert ran.returncode == 130
    assert (" but not verified: " in said) is keep
    assert not keep or f"run `ssm-harden verify {tmp_path / 'kept'}" in said
    assert comes_true(lambda: is_gone(int(place.read_text())))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("command", ["plan", "check", "inspect", "generate"])
def test_before_anything_is_written_there_is_nothing_to_say(command: str, code: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    more = ("--out", "made") if command == "generate" else ()
    # The pipe opens once the command waits for it.
    with started(command, "code", "--var-file", str(pipe), *more, cwd=code.parent) as ran, pipe.open("w"):
        ran.send_signal(signal.SIGINT)
        shown, said = ran.communicate(timeout=60)
    assert (ran.returncode, shown) == (130, "")
    assert said == "interrupted\n"
    assert not (tmp_path / "made").exists()


def test_an_error_behind_the_writing_names_what_was_not_verified(code: Path, tmp_path: Path) -> None:
    command = [str(TOOL), "generate", "code", "--out", "made", "--checkov", "nowhere"]
    ran = subprocess.run(command, cwd=code.parent, env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "error: --checkov: nowhere is not an executable file" in ran.stderr
    assert f"written to {tmp_path / 'made'} but not verified: " in ran.stderr


def test_what_was_verified_is_not_said_to_be_left(code: Path, tmp_path: Path) -> None:
    command = [str(TOOL), "generate", "code", "--out", "made", *passing_tools(tmp_path / "tools")]
    ran = subprocess.run(command, cwd=code.parent, env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert "re-audit" in ran.stdout
    assert "not verified" not in ran.stderr
