"""The command against the simulated account, in this process and over HTTP."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.cli.entry import run
from ssm_hardening.sandbox.server import Sandbox
from tests.cli.running import Ran

Here = Callable[..., Ran]


@pytest.fixture
def sandbox(server: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Return the account of the walkthrough, reached by every client of this process, in a folder of the test's own."""
    server.reset("walkthrough")
    monkeypatch.chdir(tmp_path)
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    return server


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str]) -> Here:
    """Run the command in this process; say how it ended and what it said."""

    def ran(*arguments: str) -> Ran:
        code = run(arguments)
        shown = capfd.readouterr()
        return Ran(code, shown.out, shown.err)

    return ran
