import os
from pathlib import Path

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.verification import workspace
from ssm_hardening.verification.workspace import TooLargeError, working_copy


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def copied(folder: Path) -> set[str]:
    with working_copy(folder) as copy:
        return {str(path.relative_to(copy.folder)) for path in copy.folder.rglob("*") if not path.is_dir()}


def test_code_travels_and_secrets_do_not(folder: Path) -> None:
    write(folder / "modules/x/main.tf")
    write(folder / "policy.json", "{}")
    for name in (
        ".git/config",
        ".terraform/providers/x",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "modules/x/terraform.tfstate.d/a/terraform.tfstate",
        ".checkov.yaml",
        "modules/x/.checkov.yml",
        "crash.log",
    ):
        write(folder / name, "secret")
    assert copied(folder) == {"main.tf", "modules/x/main.tf", "policy.json"}


def test_the_copy_is_gone_afterwards_and_the_folder_is_as_before(folder: Path) -> None:
    before = (folder / "main.tf").read_text()
    with working_copy(folder) as copy:
        (copy.folder / "main.tf").write_text("changed")
        (copy.folder / "new.tf").write_text("new")
        where = copy.folder
    assert not where.exists()
    assert [path.name for path in folder.iterdir()] == ["main.tf"]
    assert (folder / "main.tf").read_text() == before


def test_providers_that_the_code_brings_along_are_linked_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "MAX_BYTES", 10_000)
    write(folder / "terraform.d/plugins/registry.terraform.io/large", "x" * 10_001)
    write(folder / "terraform.d/notes")
    with working_copy(folder) as copy:
        assert (copy.folder / "terraform.d/plugins").readlink() == folder / "terraform.d/plugins"
    assert copied(folder) == {"main.tf", "terraform.d/notes"}
    assert (folder / "terraform.d/plugins/registry.terraform.io/large").is_file()


def test_links_inside_are_kept_and_links_outward_are_left_out(folder: Path, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "secret.tf", "secret")
    (folder / "inside.tf").symlink_to(folder / "main.tf")
    (folder / "outward.tf").symlink_to(outside)
    (folder / "outward").symlink_to(outside.parent)
    (folder / "twice.tf").symlink_to(folder / "outward.tf")
    (folder / "loop.tf").symlink_to(folder / "loop.tf")
    (folder / "notes").symlink_to(outside)
    with working_copy(folder) as copy:
        names = {path.name for path in copy.folder.iterdir()}
        assert names == {"main.tf", "inside.tf", "loop.tf"}
        assert (copy.folder / "inside.tf").resolve() == copy.folder / "main.tf"
        assert set(copy.left_out) == {str(folder / name) for name in ("outward.tf", "outward", "twice.tf")}


def test_links_to_files_of_the_repository_become_files_and_state_stays_behind(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = tmp_path / "infra"
    write(root / "main.tf", "")
    for name, goal in {"shared.tf": "shared/all.tf", "old.json": "shared/terraform.tfstate"}.items():
        (root / name).symlink_to(write(tmp_path / goal, goal))
    with working_copy(root) as copy:
        assert {path.name for path in copy.folder.iterdir()} == {"main.tf", "shared.tf"}
        assert not (copy.folder / "shared.tf").is_symlink()


def test_a_module_behind_a_link_that_leads_out_stays_behind(tmp_path: Path) -> None:
    root = tmp_path / "infra"
    write(root / "main.tf", 'module "a" {\n  source = "./linked"\n}\n')
    write(tmp_path / "elsewhere" / "main.tf", "secret")
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    with working_copy(root) as copy:
        assert [path.name for path in copy.top.rglob("*.tf")] == ["main.tf"]
        assert copy.left_out == (str(root / "linked"),)


def test_local_modules_outside_the_folder_come_along(tmp_path: Path) -> None:
    root = tmp_path / "infra" / "prod"
    write(root / "main.tf", 'module "a" {\n  source = "../../modules/a"\n}\n')
    write(tmp_path / "modules/a/main.tf", 'module "b" {\n  source="../b//"\n}\n')
    write(tmp_path / "modules/b/main.tf.json", '{"module": {"c": {"source": "../c"}}}')
    write(tmp_path / "modules/c/c.tf")
    write(tmp_path / "modules/other/main.tf")
    with working_copy(root) as copy:
        modules = copy.folder.parents[1] / "modules"
        assert {path.name for path in modules.iterdir()} == {"a", "b", "c"}
        assert copy.place("../../modules/a/main.tf", 3) == f"{tmp_path}/modules/a/main.tf:3"


def test_an_example_of_a_module_is_copied_within_it(tmp_path: Path) -> None:
    write(tmp_path / "m/examples/basic/main.tf", 'module "m" {\n  source = "../.."\n}\n')
    write(tmp_path / "m/main.tf")
    with working_copy(tmp_path / "m/examples/basic") as copy:
        assert (copy.folder / "../../main.tf").is_file()
        assert copy.folder.parts[-2:] == ("examples", "basic")


def test_places_are_told_as_the_user_would_type_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with working_copy(Path()) as copy:
        assert copy.place("main.tf", 4) == "main.tf:4"
        assert copy.place(str(copy.folder / "sub/x.tf")) == "sub/x.tf"


def test_remote_modules_are_named(folder: Path) -> None:
    write(
        folder / "calls.tf",
        'module "near" {\n  source = "./near"\n}\n\n# module "not" { source = "x" }\n'
        'module "far" {\n  providers = {\n    aws = aws.other\n  }\n  source = "git::https://example.com/x.git"\n}\n',
    )
    with working_copy(folder) as copy:
        assert copy.remote_modules() == (f'{folder}/calls.tf:6: module "far" from git::https://example.com/x.git',)


def test_too_much_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "MAX_BYTES", 10)
    with pytest.raises(TooLargeError, match="code: contains more than"), working_copy(folder):
        pass
    monkeypatch.setattr(workspace, "MAX_FILES", 0)
    with pytest.raises(TooLargeError), working_copy(folder):
        pass


def test_pipes_are_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.tf")
    assert copied(folder) == {"main.tf"}


@pytest.mark.parametrize("name", ["missing", "file.tf", "empty"])
def test_a_folder_without_code_is_a_mistake(tmp_path: Path, name: str) -> None:
    write(tmp_path / "file.tf")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=name), working_copy(tmp_path / name):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_named(folder: Path) -> None:
    (folder / "main.tf").chmod(0)
    with pytest.raises(UsageError, match=r"main\.tf: Permission denied"), working_copy(folder):
        pass
