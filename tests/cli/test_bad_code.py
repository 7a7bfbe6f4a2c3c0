"""Code that is broken, hostile or endless: a verdict or a message with a place, the right exit code, 500 MB at most."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, Ran, ssm_harden, ssm_harden_in_turn, write

DEEP = 10_000
OTHER = 'resource "aws_s3_bucket" "logs" {\n  bucket = "b"\n}\n'
COUNTED = DOCUMENT.replace("{\n", "{\n  count         = 1000000\n", 1)

UNREADABLE: dict[str, tuple[dict[str, str | bytes], str]] = {
    "broken": ({"main.tf": DOCUMENT + "a = = 1\n"}, "main.tf:6: cannot be read: unexpected `=`"),
    "never closed": ({"main.tf": DOCUMENT + "locals {\n"}, "main.tf:6: cannot be read: "),
    "binary": ({"main.tf": b"\x7fELF\x00\x01\x02" * 100}, "main.tf: cannot be read: the file is binary"),
    "5 MB": ({"main.tf": b"a = 1\n" * 833_333}, "main.tf: cannot be read: the file has 4,999,998 bytes"),
    "50 MB": ({"main.tf": b"# a\n" * 12_500_000}, "main.tf: cannot be read: the file has 50,000,000 bytes"),
    "deep": (
        {"main.tf": DOCUMENT + f"locals {{ a = {'[' * DEEP}{']' * DEEP} }}\n"},
        "main.tf:6: cannot be read: nested",
    ),
    "deep JSON": ({"main.tf.json": "[" * DEEP + "]" * DEEP}, "main.tf.json:1: cannot be read: nested"),
    "half-written JSON": ({"main.tf.json": '{"resource": {"aws_ss'}, "main.tf.json:1: cannot be read: "),
    "latin-1": ({"main.tf": DOCUMENT.encode() + b"# \xe4\n"}, "main.tf:6: cannot be read: the file is not valid UTF-8"),
    "merge conflict": ({"main.tf": f"<<<<<<< HEAD\n{DOCUMENT}"}, "main.tf:1: cannot be read: "),
}


GREEDY = {"5 MB", "50 MB", "deep", "deep JSON"}
"""What could take memory, or the stack, without end: judged under the limit."""


Judged = Callable[..., list[Ran]]


@pytest.fixture
def judged(case: str, tmp_path: Path, here: Here) -> Judged:
    """Run commands over a case, those that could take memory in one process under the limit."""

    def ran(*commands: tuple[str, ...], cwd: Path = tmp_path) -> list[Ran]:
        return ssm_harden_in_turn(*commands, cwd=cwd) if case in GREEDY else [here(*each, cwd=cwd) for each in commands]

    return ran


@pytest.mark.parametrize("case", UNREADABLE)
def test_nothing_readable(case: str, judged: Judged, tmp_path: Path) -> None:
    files, told = UNREADABLE[case]
    write(tmp_path, files)
    (checked,) = judged(("check",))
    assert checked.code == 2
    assert checked.out.startswith(told)
    assert " 0 failed, " in checked.out


@pytest.mark.parametrize("case", ["broken", "binary", "5 MB", "deep"])
def test_nothing_readable_said_by_every_command(case: str, judged: Judged, tmp_path: Path) -> None:
    files, told = UNREADABLE[case]
    write(tmp_path / "code", files)
    place, _, reason = told.partition(" cannot be read: ")
    *ran, generated = judged(
        ("plan", "code"),
        ("inspect", "code"),
        ("plan", "code", "--format", "json"),
        ("generate", "code", "--out", "made"),
    )
    for each in ran:
        assert each.code == 2
        assert reason in each.out
        assert "passed" not in each.out or "0 passed" in each.out or '"passed": 0' in each.out
    assert generated.code == 2
    assert f"error: code/{place} cannot be read: {reason}" in generated.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("case", ["broken", "binary", "5 MB", "50 MB", "deep", "latin-1"])
def test_one_unreadable_file_leaves_the_rest_judged_and_all_else_open(
    case: str, judged: Judged, tmp_path: Path
) -> None:
    files, told = UNREADABLE[case]
    write(tmp_path, {"bad.tf": files["main.tf"], "good.tf": DOCUMENT.replace("prefs", "readable")})
    checked, planned = judged(("check",), ("plan", "--format", "json"))
    assert checked.code == 1
    assert checked.out.startswith(told.replace("main.tf", "bad.tf"))
    assert "good.tf:" in checked.out
    open_verdicts = undecided(planned)
    assert any((each["why"] or {}).get("kind") == "unparseable" for each in open_verdicts)
    assert any((each["at"] or {}).get("file") == "bad.tf" for each in open_verdicts)


def undecided(ran: Ran) -> list[dict[str, Any]]:
    return [each for each in json.loads(ran.out)["verdicts"] if each["verdict"] == "undecided"]


def details(ran: Ran) -> str:
    return "\n".join(str(each["why"]) for each in undecided(ran))


def test_module_cycle(tmp_path: Path, here: Here) -> None:
    write(tmp_path / "a", {"main.tf": DOCUMENT + 'module "b" {\n  source = "../b"\n}\n'})
    write(tmp_path / "b", {"main.tf": 'module "a" {\n  source = "../a"\n}\n'})
    ran = here("plan", "--format", "json")
    assert ran.code == 1
    assert "module.a calls itself" in details(ran)
    assert "b/main.tf:1: cannot be read: module.a calls itself" in here("check").out


def test_module_cycle_beside_a_root(tmp_path: Path, here: Here) -> None:
    write(tmp_path / "x", {"main.tf": 'module "y" {\n  source = "../y"\n}\n'})
    write(tmp_path / "y", {"main.tf": DOCUMENT + 'module "x" {\n  source = "../x"\n}\n'})
    write(tmp_path / "sound", {"main.tf": DOCUMENT})
    out = here("check").out
    assert "sound/main.tf:" in out
    assert "y/main.tf:4:" in out


@pytest.mark.parametrize("source", [".", "./", "../code"])
def test_module_that_calls_itself(source: str, tmp_path: Path, here: Here) -> None:
    code = write(tmp_path / "code", {"main.tf": f'module "me" {{\n  source = "{source}"\n}}\n{DOCUMENT}'})
    ran = here("check", cwd=code)
    assert ran.code == 1
    assert ran.out.startswith("main.tf:1: cannot be read: module.me calls itself\n")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"main.tf": COUNTED}, "aws_ssm_document.prefs"),
        ({"main.tf": 'module "m" {\n  count  = 1000000\n  source = "./m"\n}\n', "m/main.tf": DOCUMENT}, "module.m"),
    ],
    ids=["resource", "module"],
)
def test_a_million_instances(files: dict[str, str | bytes], told: str, tmp_path: Path) -> None:
    commands = (("plan", "--format", "json"), ("check", "--fail-on-undecided"))
    ran, checked = ssm_harden_in_turn(*commands, cwd=write(tmp_path, files))
    assert ran.code == 0
    assert undecided(ran)
    assert told in ran.out
    assert "more than 1000 instances" in details(ran)
    assert json.loads(ran.out)["summary"]["passed"] == 0
    assert checked.code == 3


def test_endless_numbers_and_texts(tmp_path: Path) -> None:
    doubling = "".join(f'  a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"\n' for n in range(1, 60))
    code = f'locals {{\n  a0 = "xxxxxxxx"\n{doubling}  r = range(0, 1000000000)\n}}\n'
    named = DOCUMENT.replace("inputs = {}", "inputs = { kmsKeyId = local.a59, s3BucketName = local.r[3] }")
    ran = ssm_harden("plan", "--format", "json", cwd=write(tmp_path, {"main.tf": code + named}))
    assert ran.code == 1
    assert {"KMS-01", "PREF-03"} <= {each["rule"] for each in undecided(ran)}


def test_circular_locals(tmp_path: Path, here: Here) -> None:
    circle = "locals {\n  a = local.b\n  b = local.a\n}\n"
    keyed = DOCUMENT.replace("inputs = {}", "inputs = { kmsKeyId = local.a }")
    ran = here("plan", "--format", "json", cwd=write(tmp_path, {"main.tf": circle + keyed}))
    assert ran.code == 1
    (key,) = [each for each in undecided(ran) if each["rule"] == "KMS-01"]
    assert "local.a" in str(key["why"])
    assert json.dumps(key["at"])


def test_module_fed_by_its_own_output(tmp_path: Path, here: Here) -> None:
    keyed = DOCUMENT.replace("inputs = {}", "inputs = { kmsKeyId = var.x }")
    child = f'variable "x" {{}}\noutput "y" {{\n  value = var.x\n}}\n{keyed}'
    root = 'module "m" {\n  source = "./m"\n  x      = module.m.y\n}\n'
    ran = here("plan", "--format", "json", cwd=write(tmp_path, {"main.tf": root, "m/main.tf": child}))
    assert ran.code == 1
    assert "KMS-01" in {each["rule"] for each in undecided(ran)}


def test_pipes_and_devices_are_never_waited_for(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    os.mkfifo(tmp_path / "pipe.tf")
    (tmp_path / "zero.tf").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "a.auto.tfvars")
    ran = ssm_harden("check", cwd=tmp_path)
    assert ran.code == 1
    for name in ("pipe.tf", "a.auto.tfvars"):
        assert f"{name}: cannot be read: this is a pipe or a device, not a file" in ran.out
    assert (
        "zero.tf: cannot be read: a symbolic link that points outside of the repository, so it was not read" in ran.out
    )


def test_files_that_the_code_names_are_never_waited_for(tmp_path: Path) -> None:
    keyed = DOCUMENT.replace("inputs = {}", 'inputs = { kmsKeyId = file("pipe"), s3BucketName = file("/dev/zero") }')
    write(tmp_path, {"main.tf": keyed})
    os.mkfifo(tmp_path / "pipe")
    ran = ssm_harden("plan", "--format", "json", cwd=tmp_path)
    assert ran.code == 1
    assert {"KMS-01", "PREF-03"} <= {each["rule"] for each in undecided(ran)}


def test_links(tmp_path: Path, here: Here) -> None:
    code = write(tmp_path / "code", {"main.tf": DOCUMENT, "sub/other.tf": OTHER})
    (code / "self").symlink_to(".")
    (code / "sub" / "up").symlink_to("../../code")
    plain = here("check", cwd=code)
    assert plain.code == 1
    assert plain.out.count("main.tf:1: ") == len({line for line in plain.out.splitlines() if "main.tf:1: " in line})
    (code / "dangling.tf").symlink_to("nowhere.tf")
    dangling = here("check", cwd=code)
    assert dangling.code == 1
    assert "dangling.tf: cannot be read: No such file or directory" in dangling.out


def test_folder_named_like_a_file(tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": DOCUMENT, "folder.tf/README": "x"})
    assert "cannot be read" not in here("check").out


HOSTILE = ["\x1b]0;owned\x07\x1b[31mred.tf", "line\nerror: no gap, all fine.tf", "\u202egpj.tf", "\r\x9b2J.tf"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("bad", [False, True], ids=["readable", "broken"])
def test_file_names_reach_the_terminal_written_out(name: str, bad: bool, here: Here, tmp_path: Path) -> None:  # noqa: FBT001 - parametrised
    write(tmp_path, {name: DOCUMENT + ("a = = 1\n" if bad else "")})
    for command in (("check",), ("check", name), ("plan",), ("inspect",), ("check", "--var-file", name)):
        ran = here(*command)
        assert ran.code in {0, 1, 2}
        for text in (ran.out, ran.err):
            assert not {letter for letter in text if not (letter.isprintable() or letter == "\n")}
            assert "\nerror: no gap" not in text


def test_file_name_that_is_not_utf8(here: Here, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.tf")).write_text(DOCUMENT)
    for command in (("check",), ("plan",), ("inspect",), ("plan", "--format", "json"), ("inspect", "--format", "json")):
        ran = here(*command)
        assert ran.code == (0 if command[0] == "inspect" else 1)
        assert "caf" in ran.out
        assert "\udce9" not in ran.out
