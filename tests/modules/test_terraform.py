"""The Terraform modules and examples for Terraform itself: formatted, valid, and passing their own tests."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import tools
from tests.modules.test_modules import EVERY_MODULE, EXAMPLES, MODULES, NAMES
from tests.provider import served

pytestmark = pytest.mark.terraform

ROOTS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
PARTS = [
    *(f"modules/{name}" for name in NAMES),
    *(f"modules/{name}/examples/basic" for name in NAMES),
    *(f"examples/{name}" for name in ROOTS),
]
EVERY_PART = pytest.mark.parametrize("part", PARTS)
INVALID = 'output "wrong" {\n  value = local.nothing\n}\n'
Diagnostic = dict[str, Any]


def terraform(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tools.terraform(), f"-chdir={folder}", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment() | variables,
    )


def environment() -> dict[str, str]:
    return tools.environment({name: text for name, text in os.environ.items() if not name.startswith("AWS_")})


def said(answer: subprocess.CompletedProcess[str]) -> str:
    return answer.stdout + answer.stderr


def initialise(folder: Path, **variables: str) -> None:
    options = tools.init_options()
    answer = terraform(folder, "init", "-backend=false", "-input=false", "-no-color", *options, **variables)
    assert answer.returncode == 0, said(answer)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root that calls every module, with inputs that nobody knows, and every example."""
    folder = tmp_path_factory.mktemp("everything")
    for copied in (MODULES, EXAMPLES):
        ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        shutil.copytree(copied, folder / copied.name, ignore=ignored)
    add(folder, *PARTS)
    (folder / "inputs.tf").write_text('variable "unknown" {\n  type = any\n}\n')
    initialise(folder)
    return folder


def add(folder: Path, *parts: str) -> None:
    """Call each part from a file of its own, which then is what a mistake in the call is told of."""
    for part in parts:
        module = part.replace("/", "-")
        text = "".join(file.read_text(encoding="utf-8") for file in sorted((folder / part).glob("*.tf")))
        inputs = re.findall(r'^variable "([^"]+)"', text, re.MULTILINE)
        given = "".join(f"  {each} = var.unknown\n" for each in inputs)
        call = f'module "{module}" {{\n  source = "./{part}"\n{given}}}\n'
        passed_on = f'output "{module}" {{\n  value = module.{module}\n}}\n'
        (folder / f"{module}.tf").write_text(call + passed_on)


@pytest.fixture(scope="module")
def diagnostics(everything: Path, provider: dict[str, str]) -> list[Diagnostic]:
    return validated(everything, provider)


def validated(folder: Path, provider: dict[str, str]) -> list[Diagnostic]:
    answer = json.loads(terraform(folder, "validate", "-json", **provider).stdout)
    found: list[Diagnostic] = answer["diagnostics"]
    assert answer["valid"] == (answer["error_count"] == 0)
    return found


def errors(diagnostics: list[Diagnostic], part: str) -> list[str]:
    """Return what is wrong in a part or in the call of it."""
    places = {part, f"{part.replace('/', '-')}.tf"}
    return [
        f"{name}: {each['summary']}: {each['detail']}"
        for each in diagnostics
        for name in [each["range"]["filename"]]
        if each["severity"] == "error" and {name, str(Path(name).parent)} & places
    ]


@pytest.fixture(scope="module")
def provider(everything: Path) -> Iterator[dict[str, str]]:
    with served(everything, environment()) as variables:
        yield variables


@EVERY_PART
def test_is_formatted(part: str, everything: Path) -> None:
    answer = terraform(everything / part, "fmt", "-check", "-recursive", "-diff")
    assert answer.returncode == 0, said(answer)


@EVERY_PART
def test_is_valid(diagnostics: list[Diagnostic], part: str) -> None:
    assert errors(diagnostics, part) == []


def test_nothing_else_is_invalid(diagnostics: list[Diagnostic]) -> None:
    assert [each for each in diagnostics if each["severity"] == "error"] == []


def test_an_invalid_part_is_named(everything: Path, provider: dict[str, str], tmp_path: Path) -> None:
    folder, wrong = tmp_path / "everything", ["modules/log-group", "modules/session-keys/examples/basic"]
    shutil.copytree(everything, folder, symlinks=True)
    for part in wrong:
        (folder / part / "wrong.tf").write_text(INVALID)
    found = validated(folder, provider)
    assert [part for part in PARTS if errors(found, part)] == wrong


@EVERY_MODULE
def test_example_can_be_a_root(everything: Path, name: str) -> None:
    """It names the providers that it needs by itself."""
    example = everything / "modules" / name / "examples" / "basic"
    initialise(example)
    assert "hashicorp/aws" in (example / ".terraform.lock.hcl").read_text()


@EVERY_MODULE
def test_passes_its_own_tests(everything: Path, provider: dict[str, str], name: str) -> None:
    folder = everything / "modules" / name
    initialise(folder, **provider)  # gets no provider: one is there
    tested = terraform(folder, "test", "-no-color", **provider)
    assert tested.returncode == 0, said(tested)
    passed = re.search(r"(\d+) passed, 0 failed", tested.stdout)
    assert passed is not None, tested.stdout
    assert int(passed[1]) > 0, "the module has no test that ran"
