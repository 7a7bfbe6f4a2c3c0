"""Files are read within the repository, and nowhere else."""

import os
from pathlib import Path

import pytest

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Known, Record, Unknown, Why
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.code.functions.filesystem import read_text_file
from ssm_hardening.read.code.functions.table import call_function

AT = CodeOrigin("main.tf", 3)


@pytest.fixture
def call(tmp_path: Path) -> FunctionCall:
    repository = tmp_path / "repository"
    for folder in (".git", "root", "modules/ssm"):
        (repository / folder).mkdir(parents=True)
    (repository / ".git" / "config").write_text("token = hunter2")
    (repository / "shared.json").write_text('{\n  "a": 1\n}')
    (repository / "modules" / "ssm" / "own.txt").write_text("own")
    (tmp_path / "secret").write_text("hunter2")
    (repository / "root" / "link").symlink_to(tmp_path / "secret")
    (repository / "root" / "binary").write_bytes(b"\xff\xfe")
    (repository / "root" / "large").write_bytes(b"x" * 1_000_001)
    os.mkfifo(repository / "root" / "pipe")
    return FunctionCall("file", AT, 'file("x")', repository / "modules" / "ssm", repository / "root")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "~/.ssh/id_rsa", "../../secret", "link", "../.git/config", "/proc/self/environ", "a\0b"],
)
@pytest.mark.parametrize("name", ["file", "fileexists", "filesha256", "filebase64", "fileset"])
def test_nothing_outside_is_read(call: FunctionCall, name: str, path: str) -> None:
    asked = FunctionCall(name, AT, f"{name}(...)", call.module_dir, call.root_dir)
    arguments = [Known(path, AT), Known("*", AT)][: 2 if name == "fileset" else 1]
    found = call_function(asked, arguments)
    assert isinstance(found, Unknown)
    assert found.why is Why.OUT_OF_SCOPE
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("none.json", Why.UNRESOLVED_INPUT),
        ("binary", Why.UNPARSEABLE),
        ("large", Why.UNSUPPORTED),
        ("pipe", Why.UNRESOLVED_INPUT),
        (".", Why.UNRESOLVED_INPUT),
    ],
)
def test_what_cannot_be_read_says_why(call: FunctionCall, path: str, why: Why) -> None:
    found = read_text_file(call, Known(path, AT))
    assert isinstance(found, Unknown)
    assert found.why is why


def test_a_missing_file_is_named(call: FunctionCall) -> None:
    found = read_text_file(call, Known("none.json", AT))
    assert isinstance(found, Unknown)
    assert found.detail.endswith("root/none.json does not exist")


def test_files_of_the_repository_and_of_the_module(call: FunctionCall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(call.root_dir.parent)
    own = read_text_file(call, Known("own.txt", AT))
    assert own == Known("own", CodeOrigin("modules/ssm/own.txt", 1))
    shared = read_text_file(call, Known(str(call.root_dir / ".." / "shared.json"), AT))
    decoded = call_function(FunctionCall("jsondecode", AT, "jsondecode(...)", call.module_dir, call.root_dir), [shared])
    assert isinstance(decoded, Known)
    assert decoded.value == Record({"a": Known(1, CodeOrigin("shared.json", 2))})


def test_a_home_kept_in_git_is_no_repository(call: FunctionCall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(call.root_dir.parent))
    found = read_text_file(call, Known("../shared.json", AT))
    assert isinstance(found, Unknown)
    assert found.why is Why.OUT_OF_SCOPE


def test_an_unknown_path_stays_the_reason(call: FunctionCall) -> None:
    gap = Unknown(Why.UNRESOLVED_INPUT, AT, "var.path has no default")
    assert read_text_file(call, gap) == gap
