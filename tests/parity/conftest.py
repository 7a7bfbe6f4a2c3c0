"""Root modules, applied by Terraform to one simulated account, each in a Region of its own, and read every way."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.live.clients import AwsTarget, WantedStores
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.sandbox.server import Sandbox
from tests import tools
from tests.parity.comparing import Comparison, State, state_of
from tests.provider import served

HERE = Path(__file__).parent
ROOTS = ("careless", "hardened", "grown")
MADE_ELSEWHERE = "on-call"
"""A user that the code names and does not declare."""
TWO_REGIONS = {"grown"}
"""Roots that configure the provider twice, so that one process of it does not do."""

REGIONS = {"hardened": "ap-southeast-2", "careless": "eu-west-1"}
WANTED = {"hardened": WantedStores(log_buckets=("session-access-123456789012",)), "careless": WantedStores()}
"""Buckets that no document names."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A root module that is applied, and what `terraform show -json` gave: plans by name, and the state after apply."""

    folder: Path
    plans: tuple[str, ...]

    @property
    def state(self) -> State:
        return state_of(json.loads((self.folder / "state.json").read_text(encoding="utf-8")))


class Root:
    """Terraform in the copy of one root module."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        shutil.copytree(HERE / folder.name, folder)
        self.folder = folder
        self._terraform = tools.terraform()
        self._environment = tools.environment(sandbox.environment(os.environ))

    def shown(self) -> Shown:
        self._run("init", *tools.init_options())
        with ExitStack() as stack:
            if self.folder.name not in TWO_REGIONS:
                self._environment |= stack.enter_context(served(self.folder, self._environment))
            return Shown(self.folder, tuple(self._applied()))

    def deployed(self) -> State:
        """Apply the root at once, and return its state."""
        self._run("init", *tools.init_options())
        self._run("apply", "-auto-approve", "-refresh=false", "-parallelism=30")
        return Shown(self.folder, (self._kept("state"),)).state

    def _applied(self) -> Iterator[str]:
        """Apply the root, and yield the names of the plans kept."""
        if self.folder.name == "grown":
            self._run("apply", "-auto-approve", "-var=first=true")
        self._run("plan", "-out=saved")
        yield self._kept("planned", "saved")
        self._run("apply", "saved")
        self._kept("state")
        if self.folder.name != "grown":
            self._run("plan", "-out=saved")
            yield self._kept("again", "saved")

    def _kept(self, name: str, *plan: str) -> str:
        (self.folder / f"{name}.json").write_text(self._run("show", "-json", *plan), encoding="utf-8")
        return name

    def _run(self, *arguments: str) -> str:
        ended = subprocess.run(
            [self._terraform, *arguments, "-no-color"],
            cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout


@pytest.fixture(scope="module")
def account(server: Sandbox) -> Iterator[Sandbox]:
    """Return an account with nothing but one user, reached by every client of this process."""
    server.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        import boto3

        boto3.client("iam").create_user(UserName=MADE_ELSEWHERE)
        yield server


@pytest.fixture(scope="module")
def shown(account: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Return each root module, applied."""
    roots = [Root(tmp_path_factory.mktemp("parity") / name, account) for name in ROOTS]
    with ThreadPoolExecutor() as pool:
        return dict(zip(ROOTS, pool.map(Root.shown, roots), strict=True))


@pytest.fixture(scope="module")
def compared(shown: dict[str, Shown]) -> dict[str, Comparison]:
    """Return the comparison of root modules with what became of them in the account."""
    return {name: _compared(name, shown[name]) for name in REGIONS}


def _compared(name: str, applied: Shown) -> Comparison:
    (code,) = read_terraform([applied.folder]).accounts
    live = read_account(AwsTarget(region=REGIONS[name]), WANTED[name])
    return Comparison(code, live, applied.state)
