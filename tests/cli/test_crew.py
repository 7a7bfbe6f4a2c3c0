"""Root modules read by several processes, and kept from run to run: the report is the same, whoever did the work."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.cli import crew, processes
from ssm_hardening.cli.entry import run
from ssm_hardening.core.cache import Cache, cache_folder
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.judge import engine
from ssm_hardening.read.code import roots
from ssm_hardening.verdicts.findings import Crashed
from tests.bench.repository import write_repository
from tests.cli.running import AT_THE_TERMINAL, DOCUMENT, TOOL, environment, write
from tests.ending import comes_true, is_gone

MODULE = """
variable "name" {
  type = string
}
resource "aws_s3_bucket" "logs" {
  bucket = var.name
}
"""
ROOT = """
variable "name" {
  type    = string
  default = "sessions"
}
module "logs" {
  source = "../modules/logs"
  name   = var.name
}
# ssm-harden:skip=PREF-03 recorded elsewhere
"""
FILES: dict[str, str | bytes] = {
    "modules/logs/main.tf": MODULE,
    **{f"{root}/main.tf": f"{ROOT}{DOCUMENT}" for root in ("a", "b", "c")},
    "d/main.tf": 'resource "aws_ssm_document" "broken" {',
}
COUNT = 4
"""Roots that are about sessions."""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some roots, in a working directory; even few bytes are worth a process, and worth keeping."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(crew, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(crew, "WORTH_KEEPING", 0)
    monkeypatch.chdir(write(tmp_path / "code", FILES))
    return tmp_path / "code"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the roots that this process read itself."""
    names: list[str] = []

    def noted(wanted: roots.WantedRoot, *more: object) -> roots.RootRead:
        names.append(wanted.folder.name)
        return roots.read_root(wanted, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(crew, "read_root", noted)
    monkeypatch.setattr(crew, "in_turn", lambda wanted, *more: (noted(each, *more).reading for each in wanted))
    return names


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def asked(*arguments: str) -> tuple[int, str, str]:
        status = run(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return asked


Ask = Callable[..., tuple[int, str, str]]


def kept() -> list[Path]:
    folder = Cache(cache_folder()).folder
    assert folder is not None
    return sorted(folder.iterdir())


ALONE = ("--jobs", "1", "--no-cache")


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    "command",
    [("plan", "--format", "json"), ("check", "--format", "json"), ("inspect", "--format", "json"), ("access",)],
)
def test_a_report_is_the_same_whoever_reads(command: tuple[str, ...], ask: Ask, read: list[str]) -> None:
    alone = ask(*command, *ALONE)
    assert len(read) == COUNT
    assert ask(*command, "--jobs", "3", "--no-cache") == alone
    assert ask(*command, "--jobs", "3") == alone
    assert len(kept()) == COUNT - 1  # all but the broken one
    read.clear()
    assert ask(*command, "--jobs", "3") == ask(*command, "--jobs", "1") == alone
    assert set(read) <= {"d"}


@pytest.mark.usefixtures("code")
def test_other_processes_read_and_judge(ask: Ask, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    alone = ask("plan", *ALONE, "--format", "json")
    ours, calls = processes.do, list[int]()

    def late(*work: Any) -> None:
        calls.append(len(work[1]))
        if len(calls) > 1:  # what is left when the others have ended
            ours(*work)

    monkeypatch.setattr(processes, "do", late)
    read.clear()
    assert ask("plan", "--jobs", "2", "--no-cache", "--format", "json") == alone
    assert (read, calls[1:]) == ([], [0])


@pytest.mark.usefixtures("code")
def test_no_cache_keeps_and_recalls_nothing(ask: Ask, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ask("plan", *ALONE)
    monkeypatch.setenv("SSM_HARDEN_NO_CACHE", "1")
    ask("plan", "--jobs", "1")
    assert kept() == []
    monkeypatch.delenv("SSM_HARDEN_NO_CACHE")
    ask("plan", "--jobs", "1")
    read.clear()
    ask("plan", *ALONE)
    assert len(read) == COUNT


def changed_code(code: Path) -> None:
    (code / "a/main.tf").write_text(f"{ROOT}{DOCUMENT}".replace('"sessions"', '"recordings"'))


def changed_module(code: Path) -> None:
    (code / "modules/logs/main.tf").write_text(MODULE.replace("logs", "records").replace("records", "logs", 1) + "\n")


CHANGES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "code": (changed_code, {"a"}),
    "module": (changed_module, {"a", "b", "c"}),
    "new file": (lambda code: (code / "a/more.tf").write_text(""), {"a"}),
    "override": (lambda code: (code / "a/override.tf").write_text('variable "name" {\n  default = "x"\n}\n'), {"a"}),
    "values": (lambda code: (code / "a/terraform.tfvars").write_text('name = "x"\n'), {"a"}),
    "more values": (lambda code: (code / "b/x.auto.tfvars.json").write_text('{"name": "x"}'), {"b"}),
    "workspace": (lambda code: write(code / "a/.terraform", {"environment": "prod"}), {"a"}),
    "downloads": (lambda code: write(code / "a/.terraform/modules", {"modules.json": "{}"}), {"a"}),
    "link": (lambda code: (code / "a/more.tf").symlink_to("../b/main.tf"), {"a"}),
    "link beside": (lambda code: (code / "a/notes").symlink_to("/"), {"a"}),
    "opentofu": (lambda code: (code / "a/main.tofu").write_text(DOCUMENT), {"a"}),
    "json": (lambda code: (code / "a/more.tf.json").write_text("{}"), {"a"}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_changed_is_read_again(case: str, code: Path, ask: Ask, read: list[str]) -> None:
    change, again = CHANGES[case]
    ask("plan", "--jobs", "1")
    change(code)
    read.clear()
    seen = ask("plan", "--jobs", "1", "--format", "json")
    assert set(read) == {*again, "d"}
    assert seen == ask("plan", *ALONE, "--format", "json")


def test_no_workspace_gets_what_another_one_yielded(code: Path, ask: Ask) -> None:
    text = DOCUMENT.replace("inputs = {}", 'inputs = { s3BucketName = terraform.workspace == "prod" ? "logs" : "" }')
    write(code / "a", {"main.tf": text})
    before = {name: ask("plan", *ALONE, "--format", "json", "--workspace", name) for name in ("prod", "dev")}
    assert before["prod"] != before["dev"]
    for _ in range(2):
        after = {name: ask("plan", "--jobs", "1", "--format", "json", "--workspace", name) for name in before}
        assert after == before


def test_a_downloaded_module_is_read_each_time(code: Path, ask: Ask, read: list[str]) -> None:
    entry = {"Key": "more", "Source": "registry.example/a/b/aws", "Dir": ".terraform/modules/more"}
    files = {
        "more.tf": 'module "more" {\n  source = "registry.example/a/b/aws"\n}\n',
        ".terraform/modules/modules.json": json.dumps({"Modules": [entry]}),
        ".terraform/modules/more/main.tf": 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n}\n',
    }
    write(code / "a", dict(files))
    ask("plan", "--jobs", "1")
    (code / "a/.terraform/modules/more/main.tf").write_text("")
    read.clear()
    seen = ask("plan", "--jobs", "1", "--format", "json")
    assert set(read) == {"a", "d"}
    assert seen == ask("plan", *ALONE, "--format", "json")


@pytest.mark.parametrize("case", ["values", "file", "environment", "variable", "named file", "workspace", "sensitive"])
def test_nothing_that_values_lead_to_is_kept(
    case: str, code: Path, ask: Ask, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "hunter2-hunter2"  # noqa: S105 - it is none
    more: list[str] = []
    if case == "values":
        for root in "abc":
            (code / root / "terraform.tfvars").write_text(f'name = "{secret}"\n')
    elif case == "file":
        (code / "name.txt").write_text(secret)
        for root in "abc":
            (code / root / "more.tf").write_text('output "x" {\n  value = file ("../name.txt")\n}\n')
    elif case == "environment":
        monkeypatch.setenv("TF_VAR_name", secret)
    elif case == "variable":
        more = ["--var", f"name={secret}"]
    elif case == "named file":
        (code / "x.tfvars").write_text(f'name = "{secret}"\n')
        more = ["--var-file", "x.tfvars"]
    elif case == "workspace":
        monkeypatch.setenv("TF_WORKSPACE", secret)
    else:
        (code / "modules/logs/main.tf").write_text(MODULE.replace("string", "string\n  sensitive = true", 1))
    ask("plan", "--jobs", "2", *more)
    assert kept() == []
    read.clear()
    ask("plan", "--jobs", "1", *more)
    assert len(read) == COUNT


@pytest.mark.usefixtures("code")
def test_what_is_kept_is_read_only_by_who_has_the_code(ask: Ask) -> None:
    ask("plan", "--jobs", "1")
    for file in kept():
        data = file.read_bytes()
        assert b"sessions" not in data
        assert file.stat().st_mode & 0o777 == 0o600
    folder = kept()[0].parent
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("spoil", ["cut", "flipped", "moved", "empty", "link", "folder", "open to others"])
def test_what_was_spoiled_is_read_again(spoil: str, ask: Ask, read: list[str]) -> None:
    alone = ask("plan", *ALONE, "--format", "json")
    ask("plan", "--jobs", "1")
    files = kept()
    texts = [file.read_bytes() for file in files]
    for number, file in enumerate(files):
        if spoil == "cut":
            file.write_bytes(texts[number][:-20])
        elif spoil == "flipped":
            file.write_bytes(texts[number][:-1] + bytes([texts[number][-1] ^ 1]))
        elif spoil == "moved":
            file.write_bytes(texts[number - 1])
        elif spoil == "empty":
            file.write_bytes(b"")
        elif spoil == "open to others":
            file.chmod(0o666)
        else:
            file.unlink()
            (file.mkdir if spoil == "folder" else lambda file=file: file.symlink_to("/dev/zero"))()
    read.clear()
    assert ask("plan", "--jobs", "1", "--format", "json") == alone
    assert len(read) == COUNT
    assert ask("plan", "--jobs", "1", "--format", "json") == alone


MEANWHILE: dict[str, Callable[[Path], object]] = {
    "code": changed_code,
    "module": changed_module,
    "values": lambda code: (code / "a/terraform.tfvars").write_text('name = "x"\n'),
    "workspace": lambda code: write(code / "a/.terraform", {"environment": "prod"}),
    "new file": lambda code: (code / "a/more.tf").write_text(""),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_what_changes_while_it_is_read_is_not_kept(
    case: str, code: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = MEANWHILE[case]

    def late(wanted: roots.WantedRoot, *more: Any) -> roots.RootRead:
        if wanted.folder.name == "a":
            changed(code)
        return roots.read_root(wanted, *more)

    monkeypatch.setattr(crew, "read_root", late)
    ask("plan", "--jobs", "1", "a")
    assert kept() == []


@pytest.mark.usefixtures("code")
def test_what_a_crash_leaves_is_not_kept(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_call", lambda *_: Crashed(CodeOrigin("main.tf", 1), "a fault"))
    assert ask("plan", "--jobs", "1", "a")[0] == 70
    assert kept() == []


@pytest.mark.usefixtures("code")
def test_a_folder_that_is_not_the_users_alone_is_told_of(ask: Ask, tmp_path: Path) -> None:
    alone = ask("plan", *ALONE)
    folder = tmp_path / "cache" / "ssm-harden"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o777)
    status, out, err = ask("plan", "--jobs", "1")
    assert (status, out) == alone[:2]
    assert err.count("is not used as a cache: other users can write to it") == 1
    assert "is not used" not in ask("plan", "--jobs", "1", "--quiet")[2]


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("end", ["import os; os._exit(1)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_what_a_process_leaves_undone_is_done_here(
    end: str, ask: Ask, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = ask("plan", *ALONE, "--format", "json")

    def dying() -> "subprocess.Popen[bytes]":
        code = f"import sys; sys.stdin.buffer.read(9); {end}"
        return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(processes, "_started", dying)
    read.clear()
    code, out, err = ask("plan", "--jobs", "3", "--no-cache", "--format", "json")
    assert (code, out) == alone[:2]
    assert len(read) == COUNT
    assert re.search(r"[12] of 2 worker processes ended unexpectedly; this process did their work", err)


@pytest.mark.usefixtures("code")
def test_without_other_processes_this_one_does_it(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = ask("plan", *ALONE)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert ask("plan", "--jobs", "3", "--no-cache") == alone


def test_the_first_error_counts(code: Path, ask: Ask) -> None:
    for root in "abc":
        (code / root / "v.tf").write_text('variable "list" {\n  type = list(string)\n}\n')
    alone = ask("plan", "--var", "list=[", *ALONE)
    assert alone[0] == 2
    assert ask("plan", "--var", "list=[", "--jobs", "3") == alone


def test_a_folder_like_a_module_of_python_is_not_imported(code: Path, ask: Ask) -> None:
    marker = code / "ran"
    for name in ("json.py", "ssm_hardening.py", "pickle.py"):
        (code / name).write_text(f"open({str(marker)!r}, 'w')")
    assert ask("plan", "--jobs", "3", "--no-cache")[0] == 1
    assert not marker.exists()


@pytest.mark.parametrize("word", ["0", "-1", "65", "many", "1.5", ""])
@pytest.mark.parametrize("command", ["plan", "check"])
@pytest.mark.usefixtures("code")
def test_a_number_of_jobs_must_be_one(command: str, word: str, ask: Ask) -> None:
    code, out, err = ask(command, "--jobs", word)
    assert (code, out) == (2, "")
    assert "--jobs" in err


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_processes(number: signal.Signals, tmp_path: Path) -> None:
    write_repository(tmp_path, files=200, roots=24)
    variables = environment({"XDG_CACHE_HOME": str(tmp_path / "cache")})
    command = [sys.executable, "-c", AT_THE_TERMINAL, str(TOOL), "plan", "--jobs", "3"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as ran:
        assert comes_true(lambda: len(children(ran.pid)) == 2)
        others = children(ran.pid)
        # Ctrl-C goes to all of them.
        (os.killpg if number == signal.SIGINT else os.kill)(ran.pid, number)
        out, said = ran.communicate(timeout=60)
    assert ran.returncode == 128 + number
    assert out == b""
    assert said.decode().splitlines() == ["interrupted" if number == signal.SIGINT else "terminated"]
    assert comes_true(lambda: all(map(is_gone, others)))


@pytest.mark.usefixtures("code")
def test_values_of_variables_stand_in_no_arguments(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    begin: Any = subprocess.Popen

    def noted(command: list[str], **more: Any) -> Any:
        seen.append(json.dumps([command, dict(os.environ), str(more.get("env"))]))
        return begin(command, **more)

    monkeypatch.setattr(subprocess, "Popen", noted)
    ask("plan", "--jobs", "3", "--var", "name=hunter2-hunter2")
    assert len(seen) == 2
    assert not any("hunter2" in each for each in seen)


@pytest.mark.parametrize(("said", "count"), [("max 100000", 8), ("150000 100000", 2), ("10000 100000", 1), ("", 8)])
def test_a_container_may_have_fewer_processors(
    said: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    (tmp_path / "cpu.max").write_text(said)
    assert crew.processors(tmp_path / "cpu.max") == count
