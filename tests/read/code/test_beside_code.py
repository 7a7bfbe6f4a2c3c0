"""What stands beside code: Terragrunt, which provides variables, and templates of CloudFormation."""

from pathlib import Path

import pytest

from ssm_hardening.core.values import Known, Unknown
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.graph import Reading
from tests.cli.running import write

CODE = """
variable "bucket" { default = "logs" }
resource "aws_ssm_document" "p" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = jsonencode({ inputs = { s3BucketName = var.bucket } })
}
"""


def bucket(reading: Reading) -> object:
    (account,) = reading.accounts
    return account.session_documents.items[0].s3_bucket


UNITS: dict[str, dict[str, str | bytes]] = {
    "beside the code": {"ssm/main.tf": CODE, "ssm/terragrunt.hcl": 'inputs = { bucket = "x" }\n'},
    "beside it, in JSON": {"ssm/main.tf": CODE, "ssm/terragrunt.hcl.json": '{"inputs": {"bucket": "x"}}'},
    "by a path": {"ssm/main.tf": CODE, "live/a/terragrunt.hcl": 'terraform {\n  source = "../../ssm"\n}\n'},
    "by a path with a mark": {"ssm/main.tf": CODE, "live/terragrunt.hcl": 'terraform {\n  source = "..//ssm"\n}\n'},
    "by a function": {
        "ssm/main.tf": CODE,
        "live/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}//ssm"\n}\n',
    },
    "from a repository": {
        "ssm/main.tf": CODE,
        "live/terragrunt.hcl": 'terraform {\n  source = "git::ssh://git@example.com/modules.git//ssm?ref=v1"\n}\n',
    },
    "in a stack": {
        "ssm/main.tf": CODE,
        "terragrunt.stack.hcl": 'unit "ssm" {\n  source = "./ssm"\n  path = "ssm"\n}\n',
    },
}


@pytest.mark.parametrize("case", UNITS)
def test_what_terragrunt_may_set_is_not_known(case: str, tmp_path: Path) -> None:
    reading = read_terraform([write(tmp_path, UNITS[case])])
    assert isinstance(bucket(reading), Unknown)
    (account,) = reading.accounts
    assert [gap.kind for gap in account.gaps] == ["inputs"]
    assert account.session_documents.gap is None
    assert any("Terragrunt" in note and "--plan-json" in note for note in reading.notes)


def test_values_that_win_over_terragrunt_count(tmp_path: Path) -> None:
    """Terragrunt passes its inputs through the environment, over which files of values win."""
    write(tmp_path, {"main.tf": CODE, "terragrunt.hcl": "", "terraform.tfvars": 'bucket = "mine"\n'})
    found = bucket(read_terraform([tmp_path]))
    assert isinstance(found, Known)
    assert found.value == "mine"


@pytest.mark.parametrize("name", ["live/terragrunt.hcl", "root.hcl", "other/main.tf"])
def test_a_root_that_terragrunt_does_not_run_keeps_its_values(name: str, tmp_path: Path) -> None:
    text = 'terraform {\n  source = "../other"\n}\n' if name.endswith(".hcl") else ""
    write(tmp_path, {"ssm/main.tf": CODE, name: text})
    assert isinstance(bucket(read_terraform([tmp_path])), Known)


def test_templates_of_cloudformation_are_named(tmp_path: Path) -> None:
    template = "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n"
    write(tmp_path, {"main.tf": CODE, "a/stack.yaml": template, "b.template": template, "c.yaml": "a: 1\n"})
    (note,) = [each for each in read_terraform([tmp_path]).notes if "CloudFormation" in each]
    assert "stack.yaml" in note
    assert "b.template" in note
    assert "c.yaml" not in note
