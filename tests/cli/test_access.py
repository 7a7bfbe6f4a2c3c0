"""`ssm-harden access` of code, snapshots and nothing readable."""

import json
from pathlib import Path

import jsonschema
import pytest

import ssm_hardening
from ssm_hardening.read.snapshot import to_json
from tests.access.samples import operators
from tests.cli.running import TOP, ssm_harden, write

SCHEMA = Path(ssm_hardening.__file__).parent / "schemas" / "access-1.schema.json"


def test_the_operators_of_code_with_their_statements() -> None:
    ran = ssm_harden("access", "hardened", "--format", "json", cwd=TOP / "examples")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    jsonschema.validate(told, json.loads(SCHEMA.read_text()))
    (operator,) = told["accounts"][0]["people"]
    answers = {asked: answer["short"] for asked, answer in operator["answers"].items()}
    assert answers == {
        "nodes": "by tag",
        "unrecorded": "no",
        "root": "no",
        "preferences": "no",
        "commands": "no",
        "shells": "no",
        "escalation": "no",
    }
    (path,) = operator["answers"]["nodes"]["paths"][:1]
    assert path["links"][0]["at"]["file"] == "hardened/roles.tf"


def test_a_snapshot_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"account.json": json.dumps(to_json([operators()]))})
    ran = ssm_harden("access", "--snapshot", "account.json", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "user 5-administrator" in ran.out


@pytest.mark.parametrize("options", [[], ["--full"]])
def test_where_nobody_and_no_node_is_declared(tmp_path: Path, options: list[str]) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_s3_bucket" "b" { bucket = "b" }'})
    ran = ssm_harden("access", ".", *options, cwd=tmp_path)
    assert ran.out == "Nothing to show: neither nodes nor permissions for sessions were found.\n"


def test_nothing_readable_is_wrong_usage(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'resource "aws_ssm_document" "prefs" {'})
    assert ssm_harden("access", ".", cwd=tmp_path).code == 2


TWO_REGIONS = """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_ssm_document" "eu" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = "{}"
}
resource "aws_ssm_document" "us" {
  provider      = aws.us
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = "{}"
}
"""


def test_a_root_of_two_regions_has_a_view_of_each_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": TWO_REGIONS})
    heads = [line.split("  ")[0] for line in ssm_harden("access", cwd=tmp_path).out.splitlines() if "Who" in line]
    assert heads == ["Who can do what: . (eu-west-1)", "Who can do what: . (us-east-1)"]
