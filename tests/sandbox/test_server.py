"""The process: where it listens, how it ends, what it says when it cannot start."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.folders import VARIABLES
from ssm_hardening.sandbox import server
from ssm_hardening.sandbox.server import HOST, Sandbox, SandboxError, running
from tests.ending import comes_true

PARENT = """
import sys
from ssm_hardening.sandbox.server import running
with running() as sandbox:
    print(sandbox.port, flush=True)
    sys.stdin.read()
"""


FORKED = """
import os, time
from ssm_hardening.sandbox.server import running
with running() as sandbox:
    child = os.fork()
    if not child:
        time.sleep(600)
    print(sandbox.port, child, flush=True)
    time.sleep(600)
"""
"""A parent with another child that holds all its pipes open, as workers of multiprocessing do."""


def listens(port: int, host: str = HOST) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex((host, port)) == 0


def test_it_answers_and_ends_with_its_context() -> None:
    with running() as sandbox:
        assert sandbox.answers()
        assert sandbox.endpoint == f"http://127.0.0.1:{sandbox.port}"
        with pytest.raises(SandboxError, match="is in use by another program"), running(port=sandbox.port):
            pass
        assert sandbox.answers()
    assert not listens(sandbox.port)
    with pytest.raises(SandboxError, match="is not responding"):
        sandbox.answers()


def test_it_and_its_files_go_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
    assert parent.stdin is not None
    assert parent.stdout is not None
    with parent:
        port = int(parent.stdout.readline())
        assert listens(port)
        (own,) = tmp_path.glob("ssmh-*")
        assert own.stat().st_mode & 0o777 == 0o700
        assert temporary_folders(child_of(parent.pid)) <= {str(own)}
        parent.kill()
    assert comes_true(lambda: not listens(port))
    assert comes_true(lambda: not own.exists())


def test_it_goes_with_its_parent_though_another_child_holds_the_pipe_open(tmp_path: Path) -> None:
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", FORKED], stdout=subprocess.PIPE, env=env) as parent:
        assert parent.stdout is not None
        port, other = map(int, parent.stdout.readline().split())
        try:
            parent.kill()
            parent.wait()
            assert comes_true(lambda: not listens(port))
            assert comes_true(lambda: not list(tmp_path.glob("ssmh-*")))
        finally:
            os.kill(other, signal.SIGKILL)


def test_it_goes_with_a_parent_that_is_killed_before_it_listens(tmp_path: Path) -> None:
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, env=env) as parent:
        assert comes_true(lambda: bool(list(tmp_path.glob("ssmh-*"))))
        parent.kill()
    assert comes_true(lambda: not list(tmp_path.glob("ssmh-*")))


def child_of(pid: int) -> int:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    return int(listed.stdout)


def temporary_folders(pid: int) -> set[str]:
    """Return where a process keeps temporary files, as its environment says; nothing where there is no /proc."""
    path = Path(f"/proc/{pid}/environ")
    variables = dict(each.split("=", 1) for each in path.read_text().split("\0") if each) if path.exists() else {}
    return {variables[name] for name in VARIABLES if variables}


def test_it_binds_to_loopback_only(server: Sandbox) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address would be used
        except OSError:
            pytest.skip("no address but loopback here")
        own = probe.getsockname()[0]
    assert not listens(server.port, own)


def test_a_missing_moto_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_NEEDED", ("boto3", "not_installed_here"))
    with pytest.raises(UsageError, match="not_installed_here") as told, running():
        pass
    assert "sandbox]" in told.value.hint or "moto" in told.value.hint
    assert "ssm-harden[" not in told.value.hint


def test_the_environment_leaves_nothing_of_the_users_account(server: Sandbox) -> None:
    theirs = {"PATH": "/bin", "AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "secret", "https_proxy": "http://proxy"}
    made = server.environment(theirs)
    assert "AWS_PROFILE" not in made
    assert "AWS_SESSION_TOKEN" not in made
    assert made["PATH"] == "/bin"
    assert made["https_proxy"] == "http://proxy"
    assert made["AWS_ENDPOINT_URL"] == server.endpoint
    assert made["AWS_CONFIG_FILE"] == os.devnull


def test_what_is_not_understood_is_refused_with_the_reason(server: Sandbox) -> None:
    with pytest.raises(SandboxError, match="cannot put 'sesions': expected"):
        server.put(sesions=[])
    with pytest.raises(SandboxError, match="unknown seed 'other'"):
        server.reset("other")
    with pytest.raises(TypeError, match="cannot put"):
        server.put(sessions=[object()])
