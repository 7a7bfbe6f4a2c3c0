"""Where recordings will go and which keys they need: what the rights of nodes and operators are about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssm_hardening.model import PREFERENCES_NAME, Account, SessionDocument
from ssm_hardening.model.joins import Found, join
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.remediation.plan import FromExpression, FromVariable, ModuleCall, ModuleInput
from ssm_hardening.values import Absent, Known, Text, Unknown, Value


@dataclass(frozen=True, slots=True)
class Destinations:
    """Module inputs, None where a feature is off or nobody knows; `unknown` says what could not be told."""

    bucket_arn: ModuleInput = None
    prefix: ModuleInput = None
    bucket_key: ModuleInput = None
    group_arn: ModuleInput = None
    session_key: ModuleInput = None
    unknown: tuple[str, ...] = ()


def partition(account: Account) -> str:
    """Return the partition of a live account; code does not tell, and most accounts are in `aws`."""
    return account.at.arn.split(":")[1] if isinstance(account.at, ApiOrigin) else "aws"


def destinations(calls: Sequence[ModuleCall], account: Account) -> Destinations:
    """Return what the calls make or adopt, else what the preferences of the account name."""
    prefs = next((each for each in calls if each.module == "session-preferences"), None)
    if prefs is None:
        return _of_account(account)
    found = _of_account(account)
    bucket = _maker("log-bucket", prefs.inputs.get("s3_bucket_name"), calls)
    group = _maker("log-group", prefs.inputs.get("log_group_name"), calls)
    key = prefs.inputs.get("kms_key_arn")
    if bucket is not None:
        found = replace(
            found,
            bucket_arn=FromExpression(f"module.{bucket.label}.bucket_arn"),
            prefix=prefs.inputs.get("s3_key_prefix"),
            bucket_key=_key(bucket),
        )
    if group is not None:
        found = replace(found, group_arn=FromExpression(f"module.{group.label}.arn"))
    if isinstance(key, FromExpression | FromVariable) or (isinstance(key, str) and key.startswith("arn:")):
        found = replace(found, session_key=key)
    return found


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


def _of_account(account: Account) -> Destinations:
    document = next((each for each in account.session_documents if _is_preferences(each)), None)
    if document is None:
        return Destinations()
    unknown = [
        f"{name} of {document.address}"
        for name, value in (
            ("s3BucketName", document.s3_bucket),
            ("cloudWatchLogGroupName", document.cloudwatch_log_group),
            ("kmsKeyId", document.kms_key),
        )
        if isinstance(value, Unknown)
    ]
    bucket, group = _literal(document.s3_bucket), _literal(document.cloudwatch_log_group)
    place = f"arn:{partition(account)}"
    return Destinations(
        bucket_arn=None if bucket is None else f"{place}:s3:::{bucket}",
        prefix=_literal(document.s3_key_prefix),
        bucket_key=_bucket_key(document, account),
        group_arn=None if group is None else _group_arn(place, group, account),
        session_key=_key_arn(document.kms_key, account),
        unknown=tuple(unknown),
    )


def _is_preferences(document: SessionDocument) -> bool:
    return isinstance(document.name, Known) and document.name.value == PREFERENCES_NAME


def _literal(value: Value[Text]) -> str | None:
    match value:
        case Known(str() as text):
            return text or None
        case Known() | Absent() | Unknown():
            return None


def _group_arn(place: str, name: str, account: Account) -> str | None:
    number, region = _literal(account.account), _literal(account.region)
    return None if number is None or region is None else f"{place}:logs:{region}:{number}:log-group:{name}"


def _bucket_key(document: SessionDocument, account: Account) -> str | None:
    if not isinstance(document.s3_bucket, Known):
        return None
    bucket = join(document.s3_bucket, account.log_buckets)
    return _key_arn(bucket.fact.kms_key, account) if isinstance(bucket, Found) else None


def _key_arn(value: Value[Text], account: Account) -> str | None:
    """Return the ARN of a key that is named by its ARN, its id or an alias."""
    if not isinstance(value, Known):
        return None
    match join(value, account.keys):
        case Found(key) if key.address.startswith("arn:"):
            return key.address
        case _:
            text = _literal(value)
            return text if text is not None and ":key/" in text else None
