"""The wheel and the source distribution: they hold what is needed, and the wheel works in an empty environment."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.cli.running import TOP, environment

pytestmark = pytest.mark.packaging
OFFLINE = ("Could not find a version", "No matching distribution", "Connection", "Temporary failure", "Max retries")
LONG = 900
BUILD = """
import os, sys
from hatchling import build
os.chdir(sys.argv[1])
print(build.build_wheel(sys.argv[2]))
print(build.build_sdist(sys.argv[2]))
"""


def pip(python: Path, *arguments: str | Path) -> None:
    """Run pip; the test is skipped, with the reason, where no package index can be reached."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *map(str, arguments), "--no-compile"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=LONG, check=False)
    if done.returncode and any(sign in done.stderr for sign in OFFLINE):
        pytest.skip(f"pip reaches no package index: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both distributions from a copy of what is in the tree, and return their folder."""
    folder = tmp_path_factory.mktemp("built")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    pip(python, "install", "--quiet", "hatchling>=1.27")
    command = [str(python), "-c", BUILD, str(TOP), str(folder)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def in_tree(*folders: str) -> set[str]:
    """Return the files below these folders as git has them (or would)."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    try:
        listed = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no git repository to compare with: {error}")
    return {name for name in listed if (TOP / name).is_file()}


def test_the_wheel_holds_everything_that_it_needs(built: Path) -> None:
    with zipfile.ZipFile(only(built, "*.whl")) as wheel:
        names = set(wheel.namelist())
    assets = {f"ssm_hardening/_assets/{name}" for name in in_tree("modules", "templates", "examples")}
    assert {name for name in names if name.startswith("ssm_hardening/_assets/")} == assets
    assert "ssm_hardening/verification/checkov.txt" in names
    assert in_tree("ssm_hardening") <= names
    assert {"ssm_hardening/py.typed", "ssm_hardening/schemas/audit-1.schema.json"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "docs/")) or "__pycache__" in name]


def test_the_source_distribution_holds_the_tests_too(built: Path) -> None:
    with tarfile.open(only(built, "*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert in_tree("ssm_hardening", "modules", "templates", "examples", "tests", "docs") <= names
    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", ".pre-commit-hooks.yaml"} <= names


def test_the_wheel_works_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    pip(built / "env" / "bin" / "python", "--python", python, "install", "--quiet", only(built, "*.whl"))
    tool = tmp_path / "env" / "bin" / "ssm-harden"
    work = tmp_path / "work"
    work.mkdir()

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        # Without the tools of this machine: verifiers that are missing are skipped, and that is said.
        env = environment({"PATH": os.defpath, "SSM_HARDEN_CHECKOV": "", "XDG_DATA_HOME": str(work), "HOME": str(work)})
        return subprocess.run([tool, *arguments], cwd=work, env=env, capture_output=True, text=True, check=False)

    assets = subprocess.run(
        [python, "-c", "from ssm_hardening.core import folders; print(folders.examples())"],
        cwd=work,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert Path(assets).is_relative_to(tmp_path)
    average = Path(assets) / "average"
    assert run("--version").stdout.startswith("ssm-harden ")
    assert "PREF-03" in run("rules").stdout
    assert "PREF-03" in run("explain", "PREF-03").stdout
    assert run("check", average).returncode == 1
    assert "Remediation" in run("plan", average, "--full").stdout
    generated = run("generate", average, "--out", "made")
    assert generated.returncode == 0, generated.stdout + generated.stderr
    assert (work / "made" / "main.tf").is_file()
    assert list((work / "made" / "modules").glob("*/main.tf"))
    assert "skipped" in generated.stdout
    assert sys.prefix not in generated.stdout
