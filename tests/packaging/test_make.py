"""`make setup`: a quiet log, the end of it where it fails, and nothing half made that is taken for complete."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import AT_THE_TERMINAL, HANGS, TOP, Ran, environment, write

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not on PATH")

# Stands for an interpreter: its `-m venv` makes an environment whose pip does what the files around tell it to.
PYTHON = """\
#!/bin/sh
[ "$1" = -c ] && exit 0
mkdir -p "$3/bin" && cp pip.sh "$3/bin/python"
"""
PIP = """\
#!/bin/sh
i=0; while [ $i -lt 40 ]; do echo "WARNING: number $i"; i=$((i + 1)); done
touch .venv/half
if [ -e hang ]; then touch started; sleep 100; fi
if [ -e fail ]; then echo 'ERROR: no such distribution' >&2; exit 7; fi
"""
UV = """\
#!/bin/sh
echo "uv $*" | tee -a called
[ "$1" = venv ] && mkdir -p .venv/bin
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(TOP / "Makefile", tmp_path)
    write(tmp_path, {"pyproject.toml": "", "python.sh": PYTHON, "pip.sh": PIP})
    for name in ("python.sh", "pip.sh"):
        (tmp_path / name).chmod(0o755)
    (tmp_path / "bin").mkdir()
    return tmp_path


def started(checkout: Path) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join([str(checkout / "bin"), *(each for each in ("/usr/bin", "/bin") if Path(each).is_dir())])
    env = environment({"PATH": path, "MAKEFLAGS": "", "MAKELEVEL": ""})
    command = [sys.executable, "-c", AT_THE_TERMINAL, MAKE or "make", "setup", "PYTHON=./python.sh"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=checkout, env=env, stdout=pipe, stderr=pipe, start_new_session=True)


def setup(checkout: Path) -> Ran:
    with started(checkout) as process:
        out, err = process.communicate(timeout=HANGS)
    return Ran(process.returncode, out.decode(), err.decode())


def test_what_pip_prints_goes_to_a_log(checkout: Path) -> None:
    ran = setup(checkout)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "==> setting up .venv (once; about a minute)\n"
    assert (checkout / ".venv/log/setup.log").read_text().count("WARNING") == 40
    assert "up to date" in setup(checkout).out or "Nothing to be done" in setup(checkout).out


def test_a_failure_shows_the_end_of_the_log_and_its_status(checkout: Path) -> None:
    write(checkout, {"fail": ""})
    ran = setup(checkout)
    assert ran.code != 0
    assert "failed (exit status 7); the end of .venv/log/setup.log:" in ran.err
    assert "ERROR: no such distribution" in ran.err
    assert "number 39" in ran.err
    assert "number 9" not in ran.err
    assert not (checkout / ".venv/.ready").exists()


def test_what_was_interrupted_is_made_anew(checkout: Path) -> None:
    write(checkout, {"hang": ""})
    with started(checkout) as process:
        while not (checkout / "started").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=HANGS)
    assert process.returncode != 0
    assert b"the end of" not in err, "an interruption is no failure"
    assert not (checkout / ".venv/.ready").exists()
    write(checkout, {".venv/left": ""})
    (checkout / "hang").unlink()
    assert setup(checkout).code == 0
    assert not (checkout / ".venv/left").exists()
    assert (checkout / ".venv/.ready").exists()
    assert not (checkout / ".venv/.unfinished").exists()


def test_an_environment_of_the_users_own_is_kept(checkout: Path) -> None:
    write(checkout, {".venv/mine": "", "fail": ""})
    assert setup(checkout).code != 0
    (checkout / "fail").unlink()
    assert setup(checkout).code == 0
    assert (checkout / ".venv/mine").exists()


def test_uv_is_used_where_it_is(checkout: Path) -> None:
    write(checkout, {"bin/uv": UV})
    (checkout / "bin" / "uv").chmod(0o755)
    assert setup(checkout).code == 0
    calls = (checkout / "called").read_text().splitlines()
    assert [call.split()[:2] for call in calls] == [["uv", "venv"], ["uv", "pip"]]
    assert "--python ./python.sh" in calls[0]
    assert not (checkout / ".venv/half").exists()
