"""`plan PATH --live`: code beside the account, and which side a remedy belongs to."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import ssm_hardening
from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here
from tests.read.live import stores

LIVE = ("--live", "--region", "ap-southeast-2", "-q")
CODE = """\
provider "aws" {
  region = "ap-southeast-2"
}

resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName       = aws_s3_bucket.logs.id
      idleSessionTimeout = "15"
    }
  })
}

resource "aws_s3_bucket" "logs" {
  bucket = "session-logs"
}

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/declared/only"
  retention_in_days = 400
}
"""


@pytest.fixture
def beside(sandbox: Sandbox) -> Sandbox:
    """Code, and an account that was changed by hand: another timeout, a document of somebody's own."""
    sandbox.reset("empty")
    Path("infra").mkdir()
    Path("infra", "main.tf").write_text(CODE, encoding="utf-8")
    stores.bucket("session-logs")
    stores.document(s3BucketName="session-logs", idleSessionTimeout="45")
    stores.document("By-Hand", idleSessionTimeout="45")
    return sandbox


def compared(here: Here, *options: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(here("plan", "infra", *LIVE, "--format", "json", *options).out)
    schema = json.loads((Path(ssm_hardening.__file__).parent / "schemas" / "audit-1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(report)
    return report


def sides(report: dict[str, Any]) -> dict[str, str]:
    found = {}
    for pair in report["comparison"]:
        side = pair["declared"] or pair["deployed"]
        found[side["address"].rpartition("/")[2]] = pair["standing"]
    return found


def test_each_object_stands_where_it_should(beside: Sandbox, here: Here) -> None:
    assert beside.region
    found = sides(compared(here))
    assert found["aws_ssm_document.prefs"] == "differs"
    assert found["By-Hand"] == "deployed_only"
    assert found["aws_cloudwatch_log_group.sessions"] == "declared_only"


def test_the_difference_is_told_key_by_key(beside: Sandbox, here: Here) -> None:
    assert beside.region
    (prefs,) = [pair for pair in compared(here)["comparison"] if pair["standing"] == "differs"]
    assert [each["key"] for each in prefs["differences"]] == ["idle_session_timeout"]
    (difference,) = prefs["differences"]
    assert (difference["declared"]["value"], difference["deployed"]["value"]) == (15, 45)
    text = here("plan", "infra", *LIVE, "--full").out
    assert "idle_session_timeout: 15 in code, 45 in AWS" in text


def test_what_code_has_right_is_to_be_applied_and_never_imported(beside: Sandbox, here: Here) -> None:
    assert beside.region
    remediation = compared(here, "--only", "PREF-07")["remediation"]
    imports = [each for stage in remediation["stages"] for each in stage["imports"]]
    assert [each for each in imports if "RunShell" in json.dumps(each)] == []
    steps = [step["what"] for stage in remediation["stages"] for step in stage["manual"]]
    assert [step for step in steps if "infra/main.tf" in step or "apply" in step.lower()]


def test_code_alone_or_an_account_alone_is_no_comparison(beside: Sandbox, here: Here) -> None:
    assert beside.region
    assert json.loads(here("plan", *LIVE, "--format", "json").out)["comparison"] is None
    assert json.loads(here("plan", "infra", "--format", "json", "-q").out)["comparison"] is None
