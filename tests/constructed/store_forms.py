"""The log bucket and the log group of sessions: how their settings are written, and what they say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.constructed.axes import never
from tests.constructed.covering import Design
from tests.constructed.places import HERE, HOME, OWNER, PROVIDER
from tests.constructed.stores import BUCKET
from tests.constructed.writing import Statement, allow, block, policy, preferences, resource, setting

GROUP = "/sessions/records"


class Written(StrEnum):
    """Where the settings of the bucket are, and how they name it."""

    INLINE = "in the bucket's own block"
    ID = "apart, by the bucket's id"
    NAME = "apart, by the bucket's name"
    LITERAL = "apart, by a literal"
    CHAIN = "apart, by another setting's id"
    CHAIN_NAME = "apart, by another setting's bucket"


class Blocks(StrEnum):
    """The public access block."""

    ON = "public access blocked"
    OFF = "public access not blocked"
    PARTLY = "public access blocked but for one setting"
    UNSET = "public access block not set"


class Acl(StrEnum):
    """The access control list of the bucket."""

    UNSET = "ACL not set"
    PRIVATE = "ACL private"
    PUBLIC = "ACL public-read"
    EVERYBODY = "ACL with a grant to everybody"
    FOREIGN = "ACL with a grant to another account"


class Ownership(StrEnum):
    """Who owns what is uploaded."""

    ENFORCED = "owner enforced"
    PREFERRED = "owner preferred"
    UNSET = "ownership not set"


class Versions(StrEnum):
    """What becomes of what is overwritten."""

    ENABLED = "versions kept"
    SUSPENDED = "versions suspended"
    LOCKED = "Object Lock"
    UNSET = "versioning not set"


class Expiry(StrEnum):
    """When recordings expire."""

    LONG = "expiry after 400 days"
    SHORT = "expiry after 30 days"
    HASTY = "old versions expire after a day"
    PREFIXES = "expiry by prefix, late for recordings"
    OTHERS = "expiry of another prefix"
    DISABLED = "expiry disabled"
    UNSET = "no expiry"


class Encryption(StrEnum):
    """The default encryption of the bucket."""

    UNSET = "bucket encryption not set"
    KMS = "bucket encryption with KMS"
    DUAL = "bucket encryption with two layers"


class Class(StrEnum):
    """The class of the log group."""

    UNSET = "class not set"
    STANDARD = "class STANDARD"
    INFREQUENT = "class INFREQUENT_ACCESS"
    DELIVERY = "class DELIVERY"


class Retention(StrEnum):
    """How long the log group keeps recordings."""

    LONG = "retention of 400 days"
    SHORT = "retention of 7 days"
    FOREVER = "retention of 0 days"
    UNSET = "retention not set"


class Key(StrEnum):
    """Whether the log group has a key."""

    OWN = "group with a key"
    NONE = "group without a key"


class Switch(StrEnum):
    """What the preferences say of the log group's encryption, and of the bucket's."""

    ON = "encryption asked for"
    OFF = "encryption not asked for"
    UNSET = "encryption not mentioned"


class Readers(StrEnum):
    """What a resource policy of CloudWatch Logs allows."""

    UNSET = "no policy of logs"
    EVERYBODY = "policy of logs for everybody"
    ORGANIZATION = "policy of logs for the organization"
    SERVICE = "policy of logs for a service"
    OTHERS = "policy of logs for everybody, on another group"


@dataclass(frozen=True, slots=True)
class StoreForm:
    """One value of each axis."""

    written: Written
    blocks: Blocks
    acl: Acl
    ownership: Ownership
    versions: Versions
    expiry: Expiry
    encryption: Encryption
    group_class: Class
    retention: Retention
    key: Key
    switch: Switch
    readers: Readers


DESIGN = Design(
    StoreForm,
    (never("buckets whose owner is enforced take no ACL of others", [Ownership.ENFORCED], [Acl.FOREIGN]),),
)

_BUCKET = {
    Written.INLINE: "aws_s3_bucket.records.id",
    Written.ID: "aws_s3_bucket.records.id",
    Written.NAME: "aws_s3_bucket.records.bucket",
    Written.LITERAL: f'"{BUCKET}"',
    Written.CHAIN: "aws_s3_bucket_policy.records.id",
    Written.CHAIN_NAME: "aws_s3_bucket_policy.records.bucket",
}
_PLAIN = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
_OWN = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
_TLS: Statement = {**allow("s3:*", _OWN), "Effect": "Deny", "Principal": "*", **_PLAIN}
_RULES: Mapping[Expiry, tuple[tuple[str, int, int | None, bool], ...]] = {
    Expiry.LONG: (("", 400, None, True),),
    Expiry.SHORT: (("", 30, None, True),),
    Expiry.HASTY: (("", 400, 1, True),),
    Expiry.PREFIXES: (("sessions/", 400, None, True), ("scratch/", 30, None, True)),
    Expiry.OTHERS: (("scratch/", 30, None, True),),
    Expiry.DISABLED: (("", 30, None, False),),
    Expiry.UNSET: (),
}
"""Of each lifecycle rule the prefix, the days, those of old versions, and whether it is enabled."""

_CANNED = {Acl.PRIVATE: "private", Acl.PUBLIC: "public-read"}
_GRANTEES = {
    Acl.EVERYBODY: (setting("type", "Group"), setting("uri", "http://acs.amazonaws.com/groups/global/AllUsers")),
    Acl.FOREIGN: (setting("type", "CanonicalUser"), setting("id", "b2" * 32)),
}
_KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
_LOGS = f"arn:aws:logs:{HOME}:{OWNER}:log-group:"
_EVERYBODY: Statement = {**allow("logs:*"), "Principal": "*"}
_DELIVERY = {"Service": "delivery.logs.amazonaws.com"}
_READING: Mapping[Readers, Statement] = {
    Readers.EVERYBODY: _EVERYBODY,
    Readers.ORGANIZATION: {**_EVERYBODY, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
    Readers.SERVICE: {**allow(["logs:PutLogEvents"], f"{_LOGS}{GROUP}:*"), "Principal": _DELIVERY},
    Readers.OTHERS: {**_EVERYBODY, "Resource": [f"{_LOGS}/aws/lambda/shop", f"{_LOGS}/aws/lambda/shop:*"]},
}


def files(case: StoreForm) -> Mapping[str, bytes]:
    """Return the content of each file, by path."""
    return {"main.tf": ("\n\n".join((PROVIDER, _document(case), *_bucket(case), *_group(case))) + "\n").encode()}


def _document(case: StoreForm) -> str:
    switch = {Switch.ON: "true", Switch.OFF: "false", Switch.UNSET: ""}[case.switch]
    inputs = (
        "s3BucketName = aws_s3_bucket.records.id",
        setting("s3KeyPrefix", "sessions"),
        switch and f"s3EncryptionEnabled = {switch}",
        "cloudWatchLogGroupName = aws_cloudwatch_log_group.records.name",
        switch and f"cloudWatchEncryptionEnabled = {switch}",
    )
    return preferences("preferences", HERE, *inputs)


def _bucket(case: StoreForm) -> Iterator[str]:
    locked = ["object_lock_enabled = true"] if case.versions is Versions.LOCKED else []
    own = _inline(case) if case.written is Written.INLINE else locked
    yield resource("aws_s3_bucket", "records", HERE, setting("bucket", BUCKET), *own)
    bucket = f"bucket = {_BUCKET[case.written]}"
    if case.written is not Written.INLINE:
        first = _BUCKET[Written.ID if case.written.startswith("apart, by another") else case.written]
        yield resource("aws_s3_bucket_policy", "records", HERE, f"bucket = {first}", f"policy = {policy(_TLS)}")
        yield from _apart(case)
    if case.blocks is not Blocks.UNSET:
        names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        on = {Blocks.ON: names, Blocks.PARTLY: names[:3], Blocks.OFF: ()}[case.blocks]
        lines = (f"{name} = {str(name in on).lower()}" for name in names)
        yield resource("aws_s3_bucket_public_access_block", "records", HERE, bucket, *lines)
    if case.ownership is not Ownership.UNSET:
        kind = "BucketOwnerEnforced" if case.ownership is Ownership.ENFORCED else "BucketOwnerPreferred"
        rule = block("rule", setting("object_ownership", kind))
        yield resource("aws_s3_bucket_ownership_controls", "records", HERE, bucket, rule)


def _inline(case: StoreForm) -> Iterator[str]:
    """Yield the settings as arguments and blocks of the bucket, as before version 4 of the provider."""
    yield f"policy = {policy(_TLS)}"
    yield from _inline_acl(case)
    if case.versions in {Versions.ENABLED, Versions.SUSPENDED}:
        yield block("versioning", f"enabled = {str(case.versions is Versions.ENABLED).lower()}")
    if case.versions is Versions.LOCKED:
        default = block("rule", _RETENTION)
        yield block("object_lock_configuration", setting("object_lock_enabled", "Enabled"), default)
    for number, (prefix, days, old, is_enabled) in enumerate(_RULES[case.expiry]):
        lines = [setting("id", f"rule-{number}"), f"enabled = {str(is_enabled).lower()}"]
        lines += [setting("prefix", prefix) if prefix else "", block("expiration", f"days = {days}")]
        yield block("lifecycle_rule", *lines, block("noncurrent_version_expiration", f"days = {old}") if old else "")
    yield from _encryption(case, "server_side_encryption_configuration")


_RETENTION = block("default_retention", setting("mode", "GOVERNANCE"), "days = 400")


def _inline_acl(case: StoreForm) -> Iterator[str]:
    if case.acl in _CANNED:
        yield setting("acl", _CANNED[case.acl])
    if case.acl in _GRANTEES:
        yield block("grant", *_GRANTEES[case.acl], 'permissions = ["READ"]')


def _encryption(case: StoreForm, head: str) -> Iterator[str]:
    if case.encryption is not Encryption.UNSET:
        algorithm = "aws:kms" if case.encryption is Encryption.KMS else "aws:kms:dsse"
        default = block("apply_server_side_encryption_by_default", setting("sse_algorithm", algorithm))
        yield block(head, block("rule", default)) if head else block("rule", default)


def _apart(case: StoreForm) -> Iterator[str]:
    bucket = f"bucket = {_BUCKET[case.written]}"
    if case.acl is not Acl.UNSET:
        yield resource("aws_s3_bucket_acl", "records", HERE, bucket, _acl(case))
    if case.versions is not Versions.UNSET:
        status = setting("status", "Suspended" if case.versions is Versions.SUSPENDED else "Enabled")
        yield resource("aws_s3_bucket_versioning", "records", HERE, bucket, block("versioning_configuration", status))
    if case.versions is Versions.LOCKED:
        yield resource("aws_s3_bucket_object_lock_configuration", "records", HERE, bucket, block("rule", _RETENTION))
    if case.expiry is not Expiry.UNSET:
        yield resource("aws_s3_bucket_lifecycle_configuration", "records", HERE, bucket, *_lifecycle(case))
    for rule in _encryption(case, ""):
        yield resource("aws_s3_bucket_server_side_encryption_configuration", "records", HERE, bucket, rule)


def _acl(case: StoreForm) -> str:
    if case.acl in _CANNED:
        return setting("acl", _CANNED[case.acl])
    grant = block("grant", block("grantee", *_GRANTEES[case.acl]), setting("permission", "READ"))
    return block("access_control_policy", grant, block("owner", setting("id", "a1" * 32)))


def _lifecycle(case: StoreForm) -> Iterator[str]:
    for number, (prefix, days, old, is_enabled) in enumerate(_RULES[case.expiry]):
        status = setting("status", "Enabled" if is_enabled else "Disabled")
        filtered = block("filter", setting("prefix", prefix) if prefix else "")
        stale = block("noncurrent_version_expiration", f"noncurrent_days = {old}") if old else ""
        expiration = block("expiration", f"days = {days}")
        yield block("rule", setting("id", f"rule-{number}"), status, filtered, expiration, stale)


def _group(case: StoreForm) -> Iterator[str]:
    days = {Retention.LONG: 400, Retention.SHORT: 7, Retention.FOREVER: 0}
    lines = (
        setting("name", GROUP),
        setting("log_group_class", case.group_class.split()[1]) if case.group_class is not Class.UNSET else "",
        f"retention_in_days = {days[case.retention]}" if case.retention in days else "",
        setting("kms_key_id", f"arn:aws:kms:{HOME}:{OWNER}:key/{_KEY}") if case.key is Key.OWN else "",
    )
    yield resource("aws_cloudwatch_log_group", "records", HERE, *lines)
    if case.readers in _READING:
        text = f"policy_document = {policy(_READING[case.readers])}"
        yield resource("aws_cloudwatch_log_resource_policy", "logs", HERE, setting("policy_name", "logs"), text)
