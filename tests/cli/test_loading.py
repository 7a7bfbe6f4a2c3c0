"""What a command loads: start-up time is a feature, and heavy libraries are loaded by those who need them."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.cli.running import TOP, environment

NEVER = {"boto3", "botocore", "jinja2", "hcl2", "lark", "moto", "rich", "yaml", "requests", "urllib3"}
SLOW = {"typer", "click", "pydantic", "asyncio", "subprocess", "tempfile"}
AROUND = {"model.governance", "model.network", "model.nodes", "rules.hosts.agents", "read.facts.environment"}
"""Parts of ours that only whole pictures of an account need."""
SCRIPT = """
import contextlib, io, json, sys
before = set(sys.modules)
from ssm_hardening.cli.entry import run
with contextlib.redirect_stdout(io.StringIO()) as out:
    try:
        run(sys.argv[1:])
    except SystemExit:
        pass
assert out.getvalue()
new = set(sys.modules) - before
print(json.dumps(sorted({name.partition(".")[0] for name in new} | {n for n in new if n.startswith("ssm_hardening")})))
"""


@cache
def loaded(line: str) -> frozenset[str]:
    """Return what a line loads; its process is started once for all tests."""
    return loaded_in(line, TOP / "examples")


def loaded_in(line: str, folder: Path) -> frozenset[str]:
    """Return what a line loads in a folder."""
    command = [sys.executable, "-c", SCRIPT, *line.split()]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    return frozenset(json.loads(done.stdout))


@pytest.fixture(autouse=True, scope="module")
def _tables() -> None:
    """Put the tables of the grammar into the user's cache, as the very first run of all does."""
    loaded("check hardened")


def test_the_probe_sees_what_is_loaded() -> None:
    assert "typer" in loaded("--help")
    assert "ssm_hardening" in loaded("rules")


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "plan --help",
        "rules",
        "rules --format json",
        "explain PREF-03",
        "check --help",
        "host --help",
        "host run --help",
    ],
)
def test_help_and_catalogue(line: str) -> None:
    assert not loaded(line) & NEVER


@pytest.mark.parametrize(
    "line", ["check average", "check average/main.tf", "check careless", "rules", "explain PREF-03"]
)
def test_quick_commands_do_without_what_is_slow(line: str) -> None:
    assert not loaded(line) & (NEVER | SLOW)


@pytest.mark.parametrize("line", ["plan average", "inspect average", "plan average --format json"])
def test_reading_and_reporting_need_no_templates(line: str) -> None:
    assert not loaded(line) & NEVER


@pytest.mark.parametrize("line", ["check average", "check --format json careless"])
def test_a_check_loads_nothing_about_what_stands_around_sessions(line: str) -> None:
    assert not [name for name in loaded(line) if name.endswith(tuple(AROUND))]


def test_the_names_of_what_a_check_leaves_out_are_those_of_modules() -> None:
    assert {part for name in loaded("plan careless") for part in AROUND if name.endswith(part)} == AROUND
