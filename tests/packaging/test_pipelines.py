"""The GitHub action and the GitLab component: what they run, run here as these services would."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import TOOL, TOP, Ran, environment, write

ACTION = TOP / "action.yml"
COMPONENT = TOP / "templates" / "ssm-harden" / "template.yml"
_INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
_GITLAB_INPUT = re.compile(r"\$\[\[ inputs\.([\w-]+) \]\]")


def read(path: Path) -> list[Any]:
    import yaml

    return list(yaml.safe_load_all(path.read_text()))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copytree(TOP / "examples" / "careless", tmp_path / "work" / "infra")
    (tmp_path / "work" / ".git").mkdir()
    return tmp_path / "work"


def act(workspace: Path, **given: str) -> Ran:
    """Run the action's step as a runner would: each input as text in the environment."""
    (action,) = read(ACTION)
    (step,) = (each for each in action["runs"]["steps"] if each["id"] == "run")
    values = {name: each["default"] for name, each in action["inputs"].items()}
    values |= {name.replace("_", "-"): text for name, text in given.items()}
    temp = workspace.parent / "temp"
    (temp / "ssm-harden" / "bin").mkdir(parents=True, exist_ok=True)
    (temp / "ssm-harden" / "bin" / "ssm-harden").symlink_to(TOOL)
    files = {"GITHUB_STEP_SUMMARY": str(temp / "summary"), "GITHUB_OUTPUT": str(temp / "output")}
    env = {name: _INPUT.sub(lambda found: values[found[1]], text) for name, text in step["env"].items()}
    script = temp / "step.sh"
    script.write_text(step["run"])
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
        cwd=workspace,
        env=environment({**files, **env, "RUNNER_TEMP": str(temp)}),
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_no_input_is_written_into_a_script() -> None:
    (action,) = read(ACTION)
    assert not [step["id"] for step in action["runs"]["steps"] if "${{" in step["run"]]
    assert not [line for line in component()["script"] if "$[[" in line]


def test_the_action_annotates_summarizes_and_writes_sarif(workspace: Path) -> None:
    ran = act(workspace, paths="infra", fail_on="high")
    assert ran.code == 1, ran.err
    assert "::error file=infra/session.tf" in ran.out
    temp = workspace.parent / "temp"
    assert "exit-code=1" in (temp / "output").read_text()
    assert (temp / "summary").read_text().startswith("## ssm-harden: ")
    assert json.loads((workspace / "ssm-harden.sarif").read_text())["version"] == "2.1.0"


def test_a_run_that_ends_early_repeats_no_earlier_summary(workspace: Path) -> None:
    temp = workspace.parent / "temp"
    write(temp, {"ssm-harden-summary.md": "## ssm-harden: no failures\n"})
    assert act(workspace, paths="nowhere").code == 2
    assert not (temp / "summary").exists()


def test_the_action_passes_on_every_input(workspace: Path) -> None:
    (workspace / "my plan.json").write_text('{"format_version": "1.2", "planned_values": {"root_module": {}}}')
    ran = act(workspace, paths="", plan_json="my plan.json\n", sarif="", html="out.html", arguments="--skip\nPREF-*\n")
    assert ran.code == 0, ran.out + ran.err
    assert (workspace / "out.html").is_file()
    assert not (workspace / "ssm-harden.sarif").exists()


@pytest.mark.parametrize("hostile", ["$(touch pwned)", "`touch pwned`", "; touch pwned", "--out=pwned", "infra*"])
def test_an_input_is_never_run(hostile: str, workspace: Path) -> None:
    ran = act(workspace, paths=hostile, standard=hostile, baseline=hostile)
    assert ran.code == 2
    assert not (workspace / "pwned").exists()


def component() -> Any:
    _, job = read(COMPONENT)
    return job["ssm-harden"]


def test_the_component_writes_the_reports_that_it_names(workspace: Path) -> None:
    spec, _ = read(COMPONENT)
    values = {name: str((each or {}).get("default", "")) for name, each in spec["spec"]["inputs"].items()}
    values |= {"paths": "infra", "fail-on": "high", "arguments": "--skip PREF-* --quiet"}
    job = component()
    env = {name: _GITLAB_INPUT.sub(lambda found: values[found[1]], text) for name, text in job["variables"].items()}
    bin_folder = workspace.parent / "ssm-harden-venv" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "ssm-harden").symlink_to(TOOL)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
        cwd=workspace,
        env=environment({**env, "CI_BUILDS_DIR": str(workspace.parent)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    reports = {*job["artifacts"]["reports"].values(), *job["artifacts"]["paths"]}
    assert reports == {"gl-code-quality-report.json", "ssm-harden.junit.xml", "ssm-harden.html"}
    assert all((workspace / name).stat().st_size for name in reports)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not on PATH")
def test_the_scripts_are_what_shellcheck_likes(tmp_path: Path) -> None:
    for number, step in enumerate(read(ACTION)[0]["runs"]["steps"]):
        (tmp_path / f"{number}.sh").write_text(f"#!/usr/bin/env bash\n{step['run']}")
    scripts = sorted(map(str, tmp_path.glob("*.sh")))
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stdout
