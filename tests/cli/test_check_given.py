"""`check` of files that cannot be read: exit code 2 and a line that says why, whatever else was judged."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, ssm_harden_in_turn, write

FINE = 'output "nothing" {\n  value = 1\n}\n'
BROKEN = DOCUMENT.replace("prefs", "broken") + "a = = 1\n"

UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "keys.tf": (BROKEN, "keys.tf:6: cannot be read: unexpected `=`"),
    "quote.tf": ('x = "never closed\n', "quote.tf:1: cannot be read: "),
    "more.tofu": (BROKEN, "more.tofu:6: cannot be read: "),
    "main_override.tf": (BROKEN, "main_override.tf:6: cannot be read: "),
    "override.tf.json": ('{"resource": {"aws_ss', "override.tf.json:1: cannot be read: "),
    "half.tf.json": ('{"resource": {"aws_ss', "half.tf.json:1: cannot be read: "),
    "terraform.tfvars": ('bucket = "records', "terraform.tfvars:1: cannot be read: "),
    "prod.tfvars": ('bucket = "records', "prod.tfvars:1: cannot be read: "),
    "a.auto.tfvars.json": ('{"bucket": ', "a.auto.tfvars.json:1: cannot be read: "),
    "utf16.tf": (DOCUMENT.encode("utf-16"), "utf16.tf: cannot be read: the file is binary, not text"),
    "latin.tf": (DOCUMENT.encode() + b"# \xe4\n", "latin.tf:6: cannot be read: the file is not valid UTF-8"),
    "large.tf": (b"# a\n" * 300_000, "large.tf: cannot be read: the file has 1,200,000 bytes"),
    "huge.tf": (b"# a\n" * 5_000_000, "huge.tf: cannot be read: the file has 20,000,000 bytes"),
    "twice.tf": (DOCUMENT, "twice.tf:1: cannot be read: aws_ssm_document.prefs is declared more than once"),
    "again.tf": (
        'variable "x" {\n  type = string\n  type = any\n}\n',
        "again.tf:3: cannot be read: `type` is set more than once",
    ),
    "inner.tf": (
        "terraform {\n  a {\n    b = 1\n    b = 1\n  }\n}\n",
        "inner.tf:4: cannot be read: `b` is set more than once",
    ),
    "again.tfvars": ("a = 1\na = 2\n", "again.tfvars:2: cannot be read: "),
    "again.auto.tfvars": ("a = 1\na = 2\n", "again.auto.tfvars:2: cannot be read: "),
    "again.tfvars.json": ('{"a": 1,\n"a": 2}', "again.tfvars.json:2: cannot be read: "),
    "block.tfvars": ("a = 1\nb { c = 1 }\n", "block.tfvars:2: cannot be read: blocks are not allowed here"),
    "terraform.tfvars.json": ('{"a": 1, "a": 2}', "terraform.tfvars.json:1: cannot be read: "),
    "block.auto.tfvars": ("b { c = 1 }\n", "block.auto.tfvars:1: cannot be read: blocks are "),
    ".hidden.tf": (BROKEN, ".hidden.tf:6: cannot be read: "),
    "shadowed.tf": (BROKEN, "shadowed.tf:6: cannot be read: "),
    "README.md": ("# Read me\n", "README.md: cannot be read: not a Terraform file"),
    "terraform.tfstate": ('{"version": 4}', "terraform.tfstate: cannot be read: not a Terraform file"),
    "plan.json": ("{}", "plan.json: cannot be read: not a Terraform file"),
}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A module that can be read, with a gap in it, beside a root without any."""
    write(tmp_path / "other", {"main.tf": FINE})
    return write(tmp_path, {"main.tf": DOCUMENT, "shadowed.tofu": FINE})


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_given_file_that_cannot_be_read(name: str, code: Path, here: Here) -> None:
    content, told = UNREADABLE[name]
    write(code, {name: content})
    for beside in ("main.tf", "other/main.tf"):
        ran = here("check", name, beside, cwd=code)
        assert ran.code == 2, ran
        assert [line for line in ran.out.splitlines() if line.startswith(told)], ran
        assert " failed, " in ran.out
        assert beside != "main.tf" or "override" in name or "main.tf:4: low PREF-08 " in ran.out
        assert ran.err.count(told) <= 1


@pytest.mark.parametrize("name", ["keys.tf", "terraform.tfvars", "README.md", "prod.tfvars"])
def test_it_is_said_beside_a_report_for_programs(name: str, code: Path, here: Here) -> None:
    content, told = UNREADABLE[name]
    write(code, {name: content})
    ran = here("check", name, "main.tf", "--format", "json", "--quiet", cwd=code)
    assert ran.code == 2
    assert ran.out.startswith("{")
    assert ran.err.startswith(f"error: {told}")
    assert ran.err.count(told) == 1


@pytest.mark.parametrize("option", [("--only", "PREF-05"), ("--fail-on", "critical"), ("--fail-on-undecided",)])
def test_no_choice_of_rules_makes_it_a_success(option: tuple[str, ...], code: Path, here: Here) -> None:
    write(code, {"keys.tf": BROKEN})
    assert here("check", "keys.tf", *option, cwd=code).code == 2


def test_a_broken_file_among_many_that_have_nothing_to_do_with_sessions(code: Path, here: Here) -> None:
    many: dict[str, str | bytes] = {f"f{number}.tf": "" for number in range(101)}
    write(code / "many", {**many, "bad.tf": "a = = 1\n"})
    ran = here("check", "many/bad.tf", cwd=code)
    assert ran.code == 2
    assert ran.out.startswith("many/bad.tf:1: cannot be read: ")


def test_a_broken_file_of_a_module_that_matters_to_nobody(code: Path, here: Here) -> None:
    write(code / "caller", {"main.tf": 'module "m" {\n  source = "../m"\n}\n'})
    write(code / "m", {"main.tf": FINE, "bad.tf": "a = = 1\n"})
    assert here("check", "m/bad.tf", cwd=code).code == 2
    assert here("check", "m/main.tf", cwd=code).code == 0


def test_what_is_not_there_leaves_the_rest_judged(code: Path) -> None:
    os.mkfifo(code / "pipe.tf")
    (code / "dangling.tf").symlink_to("nowhere.tf")
    (code / "round.tf").symlink_to("round.tf")
    (code / "folder.tf").mkdir()
    reasons = {
        "pipe.tf": "pipe.tf: cannot be read: this is a pipe or a device, not a file",
        "dangling.tf": "dangling.tf: cannot be read: no such file or folder",
        "round.tf": "round.tf: cannot be read: no such file or folder",
        "gone.tf": "gone.tf: cannot be read: no such file or folder",
        "main.tf/more.tf": "main.tf/more.tf: cannot be read: no such file or folder",
        f"{'x' * 300}.tf": "cannot be read: File name too long",
        "folder.tf": "folder.tf: no Terraform or OpenTofu code was found",
    }
    commands = [("check", name, "main.tf") for name in reasons]
    *found, alone = ssm_harden_in_turn(*commands, ("check", "folder.tf"), cwd=code)
    for (name, told), ran in zip(reasons.items(), found, strict=True):
        assert ran.code == 2, (name, ran)
        assert told in ran.out, (name, ran)
        assert "main.tf:4: low PREF-08 " in ran.out, (name, ran)
    assert alone.code == 2


def test_a_file_that_we_may_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, since no permission stops root."""
    from ssm_hardening.read.code.reader import read_changed

    monkeypatch.chdir(write(tmp_path, {"main.tf": DOCUMENT, "closed.tf": FINE}))
    opened = os.open

    def refusing(path: str | Path, flags: int) -> int:
        if str(path).endswith("closed.tf"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refusing)
    assert read_changed([Path("closed.tf")]).refused == ("closed.tf: cannot be read: Permission denied",)
    assert read_changed([Path("main.tf")]).refused == ()


def test_a_broken_file_beside_the_given_one_is_no_mistake_of_the_caller(code: Path, here: Here) -> None:
    write(code, {"keys.tf": BROKEN})
    ran = here("check", "main.tf", cwd=code)
    assert ran.code == 1
    assert "keys.tf:6: cannot be read: " in ran.out


def test_files_that_are_fine_are_fine(code: Path, here: Here) -> None:
    write(code / "sound", {"main.tf": FINE, "x.tf.json": "{}", "terraform.tfvars": "", "p.tfvars.json": '{"a": 1}'})
    names = [f"sound/{name}" for name in ("main.tf", "x.tf.json", "terraform.tfvars", "p.tfvars.json")]
    ran = here("check", *names, cwd=code)
    assert (ran.code, "cannot be read" in ran.out + ran.err) == (0, False)


@pytest.mark.parametrize("text", ["a = 1\na = 2\n", "b {\n  c = 1\n}\n"])
@pytest.mark.parametrize("name", ["given.tfvars", "given.vars"])
def test_a_file_of_values_that_terraform_refuses(name: str, text: str, code: Path, here: Here) -> None:
    write(code, {name: text})
    ran = here("plan", "--var-file", name, cwd=code)
    assert ran.code == 2
    assert f"{name}:{text.count('a') or 1}: " in ran.err


def test_what_is_set_twice_is_undecided(code: Path, here: Here) -> None:
    write(code, {"main.tf": DOCUMENT.replace("document_type", 'name = "other"\n  document_type')})
    ran = here("check", "--only", "PREF-08", "main.tf", cwd=code)
    assert ran.code == 2
    assert "main.tf:3: cannot be read: `name` is set more than once" in ran.out
    assert " 1 undecided" in ran.out
