"""Modules whose source is an expression, as OpenTofu evaluates it: the folder is a module, and no root of its own."""

from pathlib import Path

import pytest

from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.reader import read_changed, read_terraform
from tests.cli.running import write

MODULE = """
variable "bucket" {}
resource "aws_ssm_document" "p" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = jsonencode({ inputs = { s3BucketName = var.bucket } })
}
"""


def calling(source: str, more: str = "") -> str:
    return f'module "m" {{\n  source = {source}\n  bucket = "logs"\n}}\n{more}'


VARIABLE = 'variable "which" { default = "m" }\n'
SOURCES = {
    "a local": ("local.where", 'locals { where = "./m" }\n'),
    "a variable": ("var.where", 'variable "where" { default = "./m" }\n'),
    "a part": ('"./${var.which}"', VARIABLE),
    "the module's path": ('"${path.module}/m"', ""),
    "the root's path": ('"${path.root}/../code/m"', ""),
    "functions": ('join("/", [".", trimspace(lower(" M "))])', ""),
    "parentheses": ('(format("./%s", var.which))', VARIABLE),
    "a condition": ('var.which == "m" ? "./m" : "./n"', VARIABLE),
    "a lookup": ('local.all["x"]', 'locals { all = { x = "./m" } }\n'),
    "a heredoc": ("trimspace(<<-X\n    ./m\n  X\n  )", ""),
    "values": ('"./${var.given}"', 'variable "given" {}\n'),
}


def addresses(folder: Path, inputs: Inputs | None = None) -> list[str]:
    reading = read_terraform([folder], inputs=inputs)
    return sorted(each.address for account in reading.accounts for each in account.session_documents)


@pytest.mark.parametrize("case", SOURCES)
def test_the_called_folder_is_no_root(case: str, tmp_path: Path) -> None:
    source, more = SOURCES[case]
    write(tmp_path / "code", {"main.tofu": calling(source, more), "m/main.tf": MODULE})
    write(tmp_path / "code", {"terraform.tfvars": 'given = "m"\n'})
    assert addresses(tmp_path / "code") == ["module.m.aws_ssm_document.p"]


BY_WORKSPACE = {
    "./${terraform.workspace}": ("m", ["module.m.aws_ssm_document.p"]),
    "./${tofu.workspace}": ("m", ["module.m.aws_ssm_document.p"]),
    './${{ m = "m", x = "m" }[terraform.workspace]}': (None, ["module.m.aws_ssm_document.p"]),
    './${{ m = "m", x = "n" }[terraform.workspace]}': (None, ["aws_ssm_document.p"]),
}


@pytest.mark.parametrize("source", BY_WORKSPACE)
def test_the_workspace_decides_which_folder_is_called(source: str, tmp_path: Path) -> None:
    workspace, expected = BY_WORKSPACE[source]
    write(tmp_path, {"main.tofu": calling(f'"{source}"'), "m/main.tf": MODULE})
    assert addresses(tmp_path, Inputs(workspace=workspace)) == expected


def test_a_value_that_the_user_gives_decides(tmp_path: Path) -> None:
    more = 'variable "which" { default = "n" }\n'
    write(tmp_path, {"main.tofu": calling('"./${var.which}"', more), "m/main.tf": MODULE, "n/main.tf": MODULE})
    assert addresses(tmp_path) == ["aws_ssm_document.p", "module.m.aws_ssm_document.p"]
    assert addresses(tmp_path, Inputs(variables={"which": "m"})) == [
        "aws_ssm_document.p",
        "module.m.aws_ssm_document.p",
    ]
    named = [each.root for each in read_terraform([tmp_path], inputs=Inputs(variables={"which": "m"})).accounts]
    assert {Path(root).name for root in named} == {tmp_path.name, "n"}


def test_a_source_that_is_not_known_leaves_its_folder_a_root(tmp_path: Path) -> None:
    write(tmp_path, {"main.tofu": calling('"./${var.which}"', 'variable "which" {}\n'), "m/main.tf": MODULE})
    reading = read_terraform([tmp_path])
    assert addresses(tmp_path) == ["aws_ssm_document.p"]
    (gap,) = [gap for account in reading.accounts for gap in account.gaps]
    assert (gap.kind, gap.detail) == ("module", 'the source of module.m is not known ("./${var.which has no default}")')


def test_a_module_outside_and_one_that_calls_by_what_it_is_given(tmp_path: Path) -> None:
    """The caller's value decides which folder a module calls, not the default that it has when nobody calls it."""
    inner = 'variable "bucket" {}\n' + calling('"../${var.which}"', 'variable "which" { default = "n" }\n')
    write(
        tmp_path,
        {
            "root/main.tofu": calling('"${path.module}/../inner"').replace("bucket", 'which = "m"\n  bucket'),
            "inner/main.tf": inner,
            "m/main.tf": MODULE,
            "n/main.tf": MODULE.replace("bucket", "other"),
        },
    )
    roots = {Path(each.root).name: each for each in read_terraform([tmp_path]).accounts}
    assert set(roots) == {"root", "n"}
    assert [each.address for each in roots["root"].session_documents] == ["module.m.module.m.aws_ssm_document.p"]


def test_modules_without_sessions_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"main.tofu": calling('"./${"m"}"'), "m/main.tf": 'variable "bucket" {}\n'})
    assert read_terraform([tmp_path]).accounts == ()


def test_a_changed_file_is_checked_as_its_caller_calls_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.tofu": calling("local.w", 'locals { w = "./m" }\n'), "m/main.tf": MODULE})
    monkeypatch.chdir(tmp_path)
    (account,) = read_changed([Path("m/main.tf")]).accounts
    assert [each.address for each in account.session_documents] == ["module.m.aws_ssm_document.p"]


def test_the_file_of_opentofu_takes_the_place_of_the_other(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": calling('"./n"'), "main.tofu": calling("local.w", 'locals { w = "./m" }\n')})
    write(tmp_path, {"m/main.tf": MODULE, "n/main.tf": 'variable "bucket" {}\n'})
    assert addresses(tmp_path) == ["module.m.aws_ssm_document.p"]
