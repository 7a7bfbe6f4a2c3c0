import json

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.model import LogBucket
from ssm_hardening.read.live.answers import Read
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.buckets import log_buckets
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.read.live.documents import session_documents
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, Sandbox
from tests.read.live import stores
from tests.read.live.reading import plain

NAME = "session-logs"
ARN = f"arn:aws:s3:::{NAME}"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [ARN, f"{ARN}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}


def read(caller: AwsApi, *wanted: str) -> Read[LogBucket]:
    documents = session_documents(caller).facts
    return log_buckets(caller, documents, WantedStores(log_buckets=wanted))


def one(caller: AwsApi) -> LogBucket:
    (found,) = read(caller, NAME).facts
    return found


def settings(caller: AwsApi) -> dict[str, object]:
    return {each.type: plain(each.settings) for each in read(caller, NAME).holdings}


def test_a_new_bucket_has_what_s3_gives_it(caller: AwsApi) -> None:
    stores.bucket(NAME)
    found = one(caller)
    assert (found.address, found.declaration, plain(found.name)) == (ARN, ARN, NAME)
    assert plain(found.exists) is True
    assert found.encryption == Known("AES256", ApiOrigin(ARN, "s3:GetBucketEncryption"))
    assert found.block_public_acls == Known(True, ApiOrigin(ARN, "s3:GetPublicAccessBlock"))
    assert plain(found.ownership) == "BucketOwnerEnforced"
    assert [plain(each) for each in (found.kms_key, found.object_lock_days, found.expiration_days)] == [None] * 3
    assert [plain(each) for each in (found.versioning, found.tls_only)] == [False, False]
    assert found.statements == Inventory()
    assert plain(found.used_by) == []


@pytest.fixture
def hardened(sandbox: Sandbox) -> str:
    stores.bucket(NAME, tags={"team": "ops"})
    stores.bucket("access-logs")
    s3 = stores.client("s3")
    s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(POLICY))
    s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(
        Bucket=NAME,
        LifecycleConfiguration={
            "Rules": [
                {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "sessions/"}, "Expiration": {"Days": 400}},
                {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}},
            ]
        },
    )
    s3.put_bucket_encryption(
        Bucket=NAME,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/logs"}}
            ]
        },
    )
    s3.put_bucket_acl(Bucket="access-logs", ACL="log-delivery-write")
    s3.put_bucket_logging(
        Bucket=NAME,
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "s3/"}},
    )
    stores.document(s3BucketName=NAME, s3KeyPrefix="sessions")
    return sandbox.endpoint


@pytest.mark.usefixtures("hardened")
def test_every_setting_is_read(caller: AwsApi) -> None:
    found = one(caller)
    assert plain(found.encryption) == "aws:kms"
    assert plain(found.kms_key) == "alias/logs"
    assert [plain(each) for each in (found.versioning, found.tls_only)] == [True, True]
    assert plain(found.expiration_days) == 400
    assert plain(found.access_log_bucket) == "access-logs"
    assert [plain(each.sid) for each in found.statements] == ["TlsOnly"]
    assert plain(found.used_by) == [f"arn:aws:ssm:{caller.who.region}:{ACCOUNT}:document/{stores.PREFERENCES}"]


@pytest.mark.usefixtures("hardened")
def test_what_exists_is_held_as_terraform_would_import_it(caller: AwsApi) -> None:
    held = settings(caller)
    assert set(held) == {
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
    }
    assert held["aws_s3_bucket_policy"] == {"Policy": POLICY}
    assert held["aws_s3_bucket_versioning"] == {"Status": "Enabled"}
    bucket = held["aws_s3_bucket"]
    assert isinstance(bucket, dict)
    assert bucket["Tags"] == {"team": "ops"}
    assert [each["Permission"] for each in bucket["Grants"]] == ["FULL_CONTROL"]


def test_object_lock_counts_years_as_days(caller: AwsApi) -> None:
    s3 = stores.client("s3")
    s3.create_bucket(
        Bucket=NAME,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": caller.who.region},
    )
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 2}}}
    s3.put_object_lock_configuration(Bucket=NAME, ObjectLockConfiguration=lock)
    assert plain(one(caller).object_lock_days) == 730
    assert "aws_s3_bucket_object_lock_configuration" in settings(caller)


def test_the_account_blocks_what_the_bucket_leaves_open(caller: AwsApi) -> None:
    stores.bucket(NAME)
    stores.client("s3").delete_public_access_block(Bucket=NAME)
    before = one(caller)
    assert [plain(before.block_public_acls), plain(before.ignore_public_acls)] == [False, False]
    assert "aws_s3_bucket_public_access_block" not in settings(caller)
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
    stores.client("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
    after = one(caller)
    assert after.block_public_acls == Known(True, ApiOrigin(caller.who.root, "s3control:GetPublicAccessBlock"))
    assert plain(after.ignore_public_acls) is False


def test_old_versions_and_grants_of_the_acl(caller: AwsApi) -> None:
    stores.bucket(NAME)
    s3 = stores.client("s3")
    rule = {"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": [rule]})
    assert plain(one(caller).noncurrent_days) == 3
    assert one(caller).acl_grants == Inventory()  # the owner's own is none
    s3.put_bucket_acl(Bucket=NAME, ACL="public-read")
    (grant,) = one(caller).acl_grants
    assert (plain(grant.grantee), plain(grant.permission)) == (
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "READ",
    )


def test_a_bucket_that_is_not_there_does_not_exist(caller: AwsApi) -> None:
    stores.document(s3BucketName="gone-for-good")
    found = read(caller)
    (bucket,) = found.facts
    assert plain(bucket.exists) is False
    assert found.facts.gap is None
    assert (found.holdings, found.owners) == (Inventory(), Inventory())
    assert caller.refused == []


def test_no_bucket_can_have_the_name(caller: AwsApi) -> None:
    stores.document(s3BucketName="not a bucket!")
    (bucket,) = read(caller).facts
    assert plain(bucket.exists) is False


def test_another_accounts_bucket_is_not_this_accounts(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.bucket(NAME)
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="s3", operation="HeadBucket", times=1)])
    assert plain(one(caller).exists) is False
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="s3", operation="HeadBucket")])
    assert plain(one(caller).exists) == Why.DENIED


def test_a_call_that_went_astray_makes_no_bucket_a_strangers(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.bucket(NAME)
    stray = Fault(kind=FaultKind.ERROR, service="s3", operation="HeadBucket", code="Odd", status=400, times=1)
    sandbox.set_faults([stray])
    assert plain(one(caller).exists) == Why.UNAVAILABLE


def test_what_callers_choose_is_not_looked_up(caller: AwsApi) -> None:
    text = json.dumps(
        stores.content(s3BucketName="{{ bucket }}") | {"parameters": {"bucket": {"type": "String", "default": "b"}}}
    )
    stores.written("Own-Choice", text)
    found = read(caller)
    assert found.facts == Inventory()


def test_without_documents_no_bucket_is_looked_for(sandbox: Sandbox, caller: AwsApi) -> None:
    assert read(caller).facts == Inventory()
    assert {each.service for each in sandbox.calls()} == {"ssm"}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("GetBucketEncryption", ("encryption", "kms_key")),
        ("GetBucketVersioning", ("versioning",)),
        ("GetObjectLockConfiguration", ("object_lock_days",)),
        ("GetBucketLifecycleConfiguration", ("expiration_days", "noncurrent_days")),
        ("GetBucketPolicy", ("tls_only",)),
        ("GetBucketOwnershipControls", ("ownership",)),
        ("GetBucketLogging", ("access_log_bucket",)),
    ],
)
@pytest.mark.parametrize("kind", [FaultKind.DENIED, FaultKind.MALFORMED])
@pytest.mark.usefixtures("hardened")
def test_what_is_refused_is_unknown(
    sandbox: Sandbox, caller: AwsApi, kind: FaultKind, operation: str, fields: tuple[str, ...]
) -> None:
    sandbox.set_faults([Fault(kind=kind, service="s3", operation=operation)])
    found = one(caller)
    for name in fields:
        value = getattr(found, name)
        assert isinstance(value, Unknown), (name, value)
        assert f"s3:{operation}" in value.detail + str(value.at)
    assert plain(found.exists) is True


@pytest.mark.usefixtures("hardened")
def test_refused_parts_are_held_as_unknown(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.set_faults(
        [Fault(service="s3", operation="GetBucketPolicy"), Fault(service="s3", operation="GetBucketTagging")]
    )
    found = read(caller)
    held = settings(caller)
    assert held["aws_s3_bucket_policy"] == Why.DENIED
    (owner,) = found.owners
    assert plain(owner.owner) == Why.DENIED


@pytest.mark.usefixtures("hardened")
def test_documents_that_were_not_read_may_use_more_buckets(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.set_faults([Fault(service="ssm", operation="GetDocument")])
    found = read(caller, NAME)
    assert found.facts.gap is not None
    assert found.facts.gap.why is Why.DENIED
    (bucket,) = found.facts
    assert isinstance(bucket.used_by, Unknown)
