"""Links: those that stay within the repository are followed, those that lead out of it are refused and named."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.read import paths
from ssm_hardening.read.paths import Bounds
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, write

CANARY = "correct-horse-battery"
OUTSIDE = DOCUMENT.replace("prefs", "outside").replace("SSM-SessionManagerRunShell", CANARY)
USER = "runAsEnabled = true, runAsDefaultUser = var.user"
ROOT = f"""\
variable "user" {{ default = "ssm-user" }}
{DOCUMENT.replace("inputs = {}", f"inputs = {{ {USER} }}")}"""
VALUES = f'user = "{CANARY}"\n'
JSON = json.dumps({"resource": {"aws_ssm_document": {"outside": {
    "name": CANARY, "document_type": "Session", "content": "{}"}}}})  # fmt: skip
CALL = 'module "linked" {\n  source = "./linked"\n}\n'

FILES: dict[str, str] = {
    "more.tf": OUTSIDE,
    "more.tofu": OUTSIDE,
    "more.tf.json": JSON,
    "more.tofu.json": JSON,
    "more_override.tf": OUTSIDE,
    "terraform.tfvars": VALUES,
    "terraform.tfvars.json": json.dumps({"user": CANARY}),
    "our.auto.tfvars": VALUES,
    "our.auto.tfvars.json": json.dumps({"user": CANARY}),
}


def repository(folder: Path) -> Path:
    """Make a repository with a root module that has gaps, and return the module."""
    (folder / "repo" / ".git").mkdir(parents=True)
    return write(folder / "repo" / "infra", {"main.tf": ROOT})


def refused(here: Here, named: str, *paths: str) -> None:
    """See every command name the link, print nothing of what it leads to, and leave verdicts open."""
    for command in (("plan",), ("plan", "--format", "json"), ("inspect", "--format", "json"), ("access",), ("check",)):
        ran = here(*command, *(paths or ("repo",)))
        told = ran.out + ran.err
        assert CANARY not in told
        assert f"{named}: a symbolic link that points outside" in told or f"{named}: module" in told
        assert "points outside of the repository" in " ".join((ran.out if command == ("plan",) else ran.err).split())
    audit = json.loads(here("plan", "--format", "json", *(paths or ("repo",))).out)
    verdicts = [each for each in audit["verdicts"] if each["verdict"] == "undecided"]
    assert any((each["why"] or {})["kind"] == "out_of_scope" for each in verdicts)


@pytest.mark.parametrize("name", FILES)
def test_a_file_elsewhere(name: str, tmp_path: Path, here: Here) -> None:
    (repository(tmp_path) / name).symlink_to(write(tmp_path / "elsewhere", {name: FILES[name]}) / name)
    refused(here, f"repo/infra/{name}")


@pytest.mark.parametrize("name", FILES)
def test_a_file_within_the_repository(name: str, tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    write(tmp_path / "repo" / "shared", {f"{name}.kept": FILES[name]})
    (infra / name).symlink_to(Path("..", "shared", f"{name}.kept"))
    ran = here("inspect", "--format", "json", "repo")
    assert CANARY in ran.out
    assert "points outside" not in ran.err


def _through_a_chain(infra: Path, goal: Path) -> None:
    (infra / "first").symlink_to("second")
    (infra / "second").symlink_to(goal)
    (infra / "more.tf").symlink_to("first")


def _through_a_folder(infra: Path, goal: Path) -> None:
    (infra / "aside").symlink_to(goal.parent)
    (infra / "more.tf").symlink_to(Path("aside", goal.name))


def _to_git(infra: Path, goal: Path) -> None:
    (infra.parent / ".git" / "config").write_text(goal.read_text())
    (infra / "more.tf").symlink_to(Path("..", ".git", "config"))


@pytest.mark.parametrize("link", [_through_a_chain, _through_a_folder, _to_git])
def test_a_file_by_a_detour(link: Callable[[Path, Path], None], tmp_path: Path, here: Here) -> None:
    link(repository(tmp_path), write(tmp_path / "elsewhere", {"main.tf": OUTSIDE}) / "main.tf")
    refused(here, "repo/infra/more.tf")


@pytest.mark.parametrize("goal", ["/dev/zero", "/proc/self/environ", "/proc/self/mem", "/dev/tty", "/proc/self/fd/0"])
def test_no_device_is_opened(goal: str, tmp_path: Path, here: Here) -> None:
    (repository(tmp_path) / "more.tf").symlink_to(goal)
    refused(here, "repo/infra/more.tf")


def test_pipes_loops_and_sockets_are_gaps(tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    os.mkfifo(infra / "pipe.tf")
    (infra / "round.tf").symlink_to("about.tf")
    (infra / "about.tf").symlink_to("round.tf")
    ran = here("check", "repo")
    for name in ("pipe.tf", "round.tf", "about.tf"):
        assert f"repo/infra/{name}: cannot be read" in ran.out


@pytest.mark.parametrize("source", ["./linked", "./linked/inner", "./linked/../linked"])
def test_a_module_elsewhere(source: str, tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    write(infra, {"call.tf": CALL.replace("./linked", source)})
    (infra / "linked").symlink_to(write(tmp_path / "elsewhere", {"main.tf": OUTSIDE, "inner/main.tf": OUTSIDE}))
    refused(here, "repo/infra/call.tf:1")


def test_a_module_within_the_repository(tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    write(infra, {"call.tf": CALL})
    write(tmp_path / "repo" / "shared", {"main.tf": OUTSIDE})
    (infra / "linked").symlink_to(Path("..", "shared"))
    ran = here("inspect", "--format", "json", "repo/infra")
    assert CANARY in ran.out
    assert "points outside" not in ran.err


def test_modules_linked_to_themselves_end(tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    calls = [f'module "m{n}" {{\n  source = "./l{n}"\n}}\n' for n in range(3)]
    write(infra, {"call.tf": "".join(calls)})
    for n in range(3):
        (infra / f"l{n}").symlink_to(".")
    assert "calls itself" in here("check", "repo").out


def test_a_downloaded_module_that_is_a_link(tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    manifest = {"Modules": [{"Key": "linked", "Source": "x/y/z", "Dir": ".terraform/modules/linked"}]}
    write(infra, {"call.tf": CALL.replace("./linked", "x/y/z")})
    write(infra / ".terraform" / "modules", {"modules.json": json.dumps(manifest)})
    (infra / ".terraform" / "modules" / "linked").symlink_to(write(tmp_path / "elsewhere", {"main.tf": OUTSIDE}))
    refused(here, "repo/infra/call.tf:1")


def test_without_a_repository_the_named_folder_is_the_limit(tmp_path: Path, here: Here) -> None:
    write(tmp_path / "named", {"a/main.tf": ROOT, "shared/user.txt": VALUES, "shared/name.txt": CANARY})
    write(tmp_path, {"values.txt": VALUES})
    link = tmp_path / "named" / "a" / "our.auto.tfvars"
    link.symlink_to(Path("..", "shared", "user.txt"))
    write(tmp_path / "named", {"a/out.tf": 'output "o" {\n  value = file("../shared/name.txt")\n}\n'})
    assert CANARY in here("inspect", "--format", "json", "named").out
    link.unlink()
    link.symlink_to(Path("..", "..", "values.txt"))
    refused(here, "named/a/our.auto.tfvars", "named")


def test_a_file_that_the_user_names_stands_in_its_folder(tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    (infra / "more.tf").symlink_to(write(tmp_path / "elsewhere", {"main.tf": OUTSIDE}) / "main.tf")
    refused(here, "repo/infra/more.tf", "repo/infra/more.tf")


def test_what_the_user_names_may_be_a_link(tmp_path: Path, here: Here) -> None:
    repository(tmp_path)
    values = write(tmp_path / "elsewhere", {"x.tfvars": VALUES}) / "x.tfvars"
    (tmp_path / "repo" / "x.tfvars").symlink_to(values)
    assert CANARY in here("inspect", "repo", "--var-file", "repo/x.tfvars", "--format", "json").out


def test_a_file_swapped_for_a_link_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    infra = repository(tmp_path)
    goal = write(tmp_path / "elsewhere", {"main.tf": OUTSIDE})
    really = os.open

    def swapped(path: str, flags: int, *more: int) -> int:
        if not infra.is_symlink():
            infra.rename(infra.with_name("before"))
            infra.symlink_to(goal)
        return really(path, flags, *more)

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(UnreadableError, match="points outside of the repository"):
        paths.bytes_within(infra / "main.tf", Bounds())


def test_evidence_that_is_a_link(tmp_path: Path, here: Here) -> None:
    repository(tmp_path)
    goal = write(tmp_path / "elsewhere", {"e.json": f'"{CANARY}"'}) / "e.json"
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "e.json").symlink_to(goal)
    ran = here("plan", "repo", "--evidence", "evidence")
    assert ran.code == 2
    assert "evidence/e.json" in ran.err
    assert "points outside the folder" in ran.err
    assert CANARY not in ran.err


def vendored(infra: Path, folder: str) -> None:
    """Call a module that, as the manifest of `terraform init` has it, lies in this folder."""
    write(infra, {"vendored.tf": 'module "vendored" {\n  source = "acme/sessions/aws"\n}\n'})
    listed = {"Key": "vendored", "Source": "registry.terraform.io/acme/sessions/aws", "Dir": folder}
    write(infra / ".terraform" / "modules", {"modules.json": json.dumps({"Modules": [listed]})})


def _absolute(infra: Path) -> str:
    return str(infra.parents[1] / "elsewhere")


def _through_a_link_beside(infra: Path) -> str:
    (infra.parent / "aside").symlink_to(infra.parents[1] / "elsewhere")
    return "../aside"


@pytest.mark.parametrize(
    "leading",
    [
        lambda _: "../../elsewhere",
        lambda _: ".terraform/modules/vendored/../../../../../elsewhere",
        lambda _: "../.git/hooks",
        _absolute,
        _through_a_link_beside,
    ],
)
def test_a_manifest_of_modules_that_leads_out(leading: Callable[[Path], str], tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    write(tmp_path / "elsewhere", {"main.tf": OUTSIDE})
    write(tmp_path / "repo" / ".git" / "hooks", {"main.tf": OUTSIDE})
    vendored(infra, leading(infra))
    for command in (("plan",), ("plan", "--format", "json"), ("inspect", "--format", "json"), ("access",), ("check",)):
        ran = here(*command, "repo")
        assert CANARY not in ran.out + ran.err
        assert "points outside of the repository" in " ".join((ran.out if command == ("plan",) else ran.err).split()), (
            command
        )
    audit = json.loads(here("plan", "--format", "json", "repo").out)
    undecided = [each for each in audit["verdicts"] if each["verdict"] == "undecided"]
    assert any(
        "modules.json is a symbolic link that points outside" in (each["why"] or {})["detail"] for each in undecided
    )


@pytest.mark.parametrize("folder", [".terraform/modules/vendored", "../shared"])
def test_a_manifest_of_modules_within_the_repository(folder: str, tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    write(infra / folder, {"main.tf": OUTSIDE})
    vendored(infra, folder)
    assert CANARY in here("inspect", "--format", "json", "repo").out


def test_what_the_code_itself_names_is_read(tmp_path: Path, here: Here) -> None:
    infra = repository(tmp_path)
    write(tmp_path / "elsewhere", {"main.tf": OUTSIDE})
    vendored(infra, "../../nowhere")
    write(infra, {"vendored.tf": 'module "vendored" {\n  source = "../../elsewhere"\n}\n'})
    assert CANARY in here("inspect", "--format", "json", "repo").out
