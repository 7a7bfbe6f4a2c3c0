"""Two root modules, applied by Terraform to one simulated account, each in a Region of its own, and read both ways."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.live.clients import Target, Wanted
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.sandbox.server import Sandbox, running
from tests import tools
from tests.parity.comparing import Comparison, state_of

HERE = Path(__file__).parent
REGIONS = {"hardened": "ap-southeast-2", "careless": "eu-west-1"}
WANTED = {"hardened": Wanted(log_buckets=("session-access-123456789012",)), "careless": Wanted()}
"""Buckets that no document names."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A root module whose resources are there, and its state as `terraform show -json` gives it."""

    folder: Path
    shown: dict[str, Any]


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Comparison]]:
    """Return the comparison of each root module with what became of it."""
    terraform, plugins = tools.terraform(), tools.init_options()
    with running() as sandbox, pytest.MonkeyPatch.context() as patch:
        for name, value in sandbox.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        folders = {name: tmp_path_factory.mktemp("parity") / name for name in REGIONS}
        with ThreadPoolExecutor() as pool:
            made = pool.map(lambda name: _applied(folders[name], terraform, plugins, sandbox), REGIONS)
        yield {name: _compared(name, applied) for name, applied in zip(REGIONS, made, strict=True)}


def _applied(folder: Path, terraform: Path, plugins: list[str], sandbox: Sandbox) -> Applied:
    shutil.copytree(HERE / folder.name, folder)
    environment = tools.environment(sandbox.environment(os.environ))

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [terraform, *arguments, "-no-color"],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout

    run("init", *plugins)
    run("apply", "-auto-approve")
    shown = json.loads(run("show", "-json"))
    return Applied(folder, shown)


def _compared(name: str, applied: Applied) -> Comparison:
    (code,) = read_terraform([applied.folder]).accounts
    live = read_account(Target(region=REGIONS[name]), WANTED[name])
    return Comparison(code, live, state_of(applied.shown))
