"""The demo where something is missing or fails: what it says, how it ends. One run for each: they take long.

They run in this process, in one simulated account.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from ssm_hardening.sandbox import server
from ssm_hardening.sandbox.server import Sandbox
from tests import tools
from tests.cli.conftest import Here
from tests.cli.demos import MOST_LINES, shown, state
from tests.cli.running import Ran, write
from tests.provider import REATTACH
from tests.remediation.live import Terraform

CLAIMS = ("all is well", "closed", "complete", "applied to", "is fixed", "are fixed", "  after  ")
NOT_APPLIED = r"^not applied: 22 gaps remain in the simulated account; the plan has remedies for 10 of them$"
Demo = Callable[..., Ran]
JOINING = """\
#!/bin/sh
case "$1" in validate | plan | show | apply) export {name}='{told}' ;; esac
exec {terraform} "$@"
"""
"""A terraform that talks to a provider which runs already: each command of the demo would start one."""

REFUSING = """\
#!/bin/sh
[ "$1" = apply ] || exec {terraform} "$@"
if [ -e {stage} ]; then
  echo 'Error: the account is closed on Mondays' >&2
  exit 1
fi
touch {stage}
exec {terraform} "$@"
"""
"""A terraform that applies once, and then fails."""


@pytest.fixture(scope="module")
def account() -> Iterator[Sandbox]:
    with server.running() as sandbox:
        yield sandbox


@pytest.fixture
def demo(account: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """Run the demo in an environment, in the account that is there; it changes this process's environment itself."""

    @contextmanager
    def running(seed: str) -> Iterator[Sandbox]:
        account.reset(seed)
        yield account

    monkeypatch.setattr(server, "running", running)

    def ran(*options: str, env: dict[str, str]) -> Ran:
        before = Path.cwd()
        with patch.dict(os.environ, env):
            try:
                return here("demo", *options)
            finally:
                os.chdir(before)

    return ran


@pytest.fixture(scope="module")
def joining(account: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a terraform whose commands share one process of the provider."""
    folder = tmp_path_factory.mktemp("provider")
    (folder / "main.tf").write_text('provider "aws" {}\n')
    with Terraform(folder, account).served() as terraform:
        text = JOINING.format(name=REATTACH, told=terraform.environment[REATTACH], terraform=terraform.program)
        (folder / "terraform").write_text(text)
        (folder / "terraform").chmod(0o755)
        yield folder / "terraform"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment in which no tool is found but those in `bin`, and nothing is named."""
    (tmp_path / "bin").mkdir()
    for name in ("sh", "touch"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    (tmp_path / "data").mkdir()
    named = ("SSM_HARDEN_TERRAFORM", "SSM_HARDEN_CHECKOV", "SSM_HARDEN_PLUGIN_DIR")
    return dict.fromkeys(named, "") | {"PATH": str(tmp_path / "bin"), "XDG_DATA_HOME": str(tmp_path / "data")}


def with_terraform(env: dict[str, str], program: Path) -> dict[str, str]:
    """Let terraform be found, and its providers, which are looked for below the data folders too."""
    folder = tools.providers().folder
    Path(env["PATH"], "terraform").symlink_to(program)
    return env | ({} if folder is None else {"SSM_HARDEN_PLUGIN_DIR": str(folder)})


def claims(ran: Ran) -> list[str]:
    return [claim for claim in CLAIMS if claim in ran.out]


def test_without_terraform_nothing_is_applied_and_nothing_claimed(bare: dict[str, str], demo: Demo) -> None:
    ran = demo(env=bare)
    assert (ran.code, claims(ran)) == (0, [])
    assert state(ran, "terraform") == "- terraform not found: nothing can be applied"
    assert state(ran, "checkov") == "- checkov not found: its check will be skipped"
    assert re.search(NOT_APPLIED, ran.out, re.MULTILINE)
    assert "neither terraform nor tofu was found; add one to PATH" in ran.out
    assert "5/5" not in ran.out
    assert len(shown(ran)) <= MOST_LINES


def test_without_a_provider_nothing_is_applied_and_nothing_claimed(
    bare: dict[str, str], demo: Demo, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    env = bare | {"SSM_HARDEN_PLUGIN_DIR": str(empty)}
    Path(env["PATH"], "terraform").symlink_to(tools.terraform())
    ran = demo(env=env)
    assert (ran.code, claims(ran)) == (0, [])
    assert state(ran, "terraform").startswith("✓ terraform ")
    assert state(ran, "providers").startswith("- providers hashicorp/aws is not available: ")
    assert re.search(NOT_APPLIED, ran.out, re.MULTILINE)
    assert f"{empty} (SSM_HARDEN_PLUGIN_DIR) does not contain " in " ".join(ran.out.split())
    assert "5/5" not in ran.out


@pytest.mark.terraform
def test_without_checkov_it_is_not_said_to_have_passed(bare: dict[str, str], demo: Demo, joining: Path) -> None:
    ran = demo("--full", env=with_terraform(bare, joining))
    assert ran.code == 0, ran.out
    assert re.search(
        r"^  - checkov +checkov was not found; install it with `ssm-harden tools install`", ran.out, re.MULTILINE
    )
    assert re.search(r"^Remediation complete: .*\n.*\nNot checked: checkov; ", ran.out, re.MULTILINE)
    assert len(shown(ran)) > MOST_LINES, "--full prints every report"


@pytest.mark.terraform
def test_an_apply_that_stops_half_way_is_told_as_seen(
    bare: dict[str, str], demo: Demo, joining: Path, tmp_path: Path
) -> None:
    refusing = write(tmp_path / "refusing", {"terraform": REFUSING.format(stage=tmp_path / "done", terraform=joining)})
    (refusing / "terraform").chmod(0o755)
    ran = demo(env=with_terraform(bare, refusing / "terraform"))
    assert ran.code == 1, ran.out
    assert "Remediation complete" not in ran.out
    assert "Failed: twin apply, stage 2." in ran.out
    assert "Error: the account is closed on Mondays" in ran.out
    incomplete = r"^Remediation incomplete: (\d+) gaps remain\. 33 of (\d+) changes reported as applied\."
    told = re.search(incomplete, ran.out, re.MULTILINE)
    assert told is not None, ran.out
    assert int(told[2]) > 33
    assert re.search(rf"^  after +{told[1]} ", ran.out, re.MULTILINE), "what remains was counted by an audit"
