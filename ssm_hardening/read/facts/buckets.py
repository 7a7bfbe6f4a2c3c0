"""Buckets, however their settings are spread: resources of their own, or inline blocks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from ssm_hardening.core.logic import ask, flag, some
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.resource_policies import denies_plaintext
from ssm_hardening.model import Fact, LogBucket
from ssm_hardening.read.converting import by_branch, default, or_else
from ssm_hardening.read.facts.arguments import named_fact, nested, number_in, read_each, switch_in, text_in
from ssm_hardening.read.facts.attachments import (
    Attachment,
    Reader,
    attachments,
    gathered,
    policy_statements,
    said,
    settled,
)
from ssm_hardening.read.facts.bucket_acls import ACCOUNT_BLOCK, AccountOf, acl_doubt, acl_grants, blocked
from ssm_hardening.read.facts.index import does_not_exist
from ssm_hardening.read.graph import Config, Resource, Root
from ssm_hardening.read.selection import Expiry, ExpiryRule, Prefixes, expiry, noncurrent_expiry, shortest

T = TypeVar("T")

TYPE = "aws_s3_bucket"
ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
PUBLIC_ACCESS = "aws_s3_bucket_public_access_block"
VERSIONING = "aws_s3_bucket_versioning"
OBJECT_LOCK = "aws_s3_bucket_object_lock_configuration"
OWNERSHIP = "aws_s3_bucket_ownership_controls"
LOGGING = "aws_s3_bucket_logging"
ACL = "aws_s3_bucket_acl"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
POLICY = "aws_s3_bucket_policy"
REPLICATION = "aws_s3_bucket_replication_configuration"
ACCESS_POINT = "aws_s3_access_point"

SOURCES = (
    *(LOGGING, OBJECT_LOCK, OWNERSHIP, PUBLIC_ACCESS, ENCRYPTION, VERSIONING, ACL, LIFECYCLE, POLICY),
    *(REPLICATION, ACCESS_POINT),
)
"""The resources that say something of a bucket; a bucket may be named by one of them (`read.graph`)."""

_BY_DEFAULT = ("rule", "apply_server_side_encryption_by_default")
_INLINE_ENCRYPTION = ("server_side_encryption_configuration", *_BY_DEFAULT)
_RETENTION = ("rule", "default_retention")

PrefixesOf: TypeAlias = Callable[[Fact], Prefixes]


def buckets_of(root: Root, prefixes_of: PrefixesOf, account_of: AccountOf) -> Inventory[tuple[Resource, LogBucket]]:
    """Return every bucket with the resource that declares it, used by nobody yet.

    `prefixes_of` tells under which prefixes session logs are written to a bucket, `account_of` whose account it is of.
    """
    split = {source: attachments(root.resources(source), "bucket") for source in SOURCES}
    blocks = tuple(each for each in root.resources(ACCOUNT_BLOCK) if not does_not_exist(each.exists))

    def read(each: Resource) -> LogBucket:
        fact = named_fact(each, "bucket")
        found = {source: attached.of(fact) for source, attached in split.items()}
        return _bucket(fact, _Bucket(each, found, blocks, account_of), prefixes_of)

    return read_each(root.resources(TYPE), read)


def _bucket(fact: Fact, bucket: "_Bucket", prefixes_of: PrefixesOf) -> LogBucket:
    resource = bucket.resource
    statements = policy_statements(resource.config.get("policy"), bucket.found[POLICY])
    admits = acl_doubt(resource.config, bucket.found[ACL])
    return LogBucket(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        encryption=bucket.setting(
            ENCRYPTION,
            _text(*_BY_DEFAULT, "sse_algorithm"),
            _text(*_INLINE_ENCRYPTION, "sse_algorithm"),
            silent="AES256",
            fallback=bucket.default("AES256"),
        ),
        kms_key=bucket.setting(
            ENCRYPTION, _text(*_BY_DEFAULT, "kms_master_key_id"), _text(*_INLINE_ENCRYPTION, "kms_master_key_id")
        ),
        block_public_acls=bucket.public_access("block_public_acls", admits),
        block_public_policy=bucket.public_access("block_public_policy"),
        ignore_public_acls=bucket.public_access("ignore_public_acls", admits),
        restrict_public_buckets=bucket.public_access("restrict_public_buckets"),
        versioning=bucket.setting(
            VERSIONING, _status, _switch("versioning", "enabled"), silent=False, fallback=_versioning_of_new(bucket)
        ),
        object_lock_days=bucket.setting(
            OBJECT_LOCK, _lock_days(*_RETENTION), _lock_days("object_lock_configuration", *_RETENTION)
        ),
        ownership=bucket.setting(
            OWNERSHIP,
            _text("rule", "object_ownership"),
            fallback=bucket.default("BucketOwnerEnforced") if admits is None else admits,
        ),
        access_log_bucket=bucket.setting(LOGGING, _text("target_bucket"), _text("logging", "target_bucket")),
        statements=statements,
        tls_only=denies_plaintext(statements, resource.at, name=fact.name),
        expiration_days=_shortest_of(bucket, prefixes_of(fact), expiry),
        acl_grants=acl_grants(resource.config, bucket.found[ACL]),
        noncurrent_days=_shortest_of(bucket, prefixes_of(fact), noncurrent_expiry),
        used_by=Known(Items(()), resource.at),
        replicates_to=_replicas(bucket),
        access_points=gathered(said(bucket.found[ACCESS_POINT], _text("name")), resource.at),
    )


def _text(*path: str) -> Reader[Text]:
    return lambda config: text_in(config, *path)


def _switch(*path: str) -> Reader[bool]:
    return lambda config: switch_in(config, *path)


@dataclass(frozen=True, slots=True)
class _Bucket:
    """A bucket, by their type the resources that say something of it, and the public access blocks of accounts."""

    resource: Resource
    found: Mapping[str, Inventory[Attachment]]
    blocks: tuple[Resource, ...]
    account_of: AccountOf

    def setting(
        self,
        source: str,
        split: Reader[T],
        inline: Reader[T] | None = None,
        *,
        silent: T | None = None,
        fallback: Value[T] | None = None,
    ) -> Value[T]:
        """Return a setting, which `split` reads from resources of the type `source`, `inline` from the bucket itself.

        `silent` holds where one of them is there and says nothing of it, `fallback` where nobody declares it at all.
        """
        nothing = Absent(self.resource.at)
        return settled(
            self.found[source],
            split if silent is None else lambda config: default(split(config), silent),
            inline=nothing if inline is None else inline(self.resource.config),
            fallback=nothing if fallback is None else fallback,
        )

    def default(self, content: T) -> Known[T]:
        """Return what S3 does where nobody declares a setting."""
        return Known(content, self.resource.at, defaulted=True)

    def public_access(self, name: str, doubt: Unknown | None = None) -> Value[bool]:
        """Return whether S3 blocks public access in this way; `doubt` says why it may not do so by itself."""
        fallback = self.default(True) if doubt is None else doubt
        own = self.setting(PUBLIC_ACCESS, _switch(name), silent=False, fallback=fallback)
        return blocked(own, name, self.account_of(self.resource), self.blocks, self.account_of)


def _status(config: Config) -> Value[bool]:
    """Return whether versioning is enabled; suspended is not."""
    return by_branch(text_in(config, "versioning_configuration", "status"), _is_enabled)


def _is_enabled(status: Known[Text]) -> Value[bool]:
    if status.value in ("Enabled", "Suspended", "Disabled"):
        return Known(status.value == "Enabled", status.at)
    return Unknown(Why.COMPUTED, status.at, f"status {status.value}")


def _versioning_of_new(bucket: _Bucket) -> Value[bool]:
    """Return whether versioning is on where nothing says so: Object Lock works on versioned buckets only.

    A bucket that is created with it, as an argument or a deprecated block may say, is created with versioning; one that
    gets its configuration later must have versioning before.
    """
    assumed, config = bucket.default(False), bucket.resource.config
    inline = text_in(config, "object_lock_configuration", "object_lock_enabled")
    later = settled(
        bucket.found[OBJECT_LOCK], lambda each: Known(True, each.at), inline=Absent(assumed.at), fallback=assumed
    )
    locked = (
        flag(switch_in(config, "object_lock_enabled"), absent=False),
        ask(inline, lambda text: text == "Enabled", absent=False),
        flag(later, absent=False),
    )
    return by_branch(some(locked, assumed.at), lambda known: Known(known.value, known.at, defaulted=True))


def _lock_days(*path: str) -> Reader[int]:
    """Return the default retention in days; a year has 365."""

    def read(config: Config) -> Value[int]:
        years = number_in(config, *path, "years")
        return or_else(
            number_in(config, *path, "days"), by_branch(years, lambda known: Known(known.value * 365, known.at))
        )

    return read


def _replicas(bucket: _Bucket) -> Value[Items]:
    """Return the ARNs of the buckets that enabled rules copy objects to, inline rules among them."""
    inline, found = bucket.resource.config.blocks("replication_configuration"), bucket.found[REPLICATION]
    parts = [each for block in inline for each in _destinations(block, "rules")]
    for each in found:
        parts += [each.doubt] if each.doubt is not None else _destinations(each.resource.config, "rule")
    return gathered(parts, bucket.resource.at, gap=inline.gap if found.gap is None else found.gap)


def _destinations(config: Config, block_type: str) -> list[Value[Text]]:
    rules = config.blocks(block_type)
    found = [text_in(each, "destination", "bucket") for each in rules if not _is_off(each)]
    return found if rules.gap is None else [*found, rules.gap]


def _is_off(rule: Config) -> bool:
    status = rule.get("status")
    return isinstance(status, Known) and status.value == "Disabled"


_FILTERS = ("tag", "and", "object_size_greater_than", "object_size_less_than")


_Expires: TypeAlias = Callable[[ExpiryRule, Prefixes], Expiry | None]


def _shortest_of(bucket: _Bucket, prefixes: Prefixes, expires: _Expires) -> Value[int]:
    """Return the shortest expiry that reaches session logs, by rules of their own resource or inline."""
    return bucket.setting(
        LIFECYCLE,
        lambda config: _shortest(config, "rule", lambda rule: expires(_split_rule(rule), prefixes)),
        lambda config: _shortest(config, "lifecycle_rule", lambda rule: expires(_inline_rule(rule), prefixes)),
    )


def _shortest(config: Config, block_type: str, read: Callable[[Config], Expiry | None]) -> Value[int]:
    rules = config.blocks(block_type)
    return shortest(map(read, rules), Absent(config.at)) if rules.gap is None else rules.gap


_NONCURRENT = "noncurrent_version_expiration"


def _split_rule(rule: Config) -> ExpiryRule:
    return ExpiryRule(
        enabled=by_branch(text_in(rule, "status"), lambda known: Known(known.value == "Enabled", known.at)),
        days=number_in(rule, "expiration", "days"),
        date=nested(rule, "expiration", "date"),
        noncurrent=number_in(rule, _NONCURRENT, "noncurrent_days"),
        newest=number_in(rule, _NONCURRENT, "newer_noncurrent_versions"),
        prefix=_split_prefix(rule),
        narrower=_narrower(rule),
    )


def _split_prefix(rule: Config) -> Value[Text]:
    """Return the prefix, wherever the rule writes it."""
    value: Value[Text] = Absent(rule.at)
    for path in (("filter", "prefix"), ("filter", "and", "prefix"), ("prefix",)):
        if isinstance(value, Absent):
            value = text_in(rule, *path)
    return value


def _narrower(rule: Config) -> Unknown | None:
    """Say what but the prefix may keep a rule from session logs."""
    filters = rule.blocks("filter")
    if filters.gap is not None:
        return filters.gap
    for each in filters:
        for name in _FILTERS:
            blocks = each.blocks(name)
            if blocks.items or blocks.gap is not None or not isinstance(each.get(name), Absent):
                return Unknown(Why.UNSUPPORTED, each.at, f"a rule with the filter {name}")
    return None


def _inline_rule(rule: Config) -> ExpiryRule:
    tags = rule.get("tags")
    return ExpiryRule(
        enabled=switch_in(rule, "enabled"),
        days=number_in(rule, "expiration", "days"),
        date=nested(rule, "expiration", "date"),
        noncurrent=number_in(rule, _NONCURRENT, "days"),
        newest=Absent(rule.at),
        prefix=text_in(rule, "prefix"),
        narrower=None if isinstance(tags, Absent) else Unknown(Why.UNSUPPORTED, tags.at, "a rule with a tag filter"),
    )
