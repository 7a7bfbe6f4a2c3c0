"""`ssm-harden sandbox` as a person uses it: start, paste the lines, Ctrl-C."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.running import TOOL, environment
from tests.ending import comes_true, is_gone

PASTED = 'eval "$1"; exec "$2" -c "import boto3; print(boto3.client(\'ssm\').describe_instance_information())"'


def test_the_printed_lines_lead_to_the_account_until_ctrl_c() -> None:
    with subprocess.Popen(
        [TOOL, "sandbox", "--seed", "walkthrough"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), start_new_session=True,
    ) as ran:  # fmt: skip
        assert ran.stdout is not None
        assert ran.stderr is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("unset"):
            lines.append(ran.stdout.readline())
            assert lines[-1], ran.stderr.read()
        assert "Ctrl-C" in ran.stderr.readline()
        python = str(TOOL.with_name("python"))
        theirs = environment({"AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "old"})
        asked = ["sh", "-c", PASTED, "sh", "".join(lines), python]
        told = subprocess.run(asked, env=theirs, capture_output=True, text=True, timeout=60, check=False)
        assert "Amazon Linux" in told.stdout, told.stderr
        ran.send_signal(signal.SIGINT)
        start = time.monotonic()
        try:
            assert ran.wait(30) == 0
        finally:
            ran.kill()  # where a shell in the background has SIGINT ignored, it would be waited for for ever
        assert time.monotonic() - start < 20
        assert ran.stderr.read() == ""


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_a_command_that_is_killed_leaves_no_server(command: str, tmp_path: Path) -> None:
    env = environment({"TMPDIR": str(tmp_path)})
    with subprocess.Popen(
        [TOOL, command], cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as ran:
        try:
            assert ran.stdout is not None
            assert ran.stdout.readline(), "it says something once the account answers"
            (server,) = servers_of(ran.pid)
        finally:
            ran.kill()
    assert comes_true(lambda: is_gone(server))


def servers_of(pid: int) -> list[int]:
    """Return the children of a process that serve a simulated account."""
    columns = ["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="]
    listed = subprocess.run(columns, capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(child) for child, parent, words in rows if parent == str(pid) and "ssm_hardening.sandbox" in words]
