import json

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.model import Key
from ssm_hardening.read.live.answers import Read
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.buckets import log_buckets
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.read.live.documents import session_documents
from ssm_hardening.read.live.keys import keys
from ssm_hardening.read.live.log_groups import log_groups
from ssm_hardening.sandbox.faults import Fault
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import stores
from tests.read.live.reading import plain

DOCUMENT = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/"


def read(caller: AwsApi) -> Read[Key]:
    documents = session_documents(caller).facts
    buckets = log_buckets(caller, documents, WantedStores()).facts
    return keys(caller, documents, buckets, log_groups(caller, documents, WantedStores()).facts)


def test_a_key_by_any_of_its_names_is_one_key(caller: AwsApi) -> None:
    arn = stores.key("alias/sessions", tags={"team": "ops"}, Description="sessions")
    stores.client("kms").enable_key_rotation(KeyId=arn)
    id_ = arn.rpartition("/")[2]
    stores.document("By-Arn", kmsKeyId=arn)
    stores.document("By-Id", kmsKeyId=id_)
    stores.document("By-Alias", kmsKeyId="alias/sessions")
    stores.document("By-Alias-Arn", kmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/sessions")
    found = read(caller)
    (key,) = found.facts
    assert (key.address, plain(key.name), plain(key.exists)) == (arn, id_, True)
    assert [plain(each) for each in (key.enabled, key.rotation)] == [True, True]
    assert [plain(each) for each in (key.usage, key.spec)] == ["ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"]
    assert key.deletion_window_days == Known(30, ApiOrigin(arn, "kms:DescribeKey"), defaulted=True)
    assert key.aliases == Inventory(("alias/sessions",))
    assert key.statements.gap is None
    assert len(key.statements) == 1
    names = ("By-Alias", "By-Alias-Arn", "By-Arn", "By-Id")
    assert plain(key.used_by) == [f"{DOCUMENT}{name}" for name in names]


def test_what_could_be_imported(caller: AwsApi) -> None:
    arn = stores.key("alias/sessions", tags={"team": "ops"})
    stores.document(kmsKeyId=arn)
    found = read(caller)
    held = {each.type: each for each in found.holdings}
    assert set(held) == {"aws_kms_key", "aws_kms_alias"}
    assert held["aws_kms_key"].import_id == arn.rpartition("/")[2]
    assert held["aws_kms_alias"].import_id == "alias/sessions"
    settings = plain(held["aws_kms_key"].settings)
    assert isinstance(settings, dict)
    assert settings["KeyMetadata"]["Arn"] == arn
    assert settings["Tags"] == {"team": "ops"}
    assert settings["Policy"]["Statement"]
    assert settings["Rotation"]["KeyRotationEnabled"] is False
    assert [plain(each.owner) for each in found.owners] == [None]


def test_keys_of_stores(caller: AwsApi) -> None:
    logs, stored = stores.key(), stores.key()
    stores.group("sessions", key=logs)
    stores.bucket("session-logs")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": stored}}
    stores.client("s3").put_bucket_encryption(
        Bucket="session-logs", ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    stores.document(s3BucketName="session-logs", cloudWatchLogGroupName="sessions")
    used = {each.address: plain(each.used_by) for each in read(caller).facts}
    assert used == {
        logs: [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:sessions"],
        stored: ["arn:aws:s3:::session-logs"],
    }


def test_keys_that_cannot_be_used(caller: AwsApi) -> None:
    off, doomed = stores.key(), stores.key()
    stores.client("kms").disable_key(KeyId=off.rpartition("/")[2])
    stores.client("kms").schedule_key_deletion(KeyId=doomed.rpartition("/")[2], PendingWindowInDays=7)
    stores.document("Off", kmsKeyId=off)
    stores.document("Doomed", kmsKeyId=doomed)
    found = {each.address: each for each in read(caller).facts}
    assert [plain(found[each].enabled) for each in (off, doomed)] == [False, False]
    assert plain(found[doomed].deletion_window_days) == Why.OUT_OF_SCOPE


@pytest.mark.parametrize("name", ["alias/gone", "12345678-1234-1234-1234-123456789012"])
def test_a_key_that_is_not_there_does_not_exist(caller: AwsApi, name: str) -> None:
    stores.document(kmsKeyId=name)
    found = read(caller)
    (key,) = found.facts
    assert (plain(key.name), plain(key.exists)) == (name, False)
    assert plain(key.used_by) == [f"{DOCUMENT}{stores.PREFERENCES}"]
    assert found.facts.gap is None
    assert found.holdings == Inventory()


def test_keys_that_aws_manages_are_left_out(caller: AwsApi) -> None:
    stores.document(kmsKeyId="alias/aws/s3")
    assert read(caller).facts == Inventory()


def test_another_accounts_key_is_a_gap(caller: AwsApi) -> None:
    stores.document(kmsKeyId=f"arn:aws:kms:{REGION}:210987654321:key/12345678-1234-1234-1234-123456789012")
    found = read(caller).facts
    assert found.items == ()
    assert found.gap is not None
    assert found.gap.why is Why.OUT_OF_SCOPE
    assert "210987654321" in found.gap.detail


@pytest.mark.parametrize(
    ("operation", "fields"),
    [("GetKeyRotationStatus", ("rotation",)), ("GetKeyPolicy", ("statements",)), ("ListAliases", ("aliases",))],
)
def test_what_is_refused_is_unknown(sandbox: Sandbox, caller: AwsApi, operation: str, fields: tuple[str, ...]) -> None:
    stores.document(kmsKeyId=stores.key())
    sandbox.set_faults([Fault(service="kms", operation=operation)])
    (key,) = read(caller).facts
    for name in fields:
        value = getattr(key, name)
        gap = value.gap if isinstance(value, Inventory) else value
        assert isinstance(gap, Unknown)
        assert f"kms:{operation}" in gap.detail


def test_a_key_that_may_not_be_described_is_a_gap(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.document(kmsKeyId=stores.key())
    sandbox.set_faults([Fault(service="kms", operation="DescribeKey")])
    found = read(caller).facts
    assert found.items == ()
    assert found.gap is not None
    assert found.gap.why is Why.DENIED


def test_the_policy_is_read_statement_by_statement(caller: AwsApi) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"},
        ],
    }
    stores.document(kmsKeyId=stores.key(Policy=json.dumps(policy)))
    (key,) = read(caller).facts
    (statement,) = key.statements
    assert (plain(statement.sid), plain(statement.principals)) == ("Root", {"AWS": ["*"]})
    assert isinstance(statement.conditions, Absent)
