from pathlib import Path

from ssm_hardening.core.values import Items, Known, Unknown, Why
from ssm_hardening.model import Account
from tests.read.facts.configurations import account_in, accounts_in, by_address, plain


def document(name: str, inputs: str, more: str = "") -> str:
    return f"""
resource "aws_ssm_document" "{name}" {{
  name          = "{name}"
  document_type = "Session"
  {more}
  content = jsonencode({{
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = {{ {inputs} }}
  }})
}}
"""


STORES = """
resource "aws_s3_bucket" "logs" { bucket = "logs" }
resource "aws_s3_bucket" "other" { bucket = "other" }
resource "aws_cloudwatch_log_group" "logs" {
  name       = "/ssm/sessions"
  kms_key_id = aws_kms_key.logs.arn
}
resource "aws_kms_key" "logs" {}
resource "aws_kms_key" "session" {}
resource "aws_kms_key" "unused" {}
variable "name" {}
"""


def users(account: Account) -> dict[str, object]:
    facts = (*account.log_buckets, *account.log_groups, *account.keys)
    return {fact.address: plain(fact.used_by) for fact in facts}


def test_who_uses_what(tmp_path: Path) -> None:
    inputs = 's3BucketName = "logs", cloudWatchLogGroupName = aws_cloudwatch_log_group.logs.name, '
    text = (
        STORES + document("a", inputs + "kmsKeyId = aws_kms_key.session.arn") + document("b", 's3BucketName = "logs"')
    )
    assert users(account_in(tmp_path, text)) == {
        "aws_s3_bucket.logs": ["aws_ssm_document.a", "aws_ssm_document.b"],
        "aws_s3_bucket.other": [],
        "aws_cloudwatch_log_group.logs": ["aws_ssm_document.a"],
        "aws_kms_key.logs": ["aws_cloudwatch_log_group.logs"],
        "aws_kms_key.session": ["aws_ssm_document.a"],
        "aws_kms_key.unused": [],
    }


FUNCTION = """
resource "aws_cloudwatch_log_group" "shop" {
  name       = "/aws/lambda/shop"
  kms_key_id = aws_kms_key.shop.arn
}
resource "aws_s3_bucket" "pictures" { bucket = "pictures" }
resource "aws_s3_bucket_server_side_encryption_configuration" "pictures" {
  bucket = aws_s3_bucket.pictures.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.shop.arn
    }
  }
}
resource "aws_kms_key" "shop" {}
"""


def test_keys_of_other_stores_are_used_by_nothing_of_sessions(tmp_path: Path) -> None:
    account = account_in(tmp_path, STORES + FUNCTION + document("a", 's3BucketName = "logs"'))
    assert [plain(each.used_by) for each in account.keys] == [[], [], [], []]


def test_a_key_that_sessions_share_with_a_function_is_theirs(tmp_path: Path) -> None:
    inputs = 'cloudWatchLogGroupName = "/ssm/sessions"'
    text = (STORES + FUNCTION + document("a", inputs)).replace("aws_kms_key.logs.arn", "aws_kms_key.shop.arn")
    keys = by_address(account_in(tmp_path, text).keys)
    assert plain(keys["aws_kms_key.shop"].used_by) == ["aws_cloudwatch_log_group.logs"]


def test_a_store_that_may_be_of_sessions_leaves_its_key_open(tmp_path: Path) -> None:
    shared = FUNCTION.replace("aws_kms_key.shop.arn", "aws_kms_key.logs.arn")
    text = STORES + shared + document("a", "cloudWatchLogGroupName = var.name, s3BucketName = var.name")
    keys = by_address(account_in(tmp_path, text).keys)
    assert plain(keys["aws_kms_key.logs"].used_by) is Why.UNRESOLVED_INPUT
    assert plain(keys["aws_kms_key.unused"].used_by) == []


def test_a_destination_that_cannot_be_told_may_be_any_bucket(tmp_path: Path) -> None:
    text = STORES + document("a", "s3BucketName = var.name") + document("b", 's3BucketName = "other"')
    buckets = by_address(account_in(tmp_path, text).log_buckets)
    assert plain(buckets["aws_s3_bucket.logs"].used_by) is Why.UNRESOLVED_INPUT
    match buckets["aws_s3_bucket.other"].used_by:
        case Known(Items((Known(user),), Unknown())):
            assert user == "aws_ssm_document.b"
        case other:
            raise AssertionError(other)


def test_a_choice_between_two_buckets_leaves_the_others_out(tmp_path: Path) -> None:
    choice = 's3BucketName = var.name == "x" ? "logs" : ""'
    buckets = by_address(account_in(tmp_path, STORES + document("a", choice)).log_buckets)
    assert isinstance(buckets["aws_s3_bucket.logs"].used_by, Unknown)
    assert plain(buckets["aws_s3_bucket.other"].used_by) == []


def test_a_document_that_does_not_exist_uses_nothing(tmp_path: Path) -> None:
    account = account_in(tmp_path, STORES + document("a", 's3BucketName = "logs"', "count = 0"))
    assert users(account)["aws_s3_bucket.logs"] == []


def test_a_bucket_named_through_one_of_its_settings(tmp_path: Path) -> None:
    text = STORES + document("a", "s3BucketName = aws_s3_bucket_versioning.logs.id")
    text += 'resource "aws_s3_bucket_versioning" "logs" { bucket = aws_s3_bucket.logs.id }'
    account = account_in(tmp_path, text)
    assert users(account)["aws_s3_bucket.logs"] == ["aws_ssm_document.a"]
    assert plain(account.session_documents.items[0].s3_bucket) == "aws_s3_bucket.logs.id"


ALIASES = """
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_cloudwatch_log_group" "eu" { name = "/ssm/sessions" }
resource "aws_cloudwatch_log_group" "us" {
  provider = aws.us
  name     = "/ssm/sessions"
}
resource "aws_s3_bucket" "logs" { bucket = "logs" }
"""


def test_one_account_for_each_provider_configuration(tmp_path: Path) -> None:
    inputs = 's3BucketName = "logs", cloudWatchLogGroupName = "/ssm/sessions"'
    eu, us = accounts_in(tmp_path, ALIASES + document("a", inputs, "provider = aws.us"))
    assert (plain(eu.region), plain(us.region)) == ("eu-west-1", "us-east-1")
    assert [each.address for each in us.session_documents] == ["aws_ssm_document.a"]
    assert users(eu) == {"aws_s3_bucket.logs": ["aws_ssm_document.a"], "aws_cloudwatch_log_group.eu": []}
    # The bucket is judged in its own Region, and known where documents write to it.
    used = ["aws_ssm_document.a"]
    assert users(us) == {"aws_s3_bucket.logs": used, "aws_cloudwatch_log_group.us": used}
    assert (eu.guests, us.guests) == ((), ("aws_s3_bucket.logs",))


def test_a_reference_means_an_object_of_any_region(tmp_path: Path) -> None:
    inputs = "cloudWatchLogGroupName = aws_cloudwatch_log_group.eu.name"
    eu, us = accounts_in(tmp_path, ALIASES + document("a", inputs, "provider = aws.us"))
    assert users(eu)["aws_cloudwatch_log_group.eu"] == ["aws_ssm_document.a"]
    assert users(us)["aws_cloudwatch_log_group.us"] == []


def test_a_region_that_a_resource_names_itself(tmp_path: Path) -> None:
    text = ALIASES + document("a", "", 'region = "ap-southeast-2"') + document("b", "", 'region = "eu-west-1"')
    accounts = accounts_in(tmp_path, text)
    found = {plain(each.region): [document.address for document in each.session_documents] for each in accounts}
    assert found == {
        "eu-west-1": ["aws_ssm_document.b"],
        "ap-southeast-2": ["aws_ssm_document.a"],
        "us-east-1": [],
    }


def test_a_provider_without_a_region(tmp_path: Path) -> None:
    account = account_in(tmp_path, document("a", ""))
    assert plain(account.region) is Why.OUT_OF_SCOPE
    assert plain(account.account) is Why.OUT_OF_SCOPE


def test_a_file_that_cannot_be_read_is_a_gap_of_every_inventory(tmp_path: Path) -> None:
    (tmp_path / "broken.tf").write_text('resource "aws_s3_bucket" {{{', encoding="utf-8")
    account = account_in(tmp_path, STORES + document("a", 's3BucketName = "logs"'))
    assert [gap.kind for gap in account.gaps] == ["file"]
    for inventory in (account.session_documents, account.log_buckets, account.log_groups, account.keys):
        assert inventory.gap is not None


def test_signs_of_use_stand_where_they_are_written(tmp_path: Path) -> None:
    text = document("a", "").replace('name          = "a"', 'name = "SSM-SessionManagerRunShell"')
    signs = account_in(tmp_path, text).usage_signs
    assert "SSM-SessionManagerRunShell" in {sign.detail for sign in signs}


def test_a_document_that_names_another_group_than_the_one_beside_it(tmp_path: Path) -> None:
    account = account_in(tmp_path, STORES + document("a", 'cloudWatchLogGroupName = "/ssm/session"'))
    assert users(account)["aws_cloudwatch_log_group.logs"] == []


def test_a_provider_held_to_one_account_names_it(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  allowed_account_ids = [%s]\n}\n' + document("a", 's3BucketName = "logs"')
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert plain(account_in(tmp_path / "one", text % '"111122223333"').account) == "111122223333"
    assert isinstance(account_in(tmp_path / "two", text % '"111122223333", "444455556666"').account, Unknown)
