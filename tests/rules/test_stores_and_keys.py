"""Claims over stores and keys that reach beyond one fixture."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Crashed, Failed, Passed, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.builders import account, bucket, key, log_group, preferences_document, unknown
from tests.strategies import accounts

RULES = (
    *(f"S3-0{number}" for number in range(1, 9)),
    *(f"CW-0{number}" for number in range(1, 4)),
    *(f"KMS-0{number}" for number in range(1, 6)),
)

HEADER = 'resource "aws_ssm_document" "d" {\n  name          = "Example-Shell"\n  document_type = "Session"\n'
KEYED = """  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { kmsKeyId = var.k }
  })
}
"""
SIX = {
    "no inputs": (
        HEADER + '  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream" })\n}\n',
        Failed,
    ),
    "empty inputs": (
        HEADER + '  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })\n}\n',
        Failed,
    ),
    "an unreadable template": (HEADER + '  content = templatefile("gone.tftpl", {})\n}\n', Undecided),
    "a key variable without default": (HEADER + KEYED + 'variable "k" {}\n', Undecided),
    "a key variable defaulting to nothing": (HEADER + KEYED + 'variable "k" {\n  default = ""\n}\n', Failed),
    "a file without the key": (HEADER + '  content = file("${path.module}/session.json")\n}\n', Failed),
}


@pytest.mark.parametrize("case", SIX)
def test_a_document_without_a_key_never_passes(case: str, tmp_path: Path) -> None:
    text, expected = SIX[case]
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    (tmp_path / "session.json").write_text(
        '{"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"s3BucketName": "example-logs"}}',
        encoding="utf-8",
    )
    findings = run([load_rule("KMS-01")], read_terraform([tmp_path]).accounts, BUILT_IN["baseline"]).findings
    assert [type(finding.verdict) for finding in findings] == [expected]


@settings(max_examples=30, deadline=None)
@given(accounts())
def test_no_picture_of_an_account_crashes_a_rule(picture: Account) -> None:
    findings = run([load_rule(rule) for rule in RULES], [picture], BUILT_IN["strict"]).findings
    assert [finding for finding in findings if isinstance(finding.verdict, Crashed)] == []


def test_object_lock_is_asked_for_by_strict_only() -> None:
    unlocked = account(log_buckets=[bucket(object_lock_days=None)])
    verdicts = {
        name: type(run([load_rule("S3-04")], [unlocked], BUILT_IN[name]).findings[0].verdict)
        for name in ("baseline", "strict")
    }
    assert verdicts == {"baseline": Passed, "strict": Failed}


@pytest.mark.parametrize(
    ("asked", "standard", "severity"),
    [
        (True, "baseline", "high"),
        (False, "baseline", "low"),
        (False, "strict", "medium"),
        (unknown(), "baseline", "low"),
    ],
)
def test_a_group_without_key_is_worse_where_a_document_asks_for_one(
    asked: object, standard: str, severity: str
) -> None:
    picture = account(
        session_documents=[preferences_document(cloudwatch_encryption_enabled=asked)],
        log_groups=[log_group(kms_key=None)],
    )
    (finding,) = run([load_rule("CW-02")], [picture], BUILT_IN[standard]).findings
    assert isinstance(finding.verdict, Failed)
    assert finding.severity == severity


def test_a_key_that_may_be_used_by_a_group_is_undecided() -> None:
    picture = account(keys=[key(used_by=["aws_ssm_document.prefs", unknown()])])
    (finding,) = run([load_rule("KMS-05")], [picture], BUILT_IN["baseline"]).findings
    assert isinstance(finding.verdict, Undecided)


@pytest.mark.parametrize(
    "name",
    [
        "aws_s3_bucket.logs.arn",
        "aws_s3_bucket.logs.bucket_domain_name",
        '"arn:aws:s3:::example-records"',
        '"arn:aws:s3:::${aws_s3_bucket.logs.id}"',
        "aws_s3_bucket.logs.id",
        "aws_cloudwatch_log_group.logs.arn",
        '"arn:aws:logs:eu-west-1:111122223333:log-group:/sessions"',
        "aws_cloudwatch_log_group.logs.name",
    ],
)
def test_the_agent_needs_the_names_of_stores(tmp_path: Path, name: str) -> None:
    key, rule = ("s3BucketName", "S3-01") if "s3" in name else ("cloudWatchLogGroupName", "CW-01")
    stores = (
        'resource "aws_s3_bucket" "logs" {\n  bucket = "example-records"\n}\n'
        'resource "aws_cloudwatch_log_group" "logs" {\n  name = "/sessions"\n}\n'
    )
    text = HEADER + KEYED.replace("kmsKeyId = var.k", f"{key} = {name}") + stores
    tmp_path.joinpath("main.tf").write_text(text, encoding="utf-8")
    (picture,) = read_terraform([tmp_path]).accounts
    found = [each.verdict for each in run([load_rule(rule)], [picture], BUILT_IN["strict"]).findings]
    assert [isinstance(each, Failed) for each in found] == [not name.endswith((".id", ".name"))]
