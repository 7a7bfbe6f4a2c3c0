"""The buckets that session documents name, and those that the user means to record into."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown, Value, Why
from ssm_hardening.model import Holding, LogBucket, Ownership, SessionDocument
from ssm_hardening.read.converting import items
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Read, answered, names_in, sent, tags_in
from ssm_hardening.read.live.asking import Answered, AwsApi, Missing
from ssm_hardening.read.live.bucket_facts import Answers, fields_of, holdings_of
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.read.live.destinations import can_be_bucket, named, used_by
from ssm_hardening.read.live.owners import owner_of

_NO_BLOCK = ("NoSuchPublicAccessBlockConfiguration",)
_NO_BUCKET = ("404", "NoSuchBucket", "NotFound")

_SETTINGS: Mapping[str, tuple[calls.ApiCall, tuple[str, ...]]] = {
    "encryption": (calls.GET_BUCKET_ENCRYPTION, ("ServerSideEncryptionConfigurationNotFoundError",)),
    "public_access": (calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK, _NO_BLOCK),
    "versioning": (calls.GET_BUCKET_VERSIONING, ()),
    "object_lock": (calls.GET_BUCKET_OBJECT_LOCK, ("ObjectLockConfigurationNotFoundError",)),
    "lifecycle": (calls.GET_BUCKET_LIFECYCLE, ("NoSuchLifecycleConfiguration",)),
    "policy": (calls.GET_BUCKET_POLICY, ("NoSuchBucketPolicy",)),
    "ownership": (calls.GET_BUCKET_OWNERSHIP, ("OwnershipControlsNotFoundError",)),
    "logging": (calls.GET_BUCKET_LOGGING, ()),
    "replication": (calls.GET_BUCKET_REPLICATION, ("ReplicationConfigurationNotFoundError",)),
    "acl": (calls.GET_BUCKET_ACL, ()),
    "tags": (calls.GET_BUCKET_TAGGING, ("NoSuchTagSet",)),
}
"""What is asked about a bucket, and the error codes that mean that nothing is set."""

_EVERYWHERE = "account_public_access"
"""What is asked once about the account, and holds for every bucket."""


@dataclass(frozen=True, slots=True)
class _Bucket:
    """A bucket by its name. `exists` is false where the account holds none of this name."""

    name: str
    arn: str
    exists: Value[bool]
    answers: Answers
    access_points: Value[Items]

    @property
    def tags(self) -> Value[Any]:
        at = ApiOrigin(self.arn, str(calls.GET_BUCKET_TAGGING))
        return tags_in(sent(self.answers["tags"], "TagSet", convert=items), at)


def log_buckets(aws: AwsApi, documents: Inventory[SessionDocument], wanted: WantedStores) -> Read[LogBucket]:
    """Return the buckets that documents name, and those of `wanted`.

    A bucket of which it is known that the account holds none of this name is one that does not exist: it may be gone,
    or a stranger's.
    """
    names = named(documents, lambda document: document.s3_bucket, wanted.log_buckets)
    everywhere = _account_block(aws) if names.items else Absent(_account_block_at(aws))
    found = aws.each(partial(_bucket, aws, everywhere), names.items)
    there = [each for each in found if not _is_gone(each)]
    return Read(
        facts=Inventory(tuple(_fact(each, documents) for each in found), names.gap),
        holdings=Inventory(tuple(held for each in there for held in _holdings(each)), names.gap),
        owners=Inventory(tuple(_owner(each) for each in there), names.gap),
    )


def _is_gone(bucket: _Bucket) -> bool:
    return isinstance(bucket.exists, Known) and not bucket.exists.value


def _account_block_at(aws: AwsApi) -> ApiOrigin:
    return ApiOrigin(aws.who.root, str(calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK))


def _account_block(aws: AwsApi) -> Value[Any]:
    """Return the public access block of the whole account, which adds to that of each bucket."""
    call, account = calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK, {"AccountId": aws.who.account}
    return answered(aws.ask(call, aws.who.root, account, missing=_NO_BLOCK))


def _bucket(aws: AwsApi, everywhere: Value[Any], name: str) -> _Bucket:
    arn = aws.who.arn("s3", name, region=False, account=False)
    exists, region = _head(aws, arn, name)
    if isinstance(exists, Known) and not exists.value:
        return _Bucket(
            name, arn, exists, {setting: Absent(exists.at) for setting in (*_SETTINGS, _EVERYWHERE)}, Absent(exists.at)
        )

    def ask(setting: str) -> Value[Any]:
        call, missing = _SETTINGS[setting]
        return answered(aws.ask(call, arn, _owned(aws, name), missing=missing, region=region))

    told = dict(zip(_SETTINGS, aws.each(ask, tuple(_SETTINGS)), strict=True))
    return _Bucket(name, arn, exists, {**told, _EVERYWHERE: everywhere}, _access_points(aws, arn, name, region))


def _access_points(aws: AwsApi, arn: str, name: str, region: str | None) -> Value[Items]:
    """Return the names of the access points through which the bucket is reached."""
    call = calls.LIST_ACCESS_POINTS
    asked = {"AccountId": aws.who.account, "Bucket": name}
    found = aws.all(call, "AccessPointList", arn, asked, region=region)
    at = ApiOrigin(arn, str(call))
    names = names_in(found, "Name", at)
    return Known(Items(tuple(Known(each, at) for each in names), names.gap), at)


def _owned(aws: AwsApi, name: str) -> Mapping[str, str]:
    """Return what asks about a bucket of this account only."""
    return {"Bucket": name, "ExpectedBucketOwner": aws.who.account}


def _head(aws: AwsApi, arn: str, name: str) -> tuple[Value[bool], str | None]:
    """Return whether the account holds a bucket of this name, and its Region.

    S3 refuses to speak of another account's bucket as it refuses who has no right to one's own. Where it answers as
    soon as no owner is demanded, the bucket is another account's.
    """
    if not can_be_bucket(name):
        return Known(False, ApiOrigin(arn, str(calls.HEAD_BUCKET))), None
    answer = aws.ask(calls.HEAD_BUCKET, arn, _owned(aws, name), missing=_NO_BUCKET)
    match answer:
        case Answered(data, at):
            return Known(True, at), _region(data, aws)
        case Missing(at):
            return Known(False, at), None
        case Unknown(why) as gap if why is not Why.DENIED:
            return gap, None
        case Unknown() as gap:
            anybodys = aws.ask(calls.HEAD_BUCKET, arn, {"Bucket": name}, missing=_NO_BUCKET)
            return (Known(False, anybodys.at) if isinstance(anybodys, Answered) else gap), None


def _region(data: Mapping[str, Any], aws: AwsApi) -> str | None:
    region = data.get("BucketRegion")
    return region if isinstance(region, str) and region != aws.who.region else None


def _fact(bucket: _Bucket, documents: Inventory[SessionDocument]) -> LogBucket:
    origin = ApiOrigin(bucket.arn, str(calls.HEAD_BUCKET))
    users = used_by(bucket.name, documents, lambda document: document.s3_bucket, origin)
    prefixes = [each.s3_key_prefix for each in documents if _may_write(each.s3_bucket, bucket.name)]
    return LogBucket(
        address=bucket.arn,
        declaration=bucket.arn,
        origin=origin,
        name=Known(bucket.name, origin),
        exists=bucket.exists,
        used_by=users,
        access_points=bucket.access_points,
        **fields_of(bucket.answers, bucket.name, prefixes),
    )


def _may_write(destination: Value[Any], name: str) -> bool:
    match destination:
        case Known(text):
            return bool(text == name)
        case Absent():
            return False
        case Unknown():
            return True


def _holdings(bucket: _Bucket) -> tuple[Holding, ...]:
    return holdings_of(bucket.arn, bucket.name, bucket.answers, bucket.tags)


def _owner(bucket: _Bucket) -> Ownership:
    return owner_of(bucket.arn, bucket.name, bucket.tags)
