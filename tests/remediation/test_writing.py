"""Writing is all or nothing, and never over anything that is not ours."""

import json
import os
from pathlib import Path

import pytest

from ssm_hardening.core.errors import RefusedWriteError
from ssm_hardening.remediation.rendering import GeneratedFolder
from ssm_hardening.remediation.writing import MANIFEST, write

FILES = GeneratedFolder({"main.tf": "a\n", "modules/x/main.tf": "b\n"})


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "out"
    assert write(folder, FILES, into=False).written == ("main.tf", "modules/x/main.tf")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert write(folder, FILES, into=False).written == ()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_files_of_an_earlier_run_give_way(tmp_path: Path) -> None:
    write(tmp_path, FILES, into=False)
    (tmp_path / "mine.auto.tfvars").write_text("mine\n")
    result = write(tmp_path, GeneratedFolder({"main.tf": "c\n"}), into=False)
    assert result.removed == ("modules/x/main.tf",)
    assert set(contents(tmp_path)) == {"main.tf", "mine.auto.tfvars", MANIFEST}
    assert contents(tmp_path)["main.tf"] == "c\n"
    assert not (tmp_path / "modules" / "x").exists()


def test_refuses_what_somebody_changed(tmp_path: Path) -> None:
    write(tmp_path, FILES, into=False)
    (tmp_path / "modules/x/main.tf").write_text("changed\n")
    before = contents(tmp_path)
    with pytest.raises(RefusedWriteError, match=r"modules/x/main\.tf"):
        write(tmp_path, GeneratedFolder({"main.tf": "c\n", "modules/x/main.tf": "b\n"}), into=False)
    assert contents(tmp_path) == before


def test_refuses_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine\n")
    with pytest.raises(RefusedWriteError, match=r"notes\.txt"):
        write(tmp_path, FILES, into=False)
    assert set(contents(tmp_path)) == {"notes.txt"}


def test_into_refuses_files_it_did_not_write(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("mine\n")
    with pytest.raises(RefusedWriteError, match=r"main\.tf"):
        write(tmp_path, FILES, into=True)
    assert write(tmp_path, GeneratedFolder({"ssm_harden.tf": "a\n"}), into=True).written == ("ssm_harden.tf",)
    assert contents(tmp_path)["main.tf"] == "mine\n"
    with pytest.raises(RefusedWriteError, match="does not exist"):
        write(tmp_path / "missing", FILES, into=True)


@pytest.mark.parametrize("link", ["main.tf", "modules", "modules/x"])
def test_follows_no_link(tmp_path: Path, link: str) -> None:
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(folder, GeneratedFolder({"a.tf": "a\n"}), into=False)
    (folder / link).parent.mkdir(exist_ok=True)
    (folder / link).symlink_to(elsewhere)
    with pytest.raises(RefusedWriteError):
        write(folder, FILES, into=False)
    assert list(elsewhere.iterdir()) == []


def test_a_manifest_cannot_lead_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "victim").write_text("x")
    manifest = {"schema": "ssm-harden/manifest/1", "files": {"../victim": "0"}}
    (tmp_path / "out" / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(RefusedWriteError, match="not a manifest written by ssm-harden"):
        write(tmp_path / "out", FILES, into=False)
    assert (tmp_path / "victim").exists()


def test_a_failure_halfway_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, FILES, into=False)
    before = contents(tmp_path)
    real = os.replace

    def fails_for_manifest(source: Path, target: Path) -> None:
        if Path(target) == tmp_path / MANIFEST and "new-" in str(source):
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", fails_for_manifest)
    with pytest.raises(RefusedWriteError, match="No space left"):
        write(tmp_path, GeneratedFolder({"main.tf": "new\n", "z/y.tf": "z\n"}), into=False)
    assert contents(tmp_path) == before
    assert not (tmp_path / "z").exists()


KEYS = 'module "session_keys" {\n  source = "./modules/session-keys"\n\n  purposes = [%s]\n}\n'


def generated(main: str) -> GeneratedFolder:
    return GeneratedFolder({"main.tf": main, "modules/session-keys/main.tf": "# keys\n", "README.md": "x\n"})


def test_what_was_made_stays_called_where_nothing_more_is_made(tmp_path: Path) -> None:
    write(tmp_path, generated(KEYS % '"logs"'), into=False)
    result = write(tmp_path, GeneratedFolder({"README.md": "steps by hand\n"}), into=False)
    assert (result.written, result.removed) == (("README.md",), ())
    assert set(contents(tmp_path)) == {"main.tf", "modules/session-keys/main.tf", "README.md", MANIFEST}
    assert write(tmp_path, generated(KEYS % '"logs", "session"'), into=False).written == ("README.md", "main.tf")


@pytest.mark.parametrize(
    ("main", "lost"),
    [
        ('module "log_group" {\n  source = "./modules/log-group"\n}\n', "module.session_keys"),
        (KEYS % '"session"', 'module.session_keys for "logs"'),
        (KEYS.replace("session-keys", "others") % '"logs"', "module.session_keys"),
    ],
)
def test_refuses_to_leave_out_what_may_have_been_applied(main: str, lost: str, tmp_path: Path) -> None:
    write(tmp_path, generated(KEYS % '"logs"'), into=False)
    before = contents(tmp_path)
    with pytest.raises(RefusedWriteError, match=lost):
        write(tmp_path, generated(main), into=False)
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_says_when_it_may_not_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RefusedWriteError, match="Permission denied"):
        write(tmp_path / "out", FILES, into=False)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(RefusedWriteError, match="not a folder"):
        write(tmp_path / "out", FILES, into=False)


CALLED = 'module "log_bucket" {\n  source = "./modules/log-bucket"\n}\n'
IMPORTED = 'import {\n  to = module.log_bucket.aws_s3_bucket_policy.this["policy"]\n  id = "logs"\n}\n'


def test_an_import_is_not_left_out_while_its_module_is_called(tmp_path: Path) -> None:
    write(tmp_path, GeneratedFolder({"main.tf": CALLED, "imports.tf": IMPORTED}), into=False)
    with pytest.raises(RefusedWriteError, match=r"the import of module\.log_bucket\.aws_s3_bucket_policy"):
        write(tmp_path, GeneratedFolder({"main.tf": CALLED}), into=False)
    assert (tmp_path / "imports.tf").read_text() == IMPORTED


def test_an_import_may_join_an_earlier_call(tmp_path: Path) -> None:
    write(tmp_path, GeneratedFolder({"main.tf": CALLED}), into=False)
    write(tmp_path, GeneratedFolder({"main.tf": CALLED, "imports.tf": IMPORTED}), into=False)
    assert "imports.tf" in contents(tmp_path)[MANIFEST]
