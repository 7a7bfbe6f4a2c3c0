"""What comes of each example, as a user takes it: written, its diff applied, and looked at by the tools themselves."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ssm_hardening.hcl.syntax import parse
from ssm_hardening.hcl.writing import encode
from ssm_hardening.remediation.hcl_edit import attribute_of
from ssm_hardening.remediation.rendering import COMPANION_README
from ssm_hardening.remediation.writing import write
from ssm_hardening.verification.checkov import CheckovVerifier
from ssm_hardening.verification.tools import find_checkov
from tests import tools
from tests.remediation.loop import Loop, remedied

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("average", "careless")
STANDARDS = ("baseline", "strict")
CASES = [f"{name}-{standard}-{mode}" for name in NAMES for standard in STANDARDS for mode in ("into", "out")]
COMMAND = re.compile(r"^   (git apply .*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Made:
    """A folder in which `code` is the example with its edits made, and `out` what was generated outside it."""

    folder: Path
    samples: Mapping[str, str | list[str]]

    def roots(self) -> list[Path]:
        return [each for each in (self.folder / "code", self.folder / "out") if each.is_dir()]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.fixture(scope="module")
def made(base: Path) -> Mapping[str, Made]:
    return {case: make(case, base / case) for case in CASES}


def make(case: str, folder: Path) -> Made:
    name, standard, mode = case.split("-")
    before = Path.cwd()
    shutil.copytree(EXAMPLES / name, folder / "code")
    os.chdir(folder)
    try:
        loop = remedied(Path("code"), into=mode == "into", standard=standard)
        assert loop.again(standard=standard).outcome == "passed"
        target = Path("code" if mode == "into" else "out")
        write(target, loop.generated, into=mode == "into")
        take_the_readme_at_its_word(loop, target)
    finally:
        os.chdir(before)
    variables = [*loop.plan.variables, *(each.variable for each in loop.plan.handovers)]
    return Made(folder, {each.name: each.sample for each in variables})


def take_the_readme_at_its_word(loop: Loop, target: Path) -> None:
    """Apply the diff by the commands that the README gives."""
    if shutil.which("git") is None:
        pytest.skip("git is not on PATH")
    readme = loop.generated.files[COMPANION_README if loop.plan.into else "README.md"]
    commands = COMMAND.findall(readme)
    assert len(commands) == 2
    for command in commands:
        words = shlex.split(command.replace("PATH/TO", str(target)))
        # A repository around the temporary folder would change what paths mean.
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(Path.cwd().parent)}
        answer = subprocess.run(words, capture_output=True, check=False, env=environment)
        assert answer.returncode == 0, answer.stderr.decode()
    for edit in loop.plan.edits:
        assert Path(edit.file).read_bytes().decode() == edit.after


def terraform(folder: Path, *words: str) -> str:
    """Return what terraform says where it is not content."""
    environment = tools.environment(os.environ)
    answer = subprocess.run([tools.terraform(), *words], cwd=folder, capture_output=True, check=False, env=environment)
    return "" if answer.returncode == 0 else (answer.stdout + answer.stderr).decode()


def call(name: str, root: Path, base: Path, samples: Mapping[str, str | list[str]]) -> str:
    """Return a call of the root as a module: one `init` and one `validate` then do for all of them."""
    files = [parse(path.name, path.read_bytes()) for path in sorted(root.glob("*.tf"))]
    blocks = [block for file in files for block in file.body.blocks if block.type == "variable"]
    required = [block.labels[0] for block in blocks if attribute_of(block.body, "default") is None]
    given = "".join(f"  {each} = {encode(samples.get(each, 'sample'))}\n" for each in required)
    return f'module "{name}" {{\n  source = "./{root.relative_to(base)}"\n{given}}}\n'


@pytest.mark.terraform
def test_terraform_formats_and_validates(made: Mapping[str, Made], base: Path) -> None:
    plugins = tools.init_options()
    roots = [(f"{case}-{root.name}", root, one.samples) for case, one in made.items() for root in one.roots()]
    assert len(roots) == len(CASES) * 3 // 2
    for _, root, _ in roots:
        assert terraform(root, "fmt", "-check", "-recursive", "-diff") == ""
    (base / "main.tf").write_text("\n".join(call(name, root, base, samples) for name, root, samples in roots))
    assert terraform(base, "init", "-input=false", "-no-color", "-backend=false", *plugins) == ""
    assert terraform(base, "validate", "-no-color") == ""


@pytest.mark.checkov
def test_checkov_fails_nothing_of_ours_and_each_skip_has_its_reason(made: Mapping[str, Made], tmp_path: Path) -> None:
    """Checkov starts slowly, so it looks at all generated folders at once."""
    executable = find_checkov(None)
    if executable is None:
        pytest.skip("checkov was not found (SSM_HARDEN_CHECKOV)")
    (tmp_path / "main.tf").write_text("terraform {}\n")
    for case, one in made.items():
        folder = one.folder
        for name in ("out", "code/ssm_harden_modules"):
            if (folder / name).is_dir():
                shutil.copytree(folder / name, tmp_path / case, ignore=shutil.ignore_patterns(".terraform*"))
        if (folder / "code" / "ssm_harden.tf").exists():
            called = (folder / "code" / "ssm_harden.tf").read_text().replace("./ssm_harden_modules/", "./")
            (tmp_path / case / "main.tf").write_text(called)
    [check] = CheckovVerifier(executable).verify(tmp_path, progress=lambda _: None)
    assert check.outcome == "passed", (check.message, check.details)
    assert " 0 failed" in check.message


@pytest.mark.parametrize("standard", STANDARDS)
def test_the_hardened_example_needs_nothing(standard: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "hardened", tmp_path / "code")
    for into in (True, False):
        assert remedied(tmp_path / "code", into=into, standard=standard).plan.stages == ()


@pytest.mark.parametrize("mode", ["into", "out"])
def test_a_second_run_behind_the_edits_asks_for_nothing_that_was_done(mode: str, made: Mapping[str, Made]) -> None:
    """The edits are made, the companion is there: what is left is for a person, and nothing is written twice."""
    loop = remedied(made[f"careless-baseline-{mode}"].folder / "code", into=mode == "into")
    assert loop.plan.edits == ()
    assert not (loop.plan.into and loop.plan.modules)


@pytest.mark.parametrize("mode", ["into", "out"])
@pytest.mark.parametrize("name", NAMES)
def test_writing_again_behind_the_edits_loses_nothing(name: str, mode: str, tmp_path: Path) -> None:
    """What was applied stays called: Terraform destroys what no code calls."""
    one = make(f"{name}-baseline-{mode}", tmp_path / "made")
    target = one.roots()[-1]
    before = {path: path.read_bytes() for path in target.rglob("*") if path.suffix in {".tf", ".diff", ".tfvars"}}
    again = remedied(one.folder / "code", into=mode == "into")
    if again.plan.stages:
        write(target, again.generated, into=mode == "into")
    assert {path: path.read_bytes() for path in before} == before
