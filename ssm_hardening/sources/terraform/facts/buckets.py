"""Buckets, however their settings are spread: resources of their own, or inline blocks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from ssm_hardening.iam.transport import denies_plaintext
from ssm_hardening.model import Fact, LogBucket
from ssm_hardening.sources.terraform.facts import bucket_settings, lifecycle
from ssm_hardening.sources.terraform.facts.attachments import Attachments, attachments, settled
from ssm_hardening.sources.terraform.facts.naming import name_of
from ssm_hardening.sources.terraform.facts.policies import policy_statements
from ssm_hardening.sources.terraform.facts.reading import mapped
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Absent, Inventory, Items, Known, Reference, Value

TYPE = "aws_s3_bucket"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
POLICY = "aws_s3_bucket_policy"
SOURCES = (*bucket_settings.SOURCES, LIFECYCLE, POLICY)

PrefixesOf: TypeAlias = Callable[[Fact], lifecycle.Prefixes]


def buckets_of(root: Root, prefixes_of: PrefixesOf) -> Inventory[tuple[Resource, LogBucket]]:
    """Return every bucket with the resource that declares it, used by nobody yet.

    `prefixes_of` tells under which prefixes session logs are written to a bucket.
    """
    resources = root.resources(TYPE)
    split = {source: attachments(root.resources(source), "bucket") for source in SOURCES}
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
        **bucket_settings.settings_of(resource, fact, split),
    )


def _expiration(resource: Resource, fact: Fact, split: Attachments, prefixes: lifecycle.Prefixes) -> Value[Any]:
    return settled(
        split.of(fact),
        partial(lifecycle.expiration_of_split, prefixes=prefixes),
        inline=lifecycle.expiration_inline(resource.config, prefixes),
        fallback=Absent(resource.at),
    )


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
