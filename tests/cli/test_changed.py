"""`--changed-since REV`: what Git says has changed is checked, and a repository's configuration runs nothing."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from ssm_hardening.cli.commands import parameters_of
from ssm_hardening.cli.options import _ALONE, _PLAN_ALONE, _VIEW, as_typed
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, write
from tests.cli.test_commands import ALL

BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "session-logs"\n}\n'
CALL = 'module "prefs" {\n  source = "../modules/prefs"\n}\n'


def git(folder: Path, *words: str) -> str:
    name = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two roots, one of which calls a module, and an own one."""
    top = tmp_path / "repository"
    write(top, {"calls/main.tf": CALL, "modules/prefs/main.tf": DOCUMENT, "own/main.tf": DOCUMENT, "own/b.tf": BUCKET})
    git(top, "init", "-q")
    commit(top)
    return top


def roots(here: Here, top: Path, *words: str) -> set[str]:
    ran = here("plan", *words, "--changed-since", "HEAD", "--format", "json", cwd=top)
    return {each["root"] for each in json.loads(ran.out)["verdicts"]}


def files(here: Here, top: Path, *words: str) -> set[str]:
    ran = here("check", *words, "--changed-since", "HEAD", "--format", "json", "--only", "PREF-*", cwd=top)
    verdicts = json.loads(ran.out)["verdicts"]
    return {each["at"]["file"] for each in verdicts if each["verdict"] == "failed" and "file" in each["at"]}


@pytest.mark.parametrize("command", ["plan", "check"])
def test_nothing_changed(command: str, here: Here, repository: Path) -> None:
    ran = here(command, "--changed-since", "HEAD", cwd=repository)
    assert ran.code == 0
    assert "no Terraform code has changed since HEAD" in ran.out + ran.err
    assert here(command, cwd=repository).code == 1


def test_a_root_changed(here: Here, repository: Path) -> None:
    write(repository, {"own/main.tf": f"{DOCUMENT}\n"})
    assert roots(here, repository) == {"own"}
    assert files(here, repository) == {"own/main.tf"}


def test_a_module_changed(here: Here, repository: Path) -> None:
    write(repository, {"modules/prefs/main.tf": f"{DOCUMENT}\n"})
    assert roots(here, repository) == {"calls"}
    assert roots(here, repository, "calls") == {"calls"}
    assert files(here, repository) == {"modules/prefs/main.tf"}


@pytest.mark.parametrize("how", ["committed", "staged", "unstaged", "untracked"])
def test_each_way_to_change(how: str, here: Here, repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD").strip()
    name = "new.tf" if how == "untracked" else "main.tf"
    write(repository / "own", {name: BUCKET.replace("logs", "more") if how == "untracked" else f"{DOCUMENT}\n"})
    if how == "committed":
        commit(repository)
    elif how == "staged":
        git(repository, "add", "-A")
    ran = here("plan", "--changed-since", base, "--format", "json", cwd=repository)
    assert {each["root"] for each in json.loads(ran.out)["verdicts"]} == {"own"}
    assert here("check", "--changed-since", base, cwd=repository).code == 1


def test_a_file_that_is_gone_is_a_change_of_its_folder(here: Here, repository: Path) -> None:
    (repository / "own" / "b.tf").unlink()
    assert roots(here, repository) == {"own"}
    assert files(here, repository) == {"own/main.tf"}


def test_below_the_paths_that_are_named(here: Here, repository: Path) -> None:
    write(repository, {"own/main.tf": f"{DOCUMENT}\n", "calls/main.tf": f"{CALL}\n"})
    assert roots(here, repository, "calls") == {"calls"}
    assert files(here, repository, "own") == {"own/main.tf"}


def test_values_and_texts_that_code_reads_are_changes_too(here: Here, repository: Path) -> None:
    write(repository, {"own/policies/a.json": "{}"})
    assert roots(here, repository) == {"own"}
    write(repository, {"values.tfvars": "a = 1\n"})
    assert roots(here, repository, "own", "calls", "--var-file", "values.tfvars") == {"own", "calls"}


def refused(here: Here, folder: Path, revision: str, *words: str) -> str:
    told = ""
    for command in ("plan", "check"):
        ran = here(command, *words, "--changed-since", revision, cwd=folder)
        assert (ran.code, ran.out, ran.err.count("error: --changed-since")) == (2, "", 1)
        told = ran.err
    return told


@pytest.mark.parametrize("revision", ["nowhere", "HEAD:own", "main..HEAD", "f" * 40, "HEAD~9"])
def test_no_such_revision(revision: str, here: Here, repository: Path) -> None:
    assert f"there is no revision '{revision}'" in refused(here, repository, revision)


@pytest.mark.parametrize("revision", ["", "--output=stolen", "-p", "HE\nAD"])
def test_what_is_no_revision(revision: str, here: Here, repository: Path) -> None:
    for command in ("plan", "check"):
        ran = here(command, f"--changed-since={revision}", cwd=repository)
        assert (ran.code, "is not a revision" in ran.err) == (2, True)
    assert not list(repository.rglob("stolen"))


def test_no_repository(here: Here, tmp_path: Path, repository: Path) -> None:
    folder = write(tmp_path / "elsewhere", {"main.tf": DOCUMENT})
    assert "not a git repository" in refused(here, folder, "HEAD")
    assert "is not in the Git repository" in refused(here, repository, "HEAD", str(folder))


def test_a_shallow_clone(here: Here, tmp_path: Path, repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD").strip()
    write(repository, {"own/main.tf": f"{DOCUMENT}\n"})
    commit(repository)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    assert "this clone is shallow" in refused(here, tmp_path / "shallow", first)


def test_git_is_missing(here: Here, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert "install Git" in refused(here, repository, "HEAD")


def test_without_code_there_is_nothing_to_compare(here: Here, repository: Path) -> None:
    write(repository, {"account.json": here("inspect", "own", "--format", "json", cwd=repository).out})
    ran = here("plan", "--snapshot", "account.json", "--changed-since", "HEAD", cwd=repository)
    assert (ran.code, "--changed-since is about code" in ran.err) == (2, True)


def test_a_hostile_configuration_runs_nothing(here: Here, repository: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\necho $0 $@ >>{proof}\ncat\n")
    program.chmod(0o755)
    write(repository, {".gitattributes": "*.tf filter=evil diff=evil\n"})
    for key in (
        *("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "core.alternateRefsCommand"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.command", "diff.evil.textconv"),
    ):
        git(repository, "config", key, str(program))
    git(repository, "config", "filter.evil.required", "true")
    git(repository, "config", "core.hooksPath", str(tmp_path / "hooks"))
    for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
        write(tmp_path / "hooks", {hook: program.read_bytes()})
        (tmp_path / "hooks" / hook).chmod(0o755)
    write(repository, {"own/main.tf": f"{DOCUMENT}\n"})
    os.utime(repository / "own" / "b.tf", (1, 1))

    assert here("plan", "--changed-since", "HEAD", cwd=repository).code == 1
    assert here("check", "--changed-since", "HEAD", cwd=repository).code == 1
    assert not proof.exists()

    subprocess.run(["git", "diff", "HEAD"], cwd=repository, check=False, capture_output=True)
    assert proof.exists()
    proof.unlink()
    git_config = repository / ".git" / "config"
    git_config.write_text(git_config.read_text() + f'[filter "a=b"]\n\tclean = {program}\n')
    write(repository, {".gitattributes": "*.tf filter=a=b\n"})
    assert "cannot be switched off" in refused(here, repository, "HEAD")
    assert not proof.exists()


def test_another_repository_in_the_environment_is_not_asked(
    here: Here, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, {"own/main.tf": f"{DOCUMENT}\n"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    assert roots(here, repository) == {"own"}


def both(here: Here, top: Path, *words: str) -> list[int]:
    """Return the exit codes of both commands; 1 where the root that the change matters to was checked."""
    return [here(command, *words, "--changed-since", "HEAD", cwd=top).code for command in ("plan", "check")]


def test_a_module_outside_of_the_paths_matters_to_the_roots_below_them(here: Here, repository: Path) -> None:
    write(repository, {"modules/prefs/main.tf": f"{DOCUMENT}\n"})
    assert both(here, repository, "calls") == [1, 1]
    assert both(here, repository, "own") == [0, 0]


OPEN = '{"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {}}'


@pytest.mark.parametrize("path", ["own/prefs.json", "texts/prefs.json"])
def test_a_text_that_code_reads_matters(path: str, here: Here, repository: Path) -> None:
    document = DOCUMENT[: DOCUMENT.index("content")] + f'content = file("${{path.module}}/../{path}")\n}}\n'
    write(repository, {"own/main.tf": document, path: OPEN})
    commit(repository)
    assert both(here, repository, "own") == [0, 0]
    write(repository, {path: f"{OPEN}\n"})
    assert both(here, repository, "own") == [1, 1]
    assert both(here, repository, "calls") == [0, 0]


@pytest.mark.parametrize(("link", "target"), [("own/main.tf", "../shared/main.tf"), ("own", "shared")])
def test_what_a_link_leads_to_matters(link: str, target: str, here: Here, repository: Path) -> None:
    git(repository, "rm", "-rq", "own")
    write(repository, {"shared/main.tf": DOCUMENT})
    (repository / link).parent.mkdir(exist_ok=True)
    (repository / link).symlink_to(target)
    commit(repository)
    assert both(here, repository, "own") == [0, 0]
    write(repository, {"shared/main.tf": f"{DOCUMENT}\n"})
    assert both(here, repository, "own") == [1, 1]


@pytest.mark.parametrize("ignored", [".gitignore", ".git/info/exclude", "assume-unchanged", "skip-worktree"])
def test_code_that_git_does_not_look_at_counts_as_changed(ignored: str, here: Here, repository: Path) -> None:
    write(repository, {"own/.terraform/modules/a/main.tf": BUCKET})
    write(repository, {ignored if "/" in ignored else ".gitignore": "*.tfvars\n.terraform/\n", "a.txt": ""})
    commit(repository)
    assert both(here, repository) == [0, 0]
    if "git" in ignored:
        write(repository, {"own/terraform.tfvars": "a = 1\n"})
    else:
        git(repository, "update-index", f"--{ignored}", "own/main.tf")
        write(repository, {"own/main.tf": f"{DOCUMENT}\n"})
    assert both(here, repository, "own") == [1, 1]
    assert both(here, repository, "calls") == [0, 0]


@pytest.mark.parametrize("how", ["submodule", "edited submodule", "repository of its own"])
def test_a_repository_in_the_repository_counts_as_changed(how: str, here: Here, repository: Path) -> None:
    inner = write(repository / "modules" / "inner", {"main.tf": DOCUMENT})
    git(inner, "init", "-q")
    first = commit(inner)
    write(repository, {"calls/main.tf": CALL.replace("prefs", "inner")})
    git(repository, "add", "calls")
    if "submodule" in how:
        git(repository, "update-index", "--add", "--cacheinfo", f"160000,{first},modules/inner")
    git(repository, "commit", "-qm", "x")
    if "edited" in how:
        write(inner, {"main.tf": f"{DOCUMENT}\n"})
    assert both(here, repository, "calls") == [1, 1]
    assert both(here, repository, "own") == [0, 0]


def test_the_next_command_has_only_options_that_it_takes(here: Here, repository: Path) -> None:
    write(repository, {"own/main.tf": f"{DOCUMENT}\n"})
    made = here("baseline", "create", "own", "--only", "S3-*", cwd=repository)
    assert made.code == 0
    words = ("own", "--changed-since", "HEAD", "--baseline", ".ssm-harden-baseline.json", "--skip", "KMS-*")
    told = here("plan", *words, cwd=repository).out
    assert "ssm-harden generate own --skip 'KMS-*' --out hardening" in told


@pytest.mark.parametrize("named", ["-", "/dev/fd/63", "/dev/stdin", "pipe", "plan.json"])
def test_a_plan_from_a_pipe_is_a_file_in_the_next_command(named: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    typed = str(tmp_path / named) if named in ("pipe", "plan.json") else named
    taken = as_typed(parameters_of(ALL["plan"].load()), {"plan_json": [Path(typed)]})
    assert taken == f"--plan-json {typed if named == 'plan.json' else 'FILE'}"


def test_what_plan_takes_alone() -> None:
    names = {name: {each.name for each in parameters_of(ALL[name].load())} for name in ("plan", "generate")}
    assert names["plan"] - names["generate"] - {*_ALONE, *_VIEW} == _PLAN_ALONE


def test_the_next_command_does_not_repeat_a_pipe(tmp_path: Path) -> None:
    """A pipe, or stdin, holds its plan once: a command that repeats it would wait, or find nothing."""
    pipe, file = tmp_path / "pipe", tmp_path / "plan.json"
    os.mkfifo(pipe)
    file.touch()
    sources = [each for each in parameters_of(ALL["plan"].load()) if each.name == "plan_json"]
    given = {"plan_json": [pipe, Path("-"), file]}
    assert as_typed(sources, given) == f"--plan-json FILE --plan-json FILE --plan-json {file}"
