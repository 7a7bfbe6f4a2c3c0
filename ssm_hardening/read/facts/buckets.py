"""Buckets, however their settings are spread: resources of their own, or inline blocks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Unknown, Value, Why
from ssm_hardening.iam.resource_policies import denies_plaintext
from ssm_hardening.model import Fact, LogBucket
from ssm_hardening.read.facts import lifecycle
from ssm_hardening.read.facts.arguments import argument_text, default, either, mapped, name_of, nested, number, switch
from ssm_hardening.read.facts.attachments import (
    Attachment,
    Attachments,
    Reader,
    attachments,
    policy_statements,
    settled,
)
from ssm_hardening.read.facts.gathering import gathered, said
from ssm_hardening.read.graph import Config, Resource, Root

_S3 = "aws_s3_bucket_"
ENCRYPTION = _S3 + "server_side_encryption_configuration"
PUBLIC_ACCESS = _S3 + "public_access_block"
VERSIONING = _S3 + "versioning"
OBJECT_LOCK = _S3 + "object_lock_configuration"
OWNERSHIP = _S3 + "ownership_controls"
LOGGING = _S3 + "logging"
ACL = _S3 + "acl"

_BY_DEFAULT = ("rule", "apply_server_side_encryption_by_default")
_RETENTION = ("rule", "default_retention")
_PRIVATE = frozenset({"private", "log-delivery-write", "bucket-owner-read", "bucket-owner-full-control"})


def _text(*path: str) -> Reader:
    return lambda config: argument_text(nested(config, *path), path[-1])


def _switch(*path: str) -> Reader:
    return lambda config: switch(nested(config, *path), path[-1])


def _nothing(config: Config) -> Value[Any]:
    return Absent(config.at)


def _status(config: Config) -> Value[Any]:
    """Return whether versioning is enabled; suspended is not."""
    status = _text("versioning_configuration", "status")(config)
    return mapped(status, partial(_one_of_two, yes={"Enabled"}, no={"Suspended", "Disabled"}))


def _one_of_two(known: Known[Any], *, yes: set[str], no: set[str]) -> Value[Any]:
    match known.value:
        case str() as status if status in yes | no:
            return Known(status in yes, known.at)
        case other:
            return Unknown(Why.COMPUTED, known.at, f"status {other}")


def _lock_days(*path: str) -> Reader:
    """Return the default retention in days; a year has 365."""

    def read(config: Config) -> Value[Any]:
        days = number(nested(config, *path, "days"), "days")
        years = number(nested(config, *path, "years"), "years")
        in_years = mapped(years, lambda known: Known(known.value * 365, known.at))
        return mapped(days, lambda known: known, absent=lambda _: in_years)

    return read


@dataclass(frozen=True, slots=True)
class _Setting:
    """One fact of a bucket.

    `split` reads it from the resource of type `source`, `inline` from the bucket. `silent` holds where one of them is
    there and says nothing of it, `fallback` where nobody declares it at all.
    """

    source: str
    split: Reader
    inline: Reader = _nothing
    silent: str | bool | None = None
    fallback: str | bool | None = None

    def of(self, bucket: Resource, found: Inventory[Attachment], fallback: Value[Any]) -> Value[Any]:
        return settled(found, self._read, inline=self.inline(bucket.config), fallback=fallback)

    def _read(self, config: Config) -> Value[Any]:
        value = self.split(config)
        return value if self.silent is None else default(value, self.silent)


def _public(name: str) -> _Setting:
    return _Setting(PUBLIC_ACCESS, _switch(name), silent=False, fallback=True)


_INLINE_ENCRYPTION = ("server_side_encryption_configuration", *_BY_DEFAULT)

_SETTINGS: Mapping[str, _Setting] = {
    "encryption": _Setting(
        ENCRYPTION,
        _text(*_BY_DEFAULT, "sse_algorithm"),
        _text(*_INLINE_ENCRYPTION, "sse_algorithm"),
        silent="AES256",
        fallback="AES256",
    ),
    "kms_key": _Setting(
        ENCRYPTION, _text(*_BY_DEFAULT, "kms_master_key_id"), _text(*_INLINE_ENCRYPTION, "kms_master_key_id")
    ),
    "block_public_acls": _public("block_public_acls"),
    "block_public_policy": _public("block_public_policy"),
    "ignore_public_acls": _public("ignore_public_acls"),
    "restrict_public_buckets": _public("restrict_public_buckets"),
    "versioning": _Setting(VERSIONING, _status, _switch("versioning", "enabled"), silent=False, fallback=False),
    "object_lock_days": _Setting(
        OBJECT_LOCK, _lock_days(*_RETENTION), _lock_days("object_lock_configuration", *_RETENTION)
    ),
    "ownership": _Setting(OWNERSHIP, _text("rule", "object_ownership"), fallback="BucketOwnerEnforced"),
    "access_log_bucket": _Setting(LOGGING, _text("target_bucket"), _text("logging", "target_bucket")),
}

SETTINGS = (*sorted({setting.source for setting in _SETTINGS.values()}), ACL)
"""The resource types that hold settings of a bucket."""


def settings_of(bucket: Resource, fact: Fact, split: Mapping[str, Attachments]) -> dict[str, Value[Any]]:
    """Return the model's fields that the settings tell, by name."""
    found = {source: split[source].of(fact) for source in SETTINGS}
    doubt = _acl_doubt(bucket, found[ACL])
    return {
        name: setting.of(bucket, found[setting.source], _fallback(name, setting, bucket, doubt))
        for name, setting in _SETTINGS.items()
    }


def _fallback(name: str, setting: _Setting, bucket: Resource, doubt: Unknown | None) -> Value[Any]:
    """Return what S3 does where nobody declares the setting."""
    if doubt is not None and name in {"block_public_acls", "ignore_public_acls", "ownership"}:
        return doubt
    if setting.fallback is None:
        return Absent(bucket.at)
    assumed: Value[Any] = Known(setting.fallback, bucket.at, defaulted=True)
    return _versioning_of_locked(bucket, assumed) if name == "versioning" else assumed


def _versioning_of_locked(bucket: Resource, assumed: Value[Any]) -> Value[Any]:
    """Return true for a bucket created with Object Lock, which S3 creates with versioning."""
    match switch(bucket.config.get("object_lock_enabled"), "object_lock_enabled"):
        case Known(flag, at):
            return Known(flag, at, defaulted=True)
        case Absent():
            return assumed
        case Unknown() as gap:
            return either(gap, (Known(True, gap.at, defaulted=True), assumed))


def _acl_doubt(bucket: Resource, acls: Inventory[Attachment]) -> Unknown | None:
    """Say why the bucket cannot have the defaults of S3: an ACL that admits others only works without them."""
    configs = [bucket.config, *(each.resource.config for each in acls)]
    for config in configs:
        match argument_text(config.get("acl"), "acl"):
            case Known(str() as acl) if acl in _PRIVATE:
                pass
            case Known(acl, at):
                return Unknown(Why.COMPUTED, at, f'the ACL "{acl}" works only where the bucket lets ACLs grant access')
            case Unknown() as gap:
                return gap
            case Absent():
                pass
    return None


TYPE = "aws_s3_bucket"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
POLICY = "aws_s3_bucket_policy"
REPLICATION = "aws_s3_bucket_replication_configuration"
ACCESS_POINT = "aws_s3_access_point"
SOURCES = (*SETTINGS, LIFECYCLE, POLICY)
BESIDE = (REPLICATION, ACCESS_POINT)
"""Resources about a bucket that lead to none: nobody names a bucket through them."""

PrefixesOf: TypeAlias = Callable[[Fact], lifecycle.Prefixes]


def buckets_of(root: Root, prefixes_of: PrefixesOf) -> Inventory[tuple[Resource, LogBucket]]:
    """Return every bucket with the resource that declares it, used by nobody yet.

    `prefixes_of` tells under which prefixes session logs are written to a bucket.
    """
    resources = root.resources(TYPE)
    split = {source: attachments(root.resources(source), "bucket") for source in (*SOURCES, *BESIDE)}
    return Inventory(tuple((each, _bucket(each, split, prefixes_of)) for each in resources), resources.gap)


def _bucket(resource: Resource, split: Mapping[str, Attachments], prefixes_of: PrefixesOf) -> LogBucket:
    fact = Fact(
        address=resource.address,
        declaration=resource.declaration,
        origin=resource.at,
        name=name_of(resource, "bucket"),
        exists=resource.exists,
    )
    statements = policy_statements(resource.config.get("policy"), split[POLICY].of(fact))
    return LogBucket(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        statements=statements,
        tls_only=denies_plaintext(statements, resource.at, name=fact.name),
        expiration_days=_expiration(resource, fact, split[LIFECYCLE], prefixes_of(fact)),
        used_by=Known(Items(()), resource.at),
        replicates_to=_replicas(resource, split[REPLICATION].of(fact)),
        access_points=_access_points(split[ACCESS_POINT].of(fact), resource),
        **settings_of(resource, fact, split),
    )


def _expiration(resource: Resource, fact: Fact, split: Attachments, prefixes: lifecycle.Prefixes) -> Value[Any]:
    return settled(
        split.of(fact),
        partial(lifecycle.expiration_of_split, prefixes=prefixes),
        inline=lifecycle.expiration_inline(resource.config, prefixes),
        fallback=Absent(resource.at),
    )


def _replicas(resource: Resource, found: Inventory[Attachment]) -> Value[Items]:
    """Return the ARNs of the buckets that enabled rules copy objects to, inline rules among them."""
    inline = resource.config.blocks("replication_configuration")
    parts = [each for block in inline for each in _destinations(block, "rules")]
    for each in found:
        parts += [each.doubt] if each.doubt is not None else _destinations(each.resource.config, "rule")
    return gathered(parts, resource.at, gap=inline.gap if found.gap is None else found.gap)


def _destinations(config: Config, block_type: str) -> list[Value[Any]]:
    rules = config.blocks(block_type)
    enabled = [each for each in rules if not _is_off(each)]
    found = [argument_text(nested(each, "destination", "bucket"), "bucket") for each in enabled]
    return found if rules.gap is None else [*found, rules.gap]


def _is_off(rule: Config) -> bool:
    status = rule.get("status")
    return isinstance(status, Known) and status.value == "Disabled"


def _access_points(found: Inventory[Attachment], resource: Resource) -> Value[Items]:
    return gathered(said(found, lambda config: argument_text(config.get("name"), "name")), resource.at)


def through_settings(root: Root) -> Callable[[Value[Any]], Value[Any]]:
    """Return a function that leads a name taken from a setting (`aws_s3_bucket_versioning.v.id`) to its bucket."""
    bucket_of = {each.address: each.config.get("bucket") for each in root.resources(*SOURCES)}

    def follow(known: Known[Any]) -> Value[Any]:
        match known.value:
            case Reference(address=address, attribute="bucket" | "id") if address in bucket_of:
                return _seen_from(known, bucket_of[address])
            case _:
                return known

    return lambda value: mapped(value, follow)


def _seen_from(known: Known[Any], bucket: Value[Any]) -> Value[Any]:
    """Return the bucket's name as written where the setting was referred to."""
    return replace(bucket, at=known.at) if isinstance(bucket, Known) else bucket
