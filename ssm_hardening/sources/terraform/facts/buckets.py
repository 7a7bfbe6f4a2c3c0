"""Buckets, however their settings are spread: resources of their own, or inline blocks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from ssm_hardening.iam.transport import denies_plaintext
from ssm_hardening.model import Fact, LogBucket
from ssm_hardening.sources.terraform.facts import bucket_settings, lifecycle
from ssm_hardening.sources.terraform.facts.attachments import Attachment, Attachments, attachments, settled
from ssm_hardening.sources.terraform.facts.gathering import gathered, said
from ssm_hardening.sources.terraform.facts.naming import name_of
from ssm_hardening.sources.terraform.facts.policies import policy_statements
from ssm_hardening.sources.terraform.facts.reading import argument_text, mapped, nested
from ssm_hardening.sources.terraform.resources import Config, Resource, Root
from ssm_hardening.values import Absent, Inventory, Items, Known, Reference, Value

TYPE = "aws_s3_bucket"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
POLICY = "aws_s3_bucket_policy"
REPLICATION = "aws_s3_bucket_replication_configuration"
ACCESS_POINT = "aws_s3_access_point"
SOURCES = (*bucket_settings.SOURCES, LIFECYCLE, POLICY)
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
        **bucket_settings.settings_of(resource, fact, split),
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
