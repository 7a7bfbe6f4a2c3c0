"""Where resources belong: each Region of an AWS account is one place, however its provider is reached."""

from pathlib import Path

import pytest

from ssm_hardening.core.values import Known, Unknown
from ssm_hardening.model import Account
from ssm_hardening.read.code.reader import read_terraform

BODY = 'name = "d"\ndocument_type = "Session"\ncontent = "{}"'


def read(folder: Path, text: str, **modules: str) -> tuple[Account, ...]:
    (folder / "main.tofu").write_text(text, encoding="utf-8")
    for name, code in modules.items():
        (folder / name).mkdir()
        (folder / name / "main.tf").write_text(code, encoding="utf-8")
    return read_terraform([folder]).accounts


def places(accounts: tuple[Account, ...]) -> dict[str, str]:
    """Return the Region of each document."""
    return {
        document.address: str(each.region.value) if isinstance(each.region, Known) else "?"
        for each in accounts
        for document in each.session_documents
    }


DOCUMENT = f'resource "aws_ssm_document" "d" {{\n{BODY}\n}}\n'
FOR_EACH = """
variable "regions" { default = { eu = { region = "eu-west-1" }, us = { region = "us-east-1" } } }
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias    = "by"
  for_each = FOR
  region   = each.value.region
}
""".replace("FOR", "var.regions")
BOTH = {"eu": "eu-west-1", "us": "us-east-1"}


def test_each_instance_of_a_provider_is_in_its_own_region(tmp_path: Path) -> None:
    made = f'resource "aws_ssm_document" "d" {{\nfor_each = var.regions\nprovider = aws.by[each.key]\n{BODY}\n}}'
    accounts = read(tmp_path, FOR_EACH + made)
    assert places(accounts) == {f'aws_ssm_document.d["{key}"]': region for key, region in BOTH.items()}
    # The default provider and by["eu"] are of one account and Region.
    assert len(accounts) == 2


def test_modules_are_handed_the_instance_of_their_key(tmp_path: Path) -> None:
    call = 'module "m" {\nfor_each = var.regions\nsource = "./m"\nproviders = { aws = aws.by[each.key] }\n}'
    inner = 'module "n" {\nsource = "../n"\nproviders = { aws.there = aws }\n}'
    made = f'resource "aws_ssm_document" "d" {{\nprovider = aws.there\n{BODY}\n}}'
    accounts = read(tmp_path, FOR_EACH + call, m=inner, n=made)
    assert places(accounts) == {
        f'module.m["{key}"].module.n.aws_ssm_document.d': region for key, region in BOTH.items()
    }


def test_a_key_that_is_not_known_leaves_the_region_open(tmp_path: Path) -> None:
    made = f'variable "which" {{}}\nresource "aws_ssm_document" "d" {{\nprovider = aws.by[var.which]\n{BODY}\n}}'
    assert places(read(tmp_path, FOR_EACH + made)) == {"aws_ssm_document.d": "?"}


def test_keys_that_are_not_known_leave_what_they_do_not_tell_open(tmp_path: Path) -> None:
    made = f'resource "aws_ssm_document" "d" {{\nprovider = aws.by["eu-west-1"]\n{BODY}\n}}'
    unknown = FOR_EACH.replace("for_each = var.regions", "for_each = var.untold") + 'variable "untold" {}\n'
    assert places(read(tmp_path, unknown + made)) == {"aws_ssm_document.d": "?"}
    by_key = unknown.replace("each.value.region", "each.key")
    assert places(read(tmp_path, by_key + made)) == {"aws_ssm_document.d": "eu-west-1"}


@pytest.mark.parametrize(
    ("second", "same"),
    [
        ('region = "eu-west-1"', True),
        ('region = "eu-west-1"\n  profile = "other"', False),
        ('region = "us-east-1"', False),
        ("", False),
    ],
)
def test_two_configurations_of_one_account_and_region_are_one_place(tmp_path: Path, second: str, *, same: bool) -> None:
    text = f'provider "aws" {{\n  region = "eu-west-1"\n}}\nprovider "aws" {{\n  alias = "x"\n  {second}\n}}\n'
    other = f'resource "aws_ssm_document" "e" {{\nprovider = aws.x\n{BODY}\n}}\n'
    assert (len(read(tmp_path, text + DOCUMENT + other)) == 1) is same


def test_an_argument_for_the_region_places_what_has_one(tmp_path: Path) -> None:
    role = 'resource "aws_iam_role" "r" {\n  region = "us-east-1"\n  name = "r"\n  assume_role_policy = "{}"\n}\n'
    provider = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    accounts = read(tmp_path, provider + role + DOCUMENT.replace('"d" {', '"d" {\n  region = "us-east-1"', 1))
    assert places(accounts) == {"aws_ssm_document.d": "us-east-1"}
    assert all([each.address for each in account.roles] == ["aws_iam_role.r"] for account in accounts)
    assert len(read(tmp_path, provider + DOCUMENT + role)) == 1


def test_a_modules_own_provider_is_handed_on(tmp_path: Path) -> None:
    own = 'provider "aws" {\n  region = "us-east-1"\n}\nmodule "n" {\n  source = "../n"\n}\n'
    text = 'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "m" {\n  source = "./m"\n}\n' + DOCUMENT
    accounts = read(tmp_path, text, m=own, n=DOCUMENT.replace('"d" {', '"e" {'))
    assert places(accounts) == {"aws_ssm_document.d": "eu-west-1", "module.m.module.n.aws_ssm_document.e": "us-east-1"}


def test_an_alias_that_the_caller_configures_has_an_unknown_region(tmp_path: Path) -> None:
    (account,) = read(tmp_path, f'resource "aws_ssm_document" "d" {{\nprovider = aws.there\n{BODY}\n}}')
    assert isinstance(account.region, Unknown)
