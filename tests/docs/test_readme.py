"""The README as a new user follows it: its commands and files, as written and in their order, in a folder of code."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssm_hardening.sandbox.server import running
from tests.cli.running import HANGS, TOOL, TOP, environment, write

README = (TOP / "README.md").read_text(encoding="utf-8")
REGION = "eu-central-1"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.server


def blocks(language: str) -> list[str]:
    return [text for word, text in _BLOCK.findall(README) if word == language]


def commands() -> list[str]:
    """Return each `ssm-harden` command of the README, in order, as written."""
    lines = "".join(blocks("console")).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ssm-harden ")]


PLAN = '{"format_version": "1.2", "planned_values": {"root_module": {}}, "configuration": {"root_module": {}}}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with code in `infra`, and what the README takes for granted: a remote's branch, a plan."""
    made = tmp_path_factory.mktemp("readme")
    shutil.copytree(TOP / "examples" / "careless", made / "infra")
    write(made, {"plan.json": PLAN})
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([*git, *words], cwd=made, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def there() -> Iterator[dict[str, str]]:
    """Return the environment of a user whose AWS account is the simulated one; terraform and checkov are not there."""
    with running("walkthrough") as sandbox:
        aws = sandbox.environment({**environment(), "XDG_DATA_HOME": "/nowhere"})
        yield {**aws, "PATH": os.pathsep.join([str(TOOL.parent), "/usr/bin", "/bin"]), "SSM_HARDEN_CHECKOV": ""}


def test_the_readme_has_commands_for_code_pipelines_and_accounts() -> None:
    words = {command.split()[1] for command in commands()}
    assert {"plan", "explain", "generate", "baseline", "access", "tools"} <= words | {"tools"}


def test_each_command_runs_as_written(folder: Path, there: dict[str, str]) -> None:
    for command in commands():
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=there, capture_output=True, text=True, timeout=HANGS, check=False
        )
        told = f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        assert done.returncode in {0, 1}, told
        assert done.stdout.strip() or "-o " in command, told
        assert "error:" not in done.stderr, told
    assert (folder / "hardening" / "main.tf").is_file()
    assert (folder / "report.html").is_file()


def test_the_configuration_of_the_readme_is_one(folder: Path, there: dict[str, str]) -> None:
    (text,) = blocks("toml")
    work = write(folder.parent / "configured", {".ssm-harden.toml": text, ".git/HEAD": ""})
    done = subprocess.run([TOOL, "config", "show"], cwd=work, env=there, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "strict" in done.stdout
    assert ".ssm-harden.toml:1" in done.stdout


def test_the_waiver_of_the_readme_waives(folder: Path, there: dict[str, str]) -> None:
    (text,) = (block for block in blocks("hcl") if "ssm-harden:skip" in block)
    waiver = next(line for line in text.splitlines() if "ssm-harden:skip" in line)
    rule = re.search(r"skip=(\S+)", waiver)
    assert rule is not None
    work = folder.parent / "waived"
    shutil.copytree(TOP / "examples" / "careless", work)
    code = (work / "session.tf").read_text()
    (work / "session.tf").write_text(code.replace(" {\n", f" {{\n{waiver}\n", 1))
    before, after = (
        subprocess.run([TOOL, "check", place], env=there, capture_output=True, text=True, check=False).stdout
        for place in (folder / "infra", work)
    )
    assert rule[1] in before
    assert rule[1] not in after
    assert "1 waived" in after


def test_the_makefile_has_what_the_readme_names() -> None:
    named = set(re.findall(r"^\$ make ([\w-]+)", "".join(blocks("console")), re.MULTILINE))
    assert named == {"demo", "test"}
    assert named <= set(re.findall(r"^([\w-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
