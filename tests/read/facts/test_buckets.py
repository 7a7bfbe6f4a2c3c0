from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Known, Unknown, Why
from tests.read.facts.configurations import account_in, bucket_in, by_address, line, may_be, plain

BUCKET = "aws_s3_bucket.logs.id"

SPLIT = """
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = "alias/logs"
    }
  }
}
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket              = aws_s3_bucket.logs.bucket
  block_public_acls   = true
  block_public_policy = true
  ignore_public_acls  = true
}
resource "aws_s3_bucket_versioning" "logs" {
  bucket = "logs"
  versioning_configuration {
    status = "Suspended"
  }
}
resource "aws_s3_bucket_object_lock_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    default_retention {
      mode  = "GOVERNANCE"
      years = 2
    }
  }
}
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = "ObjectWriter"
  }
}
resource "aws_s3_bucket_logging" "logs" {
  bucket        = aws_s3_bucket.logs.id
  target_bucket = "access"
  target_prefix = "logs/"
}
resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    id     = "long"
    status = "Enabled"
    expiration {
      days = 400
    }
  }
  rule {
    id     = "short"
    status = "Disabled"
    expiration {
      days = 3
    }
  }
}
"""

INLINE = """
  versioning {
    enabled = true
  }
  logging {
    target_bucket = "access"
  }
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = "alias/logs"
      }
    }
  }
  object_lock_configuration {
    object_lock_enabled = "Enabled"
    rule {
      default_retention {
        mode = "GOVERNANCE"
        days = 90
      }
    }
  }
  lifecycle_rule {
    enabled = true
    expiration {
      days = 400
    }
  }
"""

SETTINGS = (
    "encryption", "kms_key", "block_public_acls", "block_public_policy", "ignore_public_acls",
    "restrict_public_buckets", "versioning", "object_lock_days", "ownership", "access_log_bucket", "expiration_days",
)  # fmt: skip


def settings(bucket: Any) -> dict[str, Any]:
    return {name: plain(getattr(bucket, name)) for name in SETTINGS}


def test_settings_in_resources_of_their_own(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, SPLIT)
    assert settings(bucket) == {
        "encryption": "aws:kms",
        "kms_key": "alias/logs",
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": False,
        "versioning": False,
        "object_lock_days": 730,
        "ownership": "ObjectWriter",
        "access_log_bucket": "access",
        "expiration_days": 400,
    }
    assert line(bucket.kms_key.at) == ("main.tf", 11)


def test_settings_in_inline_blocks(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, "", INLINE)
    assert settings(bucket) == {
        "encryption": "aws:kms",
        "kms_key": "alias/logs",
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
        "versioning": True,
        "object_lock_days": 90,
        "ownership": "BucketOwnerEnforced",
        "access_log_bucket": "access",
        "expiration_days": 400,
    }


def test_what_nobody_declares_is_s3s_default(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, "")
    for name, value in (("encryption", "AES256"), ("restrict_public_buckets", True), ("versioning", False)):
        read = getattr(bucket, name)
        assert (read.value, read.defaulted) == (value, True)
    assert plain(bucket.kms_key) is None
    assert plain(bucket.expiration_days) is None
    assert bucket.statements.items == ()
    assert bucket.statements.gap is None
    assert plain(bucket.tls_only) is False


def versioning(bucket: str, status: str = '"Enabled"', name: str = "v", more: str = "") -> str:
    return f"""
resource "aws_s3_bucket_versioning" "{name}" {{
  bucket = {bucket}
  {more}
  versioning_configuration {{
    status = {status}
  }}
}}
"""


def test_a_setting_for_a_bucket_that_cannot_be_told_spreads(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, versioning("var.bucket") + 'variable "bucket" {}')
    assert may_be(bucket.versioning) == [False, True]
    assert plain(bucket.encryption) == "AES256"


def test_a_setting_that_may_not_exist(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, versioning(BUCKET, more="count = var.on ? 1 : 0") + 'variable "on" {}')
    assert may_be(bucket.versioning) == [False, True]


def test_a_setting_that_does_not_exist_says_nothing(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, versioning(BUCKET, more="count = 0"))
    assert isinstance(bucket.versioning, Known)
    assert bucket.versioning.defaulted


def test_a_setting_of_another_bucket_says_nothing(tmp_path: Path) -> None:
    other = 'resource "aws_s3_bucket" "other" {}\n' + versioning("aws_s3_bucket.other.id")
    (tmp_path / "more").mkdir()
    account = account_in(tmp_path, 'resource "aws_s3_bucket" "logs" {\n bucket = "logs"\n}\n' + other)
    buckets = by_address(account.log_buckets)
    assert plain(buckets["aws_s3_bucket.logs"].versioning) is False
    assert plain(buckets["aws_s3_bucket.other"].versioning) is True


def test_two_settings_that_disagree(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, versioning(BUCKET) + versioning('"logs"', '"Suspended"', "second"))
    assert plain(bucket.versioning) is Why.UNSUPPORTED
    assert may_be(bucket.versioning) == [True, False]


def test_two_settings_that_agree(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, versioning(BUCKET) + versioning('"logs"', name="second"))
    assert plain(bucket.versioning) is True


def test_a_file_that_cannot_be_read_may_hold_the_setting(tmp_path: Path) -> None:
    (tmp_path / "broken.tf").write_text('resource "aws_s3_bucket_versioning" {{{', encoding="utf-8")
    bucket = bucket_in(tmp_path, SPLIT.replace("aws_s3_bucket_versioning", "aws_s3_bucket_acl"))
    assert isinstance(bucket.versioning, Unknown)
    assert bucket.versioning.one_of == ()
    assert plain(bucket.encryption) == "aws:kms"


def test_object_lock_at_creation_brings_versioning(tmp_path: Path) -> None:
    bucket = bucket_in(tmp_path, "", "object_lock_enabled = true")
    assert isinstance(bucket.versioning, Known)
    assert (bucket.versioning.value, bucket.versioning.defaulted) == (True, True)


@pytest.mark.parametrize(
    ("body", "more", "versioned"),
    [
        ('object_lock_configuration {\n object_lock_enabled = "Enabled"\n }', "", True),
        ("", 'resource "aws_s3_bucket_object_lock_configuration" "l" {\n bucket = aws_s3_bucket.logs.id\n}', True),
        ("object_lock_enabled = false", "", False),
        ("object_lock_enabled = var.lock", 'variable "lock" {}', Why.UNRESOLVED_INPUT),
    ],
)
def test_object_lock_is_for_versioned_buckets_alone(tmp_path: Path, body: str, more: str, versioned: object) -> None:
    assert plain(bucket_in(tmp_path, more, body).versioning) == versioned


@pytest.mark.parametrize("where", ["inline", "split"])
def test_a_public_acl_contradicts_the_defaults(tmp_path: Path, where: str) -> None:
    split = 'resource "aws_s3_bucket_acl" "logs" {\n bucket = aws_s3_bucket.logs.id\n acl = "public-read"\n}'
    bucket = bucket_in(tmp_path, split) if where == "split" else bucket_in(tmp_path, "", 'acl = "public-read"')
    assert isinstance(bucket.block_public_acls, Unknown)
    assert isinstance(bucket.ownership, Unknown)
    assert plain(bucket.block_public_policy) is True


def test_a_private_acl_does_not(tmp_path: Path) -> None:
    assert plain(bucket_in(tmp_path, "", 'acl = "private"').block_public_acls) is True


def test_names_that_the_provider_makes_up(tmp_path: Path) -> None:
    text = 'resource "aws_s3_bucket" "a" {\n bucket_prefix = "logs-"\n}\nresource "aws_s3_bucket" "b" {}\n'
    buckets = by_address(account_in(tmp_path, text).log_buckets)
    assert str(plain(buckets["aws_s3_bucket.a"].name)).startswith("logs-${")
    assert str(plain(buckets["aws_s3_bucket.b"].name)).startswith("terraform-${")


def test_one_bucket_for_each_key_keeps_its_own_settings(tmp_path: Path) -> None:
    text = """
resource "aws_s3_bucket" "each" {
  for_each = toset(["a", "b"])
  bucket   = "logs-${each.key}"
}
resource "aws_s3_bucket_versioning" "each" {
  for_each = { a = "Enabled", b = "Suspended" }
  bucket   = aws_s3_bucket.each[each.key].id
  versioning_configuration {
    status = each.value
  }
}
"""
    buckets = by_address(account_in(tmp_path, text).log_buckets)
    assert plain(buckets['aws_s3_bucket.each["a"]'].versioning) is True
    assert plain(buckets['aws_s3_bucket.each["b"]'].versioning) is False
    assert plain(buckets['aws_s3_bucket.each["a"]'].name) == "logs-a"
