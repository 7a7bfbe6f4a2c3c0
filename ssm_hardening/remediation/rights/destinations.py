"""Where recordings will go and which keys they need: what the rights of nodes and operators are about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ssm_hardening.hcl.writing import encode
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.model import PREFERENCES_NAME, Account, Fact, SessionDocument
from ssm_hardening.model.joins import Found, join
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.remediation.literals import literal
from ssm_hardening.remediation.plan import FromExpression, FromVariable, ModuleCall, ModuleInput
from ssm_hardening.values import Absent, Inventory, Known, Text, Value

F = TypeVar("F", bound=Fact)

_RESOURCE = re.compile(r"aws_\w+\.[\w-]+")
"""The address of a resource of which there is one."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Module inputs, None where a feature is off or nobody knows; `unknown` says what could not be told."""

    bucket_arn: ModuleInput = None
    prefix: ModuleInput = None
    bucket_key: ModuleInput = None
    group_arn: ModuleInput = None
    session_key: ModuleInput = None
    unknown: tuple[str, ...] = ()

    def stores(self) -> ModuleInput:
        """Return the ARNs of everything that recordings rest on, as one list; None where nothing is known."""
        parts = [self.bucket_arn, self.group_arn, self.bucket_key, self.session_key]
        given = [each for each in parts if isinstance(each, str | FromExpression)]
        return together(given) if given else None


def together(parts: Sequence[str | FromExpression]) -> ModuleInput:
    """Return a list of texts and of expressions of ours."""
    texts = [each for each in parts if isinstance(each, str)]
    if len(texts) == len(parts):
        return list(texts)
    written = (each.expression if isinstance(each, FromExpression) else encode(each) for each in parts)
    return FromExpression(f"[{', '.join(written)}]")


def destinations(calls: Sequence[ModuleCall], account: Account, *, into: bool) -> Destinations:
    """Return what the calls make or adopt, else what the preferences of the account name.

    Where code holds the preferences, new stores and keys take the place of those that it does not name; `into` says
    that the calls stand in its root, so that they may refer to its resources.
    """
    found = _of_account(account, into=into)
    prefs = next((each for each in calls if each.module == "session-preferences"), None)
    if prefs is None:
        return _with_new(found, calls)
    bucket = _maker("log-bucket", prefs.inputs.get("s3_bucket_name"), calls)
    group = _maker("log-group", prefs.inputs.get("log_group_name"), calls)
    key = prefs.inputs.get("kms_key_arn")
    if bucket is not None:
        found = _with_bucket(found, bucket, prefs.inputs.get("s3_key_prefix"))
    if group is not None:
        found = replace(found, group_arn=FromExpression(f"module.{group.label}.arn"))
    if isinstance(key, FromExpression | FromVariable) or (isinstance(key, str) and key.startswith("arn:")):
        found = replace(found, session_key=key)
    return found


def _with_bucket(found: Destinations, bucket: ModuleCall, prefix: ModuleInput) -> Destinations:
    arn = FromExpression(f"module.{bucket.label}.bucket_arn")
    return replace(found, bucket_arn=arn, prefix="" if prefix is None else prefix, bucket_key=_key(bucket))


def _with_new(found: Destinations, calls: Sequence[ModuleCall]) -> Destinations:
    """Return them with the stores and the key that edits of the document will name."""
    bucket, group, keys = (_sole(module, calls) for module in ("log-bucket", "log-group", "session-keys"))
    if bucket is not None and found.bucket_arn is None:
        found = _with_bucket(found, bucket, FromExpression(f"module.{bucket.label}.key_prefix"))
    if group is not None and found.group_arn is None:
        found = replace(found, group_arn=FromExpression(f"module.{group.label}.arn"))
    purposes = () if keys is None else keys.inputs.get("purposes")
    if keys is not None and isinstance(purposes, list) and "session" in purposes and found.session_key is None:
        found = replace(found, session_key=FromExpression(f"module.{keys.label}.session_key_arn"))
    return found


def _sole(module: str, calls: Sequence[ModuleCall]) -> ModuleCall | None:
    found = [each for each in calls if each.module == module]
    return found[0] if len(found) == 1 else None


def _key(bucket: ModuleCall) -> ModuleInput:
    """Return the key of the bucket; none where S3's own serves."""
    given = bucket.inputs.get("kms_key_arn")
    return given if isinstance(given, FromExpression | FromVariable | str) else None


def _maker(module: str, named: ModuleInput, calls: Sequence[ModuleCall]) -> ModuleCall | None:
    """Return the call that makes or adopts the store that the preferences name."""
    found = [each for each in calls if each.module == module]
    if isinstance(named, FromExpression):
        found = [each for each in found if named.expression.startswith(f"module.{each.label}.")]
    return found[0] if found and not isinstance(named, str) else None


def _of_account(account: Account, *, into: bool) -> Destinations:
    document = next((each for each in account.session_documents if _is_preferences(each)), None)
    if document is None:
        return Destinations()
    bucket, group = _named(document.s3_bucket, account.log_buckets), literal(document.cloudwatch_log_group)
    prefix = document.s3_key_prefix
    place = f"arn:{partition_of(account.region)}"
    group_fact = _fact(document.cloudwatch_log_group, account.log_groups)
    found = Destinations(
        bucket_arn=_reference(_fact(document.s3_bucket, account.log_buckets), into=into)
        or (None if bucket is None else f"{place}:s3:::{bucket}"),
        prefix="" if isinstance(prefix, Absent) else literal(prefix),
        bucket_key=_bucket_key(document, account, into=into),
        group_arn=_reference(group_fact, into=into) or (None if group is None else _group_arn(place, group, account)),
        session_key=_key_arn(document.kms_key, account, into=into),
    )
    return replace(found, unknown=tuple(_unknown(document, found)))


def _unknown(document: SessionDocument, found: Destinations) -> Iterator[str]:
    """Yield what is named and cannot be told."""
    for name, value, told in (
        ("s3BucketName", document.s3_bucket, found.bucket_arn),
        ("cloudWatchLogGroupName", document.cloudwatch_log_group, found.group_arn),
        ("kmsKeyId", document.kms_key, found.session_key),
    ):
        if told is None and not isinstance(value, Absent) and literal(value) is None and not _is_empty(value):
            yield f"{name} of {document.address}"


def _is_empty(value: Value[Text]) -> bool:
    return isinstance(value, Known) and value.value == ""


def _fact(value: Value[Text], inventory: Inventory[F]) -> F | None:
    joined = join(value, inventory) if isinstance(value, Known) else None
    return joined.fact if isinstance(joined, Found) else None


def _named(value: Value[Text], inventory: Inventory[F]) -> str | None:
    """Return the name, written out or that of the object which code refers to."""
    fact = _fact(value, inventory)
    return literal(value) or (None if fact is None else literal(fact.name))


def _reference(fact: Fact | None, *, into: bool) -> ModuleInput:
    """Return the ARN of an object of the same root, as its code refers to it."""
    if fact is None or not into or not isinstance(fact.origin, CodeOrigin) or fact.origin.module_path:
        return None
    return FromExpression(f"{fact.address}.arn") if _RESOURCE.fullmatch(fact.address) else None


def _is_preferences(document: SessionDocument) -> bool:
    return isinstance(document.name, Known) and document.name.value == PREFERENCES_NAME


def _group_arn(place: str, name: str, account: Account) -> str | None:
    number, region = literal(account.account), literal(account.region)
    return None if number is None or region is None else f"{place}:logs:{region}:{number}:log-group:{name}"


def _bucket_key(document: SessionDocument, account: Account, *, into: bool) -> ModuleInput:
    bucket = _fact(document.s3_bucket, account.log_buckets)
    return None if bucket is None else _key_arn(bucket.kms_key, account, into=into)


def _key_arn(value: Value[Text], account: Account, *, into: bool) -> ModuleInput:
    """Return the ARN of a key that is named by its ARN, its id or an alias, or that code refers to."""
    key = _fact(value, account.keys)
    if key is not None and key.address.startswith("arn:"):
        return key.address
    text = literal(value)
    return text if text is not None and ":key/" in text else _reference(key, into=into)
