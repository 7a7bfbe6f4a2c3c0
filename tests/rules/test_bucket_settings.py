"""Lifecycle rules, Object Lock and ACLs of log buckets, by form: what they do to recordings."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import AclGrant
from ssm_hardening.verdicts.findings import Failed
from tests.read.facts.configurations import accounts_in, bucket_in, may_be
from tests.rules.builders import AT, bucket, known, lift, unknown
from tests.rules.judging import verdict_on

VERSIONED = "versioning {\n enabled = true\n }\n"
PREFERENCES = """
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0", sessionType = "Standard_Stream"
    inputs = { s3BucketName = aws_s3_bucket.logs.id, s3KeyPrefix = "sessions" }
  })
}
variable "days" {}
"""


def split(body: str, status: str = "Enabled") -> str:
    rule = f'rule {{\n id = "x"\n status = "{status}"\n {body}\n }}\n'
    return f'resource "aws_s3_bucket_lifecycle_configuration" "l" {{\n bucket = aws_s3_bucket.logs.id\n {rule}\n}}\n'


def versions(days: object, more: str = "") -> str:
    return f"noncurrent_version_expiration {{\n noncurrent_days = {days}\n {more}\n }}\n"


def inline(days: int, more: str = "") -> str:
    return f"lifecycle_rule {{\n enabled = true\n {more}\n noncurrent_version_expiration {{\n days = {days}\n }}\n }}\n"


@pytest.mark.parametrize(
    ("body", "more", "verdict"),
    [
        ("", split(versions(1)), "Failed"),
        (inline(1), "", "Failed"),
        ("", split(versions(365)), "Passed"),
        (inline(400), "", "Passed"),
        ("", split(versions(1), "Disabled"), "Passed"),
        ("", split(versions(1) + 'filter {\n prefix = "other/"\n }'), "Passed"),
        (inline(1, 'prefix = "other/"'), "", "Passed"),
        ("", split(versions(1) + 'filter {\n prefix = "sessions/"\n }'), "Failed"),
        ("", split(versions(1) + 'filter {\n tag {\n key = "a"\n value = "b"\n }\n }'), "Undecided"),
        ("", split(versions("var.days")), "Undecided"),
        ("", split(versions(1, "newer_noncurrent_versions = 5")), "Undecided"),
        ("", split("noncurrent_version_expiration {\n newer_noncurrent_versions = 5\n }"), "Undecided"),
        ("", split("expiration {\n expired_object_delete_marker = true\n }"), "Passed"),
        ("", split("abort_incomplete_multipart_upload {\n days_after_initiation = 1\n }"), "Passed"),
        ("", split('noncurrent_version_transition {\n noncurrent_days = 1\n storage_class = "GLACIER"\n }'), "Passed"),
    ],
)
def test_old_versions_are_kept_as_long_as_recordings(tmp_path: Path, body: str, more: str, verdict: str) -> None:
    found = bucket_in(tmp_path, PREFERENCES + more, VERSIONED + body)
    assert type(verdict_on("S3-04", found)).__name__ == verdict


def test_a_rule_that_keeps_the_newest_versions_may_delete_the_others(tmp_path: Path) -> None:
    rule = split(versions(400, "newer_noncurrent_versions = 5"))
    assert may_be(bucket_in(tmp_path, PREFERENCES + rule, VERSIONED).noncurrent_days) == [None, 400]


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"noncurrent_days": 1, "object_lock_days": None}, "Failed"),
        ({"noncurrent_days": 1, "object_lock_days": 90}, "Failed"),
        ({"noncurrent_days": 1, "object_lock_days": 365}, "Passed"),
        ({"noncurrent_days": 1, "object_lock_days": unknown()}, "Undecided"),
        ({"noncurrent_days": unknown(), "object_lock_days": None}, "Undecided"),
        ({"noncurrent_days": 400, "object_lock_days": None}, "Passed"),
    ],
)
@pytest.mark.parametrize("rule", ["S3-04", "S3-05"])
def test_object_lock_keeps_old_versions(rule: str, fields: dict[str, Any], verdict: str) -> None:
    assert type(verdict_on(rule, bucket(**fields))).__name__ == verdict


def test_early_deletion_of_old_versions_is_one_cause() -> None:
    short = bucket(noncurrent_days=1, object_lock_days=None)
    cause, effect = (verdict_on(rule, short) for rule in ("S3-04", "S3-05"))
    assert isinstance(cause, Failed)
    assert isinstance(effect, Failed)
    assert effect.follows == (cause.at,)


@pytest.mark.parametrize(
    ("retention", "verdict"),
    [("days = 1", "Failed"), ("days = 364", "Failed"), ("days = 365", "Passed"), ("years = 1", "Passed"),
     ("days = var.days", "Undecided")],
)  # fmt: skip
def test_strict_asks_for_a_lock_as_long_as_recordings_are_kept(tmp_path: Path, retention: str, verdict: str) -> None:
    lock = f"""
resource "aws_s3_bucket_object_lock_configuration" "l" {{
  bucket = aws_s3_bucket.logs.id
  rule {{
    default_retention {{
      mode = "GOVERNANCE"
      {retention}
    }}
  }}
}}
"""
    found = bucket_in(tmp_path, PREFERENCES + lock, "object_lock_enabled = true")
    assert type(verdict_on("S3-04", found, standard="strict")).__name__ == verdict


EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
ANY_ACCOUNT = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
SOMEBODY = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
DEFAULT_OWNERSHIP, DEFAULT_BLOCK = known("BucketOwnerEnforced", defaulted=True), known(True, defaulted=True)


@pytest.mark.parametrize(
    ("grantee", "ownership", "ignored", "verdict"),
    [
        (EVERYBODY, "ObjectWriter", False, "Failed"),
        (ANY_ACCOUNT, "BucketOwnerPreferred", False, "Failed"),
        (EVERYBODY, "ObjectWriter", True, "Passed"),
        (EVERYBODY, "ObjectWriter", DEFAULT_BLOCK, "Undecided"),
        (EVERYBODY, "BucketOwnerEnforced", False, "Passed"),
        (EVERYBODY, DEFAULT_OWNERSHIP, False, "Undecided"),
        (EVERYBODY, unknown(), False, "Undecided"),
        (DELIVERY, "ObjectWriter", False, "Passed"),
        (SOMEBODY, "ObjectWriter", True, "Failed"),
        (SOMEBODY, "BucketOwnerEnforced", False, "Passed"),
        (SOMEBODY, DEFAULT_OWNERSHIP, True, "Undecided"),
        (unknown(), "ObjectWriter", True, "Undecided"),
        (unknown(), "BucketOwnerEnforced", True, "Passed"),
    ],
)
def test_an_acl_counts_where_it_takes_effect(grantee: Any, ownership: Any, ignored: Any, verdict: str) -> None:
    grant = AclGrant(at=AT, grantee=lift(grantee), permission=lift("READ"))
    found = bucket(
        acl_grants=Inventory((grant,)), ownership=ownership, ignore_public_acls=ignored, statements=Inventory()
    )
    assert type(verdict_on("S3-07", found)).__name__ == verdict


OPEN = """
resource "aws_s3_bucket_ownership_controls" "o" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = "ObjectWriter"
  }
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket = aws_s3_bucket.logs.id
}
"""
GRANT = """
data "aws_canonical_user_id" "me" {{}}
resource "aws_s3_bucket_acl" "a" {{
  bucket = aws_s3_bucket.logs.id
  access_control_policy {{
    grant {{
      permission = "FULL_CONTROL"
      grantee {{
        {grantee}
      }}
    }}
    owner {{
      id = data.aws_canonical_user_id.me.id
    }}
  }}
}}
"""


def grants(body: str) -> str:
    return f"grant {{\n {body}\n }}"


@pytest.mark.parametrize(
    ("body", "more", "verdict"),
    [
        ("", OPEN + GRANT.format(grantee=f'type = "Group"\n uri = "{EVERYBODY}"'), "Failed"),
        ("", OPEN + GRANT.format(grantee=f'type = "CanonicalUser"\n id = "{SOMEBODY}"'), "Failed"),
        ("", OPEN + GRANT.format(grantee='type = "CanonicalUser"\n id = data.aws_canonical_user_id.me.id'), "Passed"),
        ("", OPEN + GRANT.format(grantee='type = "CanonicalUser"\n id = var.days'), "Undecided"),
        (f'grant {{\n type = "Group"\n uri = "{EVERYBODY}"\n permissions = ["READ"]\n }}', "", "Undecided"),
        (grants(f'type = "CanonicalUser"\n id = "{SOMEBODY}"\n permissions = ["FULL_CONTROL"]'), OPEN, "Undecided"),
        (grants(f'type = "CanonicalUser"\n id = "{SOMEBODY}"\n permissions = ["WRITE"]'), OPEN, "Failed"),
        ('acl = "public-read"', "", "Undecided"),
        ('acl = "log-delivery-write"', "", "Passed"),
        ("", "", "Passed"),
    ],
)
def test_grants_of_an_acl_are_read(tmp_path: Path, body: str, more: str, verdict: str) -> None:
    assert type(verdict_on("S3-07", bucket_in(tmp_path, PREFERENCES + more, body))).__name__ == verdict


FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
NOTHING_BLOCKED = 'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = aws_s3_bucket.logs.id\n}\n'


def account_block(more: str = "", flags: tuple[str, ...] = FLAGS) -> str:
    body = "".join(f"  {flag} = true\n" for flag in flags)
    return f'resource "aws_s3_account_public_access_block" "a" {{\n{body}  {more}\n}}\n'


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        (account_block(), "Passed"),
        (account_block() + NOTHING_BLOCKED, "Passed"),
        (account_block(flags=FLAGS[:3]), "Undecided"),
        (account_block(flags=FLAGS[:3]) + NOTHING_BLOCKED, "Failed"),
        (account_block("count = 0"), "Undecided"),
        (account_block("count = 0") + NOTHING_BLOCKED, "Failed"),
        (account_block("count = var.days") + NOTHING_BLOCKED, "Undecided"),
        (account_block().replace("= true", "= var.days == 1") + NOTHING_BLOCKED, "Undecided"),
        (account_block("provider = aws.same") + NOTHING_BLOCKED, "Passed"),
        (account_block("account_id = data.aws_caller_identity.me.account_id") + NOTHING_BLOCKED, "Passed"),
        (account_block('account_id = "111122223333"') + NOTHING_BLOCKED, "Passed"),
        (account_block('account_id = "444455556666"') + NOTHING_BLOCKED, "Failed"),
        (account_block("account_id = var.days") + NOTHING_BLOCKED, "Undecided"),
        (account_block("provider = aws.other") + NOTHING_BLOCKED, "Failed"),
        (account_block("provider = aws.untold") + NOTHING_BLOCKED, "Undecided"),
    ],
)
def test_the_account_blocks_public_access_to_its_buckets(tmp_path: Path, more: str, verdict: str) -> None:
    providers = (
        'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
        'provider "aws" {\n  alias = "same"\n  region = "eu-west-2"\n  allowed_account_ids = ["111122223333"]\n}\n'
        'provider "aws" {\n  alias = "other"\n  region = "eu-west-1"\n  allowed_account_ids = ["444455556666"]\n}\n'
        'data "aws_caller_identity" "me" {}\n'
        'provider "aws" {\n  alias = "untold"\n  region = "eu-west-1"\n  profile = var.days\n}\n'
    )
    pictures = accounts_in(tmp_path, providers + 'resource "aws_s3_bucket" "logs" {}\n' + PREFERENCES + more)
    (found,) = {each.address: each for picture in pictures for each in picture.log_buckets}.values()
    assert type(verdict_on("S3-03", found)).__name__ == verdict
