"""From what S3 says of a bucket: the fields of the model, and what of it exists as a resource of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.iam.resource_policies import denies_plaintext
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Holding
from ssm_hardening.read.converting import (
    Converter,
    default,
    items,
    json_document,
    mapped,
    member,
    number,
    record,
    switch,
)
from ssm_hardening.read.lifecycle import Expiry, ExpiryRule, Prefixes, expiry, shortest
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import given, sent

Answers = Mapping[str, Value[Any]]
"""What S3 says, by setting (`encryption`, `public_access`, …): a record, Absent where nothing is set."""

PUBLIC_ACCESS: Mapping[str, str] = {
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "ignore_public_acls": "IgnorePublicAcls",
    "restrict_public_buckets": "RestrictPublicBuckets",
}

_YEAR = 365
_NARROWER = ("Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_SPLIT = ("ServerSideEncryptionConfiguration", "Rules")
_BY_DEFAULT = "ApplyServerSideEncryptionByDefault"


def fields_of(answers: Answers, name: str, prefixes: Prefixes) -> dict[str, Any]:
    """Return every field of the model that the settings tell, by name."""
    statements = policy_statements(answers["policy"])
    return {
        "encryption": _encryption(answers["encryption"], "SSEAlgorithm"),
        "kms_key": _encryption(answers["encryption"], "KMSMasterKeyID"),
        **{field: _blocked(answers, key) for field, key in PUBLIC_ACCESS.items()},
        "versioning": _versioning(answers["versioning"]),
        "object_lock_days": _lock_days(answers["object_lock"]),
        "tls_only": denies_plaintext(statements, answers["policy"].at, name=Known(name, answers["policy"].at)),
        "expiration_days": _expiration(answers["lifecycle"], prefixes),
        "ownership": _ownership(answers["ownership"]),
        "access_log_bucket": given(answers["logging"], "LoggingEnabled", "TargetBucket"),
        "statements": statements,
        "replicates_to": _replicas(answers["replication"]),
    }


def _replicas(replication: Value[Any]) -> Value[Items]:
    """Return the ARNs of the buckets that enabled rules copy objects to."""
    rules = given(replication, "ReplicationConfiguration", "Rules", convert=items)
    match rules:
        case Known(Items(members, rest), at):
            enabled = [each for each in members if not _is_off(each)]
            return Known(Items(tuple(given(each, "Destination", "Bucket") for each in enabled), rest), at)
        case Known(_, at) | Absent(at):
            return Known(Items(()), at)
        case Unknown() as gap:
            return gap


def _is_off(rule: Value[Any]) -> bool:
    status = given(rule, "Status")
    return isinstance(status, Known) and status.value == "Disabled"


def first(value: Value[Any], convert: Converter) -> Value[Any]:
    """Return the first member of a list, of which S3 takes one; Unknown where there is none."""
    return mapped(items(value, "Rules"), lambda known: _first(known, convert))


def _first(known: Known[Any], convert: Converter) -> Value[Any]:
    match known.value:
        case Items((rule, *_)):
            return convert(rule, "Rules")
        case _:
            return Unknown(Why.UNPARSEABLE, known.at, "the answer holds no rule")


def _encryption(answer: Value[Any], key: str) -> Value[Any]:
    """Return the algorithm or key by default; S3 encrypts with AES256 where nothing is set."""
    rule = first(sent(answer, *_SPLIT, convert=items), record)
    told = given(rule, _BY_DEFAULT, key)
    return default(told, "AES256") if key == "SSEAlgorithm" else told


def _blocked(answers: Answers, key: str) -> Value[Any]:
    """Return whether a switch is on, for the bucket or for the whole account."""
    own, everywhere = (
        default(sent(answers[setting], "PublicAccessBlockConfiguration", key, convert=switch), fallback=False)
        for setting in ("public_access", "account_public_access")
    )
    for each in (own, everywhere):
        if isinstance(each, Known) and each.value is True:
            return each
    return everywhere if isinstance(own, Known) and isinstance(everywhere, Unknown) else own


def _versioning(answer: Value[Any]) -> Value[Any]:
    """Return whether versioning is enabled; a bucket that never had it has no status."""
    status = mapped(given(answer, "Status"), lambda known: Known(known.value == "Enabled", known.at))
    return default(status, fallback=False)


def _lock_days(answer: Value[Any]) -> Value[Any]:
    """Return the default retention in days, or years of 365; S3 has no retention of none."""
    rule = ("ObjectLockConfiguration", "Rule", "DefaultRetention")
    years = given(answer, *rule, "Years", convert=number)
    in_years = mapped(years, lambda known: Known(known.value * _YEAR, known.at))
    days = given(answer, *rule, "Days", convert=number)
    return mapped(days, lambda known: known if known.value else in_years, absent=lambda _: in_years)


def _ownership(answer: Value[Any]) -> Value[Any]:
    """Return who owns what is written; buckets older than the controls leave that to the writer."""
    rule = first(sent(answer, "OwnershipControls", "Rules", convert=items), record)
    return default(sent(rule, "ObjectOwnership"), "ObjectWriter")


def policy_of(answer: Value[Any]) -> Value[Any]:
    """Return the policy as data; Absent where there is none."""
    return json_document(sent(answer, "Policy"))


def policy_statements(answer: Value[Any]) -> Inventory[Statement]:
    """Return the statements of a policy that is part of an answer."""
    return statements_of(policy_of(answer), answer.at)


def _expiration(answer: Value[Any], prefixes: Prefixes) -> Value[Any]:
    """Return the shortest expiry that reaches session logs."""
    return mapped(sent(answer, "Rules", convert=items), lambda known: _shortest(known, prefixes))


def _shortest(rules: Known[Any], prefixes: Prefixes) -> Value[Any]:
    return shortest([_expiry(rule, prefixes) for rule in rules.value.items], Absent(rules.at))


def _expiry(rule: Value[Any], prefixes: Prefixes) -> Expiry | None:
    status = mapped(sent(rule, "Status"), lambda known: Known(known.value == "Enabled", known.at))
    written = ExpiryRule(
        enabled=status,
        days=given(rule, "Expiration", "Days", convert=number),
        date=given(rule, "Expiration", "Date"),
        prefix=_prefix(rule),
        narrower=_narrower(rule),
    )
    return expiry(written, prefixes)


def _prefix(rule: Value[Any]) -> Value[Any]:
    """Return the prefix, wherever the rule writes it."""
    value: Value[Any] = Absent(rule.at)
    for path in (("Filter", "Prefix"), ("Filter", "And", "Prefix"), ("Prefix",)):
        if isinstance(value, Absent):
            value = given(rule, *path)
    return value


def _narrower(rule: Value[Any]) -> Unknown | None:
    """Say what but the prefix may keep a rule from session logs."""
    for path in (("Filter",), ("Filter", "And")):
        for key in (*_NARROWER, "Tags"):
            if not isinstance(member(rule, (*path, key)), Absent):
                return Unknown(Why.UNSUPPORTED, rule.at, f"a rule that filters by {key}")
    return None


_S3 = "aws_s3_bucket"


def holdings_of(arn: str, name: str, answers: Answers, tags: Value[Any]) -> tuple[Holding, ...]:
    """Return one holding for each resource that exists; what could not be read has Unknown settings."""
    at = ApiOrigin(arn, str(calls.HEAD_BUCKET))
    bucket = _holding(arn, name, _S3, Known(Record(_of_bucket(answers, tags)), at))
    parts = (_holding(arn, name, f"{_S3}_{kind}", settings) for kind, settings in _parts(answers))
    return (bucket, *parts)


def _holding(arn: str, name: str, kind: str, settings: Value[Any]) -> Holding:
    at = settings.at if isinstance(settings.at, ApiOrigin) else ApiOrigin(arn, str(calls.HEAD_BUCKET))
    return Holding(of=arn, type=kind, import_id=name, at=at, settings=settings)


def _of_bucket(answers: Answers, tags: Value[Any]) -> dict[str, Value[Any]]:
    acl = answers["acl"]
    return {
        "Tags": tags,
        "Grants": sent(acl, "Grants", convert=items),
        "Owner": sent(acl, "Owner", convert=record),
    }


def _parts(answers: Answers) -> Iterator[tuple[str, Value[Any]]]:
    """Yield the settings that are there, or may be, by the type they are imported as."""
    encryption, block = "ServerSideEncryptionConfiguration", "PublicAccessBlockConfiguration"
    told: tuple[tuple[str, str, Value[Any]], ...] = (
        ("lifecycle_configuration", "Rules", sent(answers["lifecycle"], "Rules", convert=items)),
        ("logging", "LoggingEnabled", given(answers["logging"], "LoggingEnabled", convert=record)),
        (
            "object_lock_configuration",
            "ObjectLockConfiguration",
            _part(answers, "object_lock", "ObjectLockConfiguration"),
        ),
        ("ownership_controls", "OwnershipControls", _part(answers, "ownership", "OwnershipControls")),
        ("policy", "Policy", policy_of(answers["policy"])),
        ("public_access_block", block, _part(answers, "public_access", block)),
        ("server_side_encryption_configuration", encryption, _part(answers, "encryption", encryption)),
        ("versioning", "Status", given(answers["versioning"], "Status")),
    )
    for kind, key, value in told:
        match value:
            case Known(at=at):
                yield kind, Known(Record({key: value} | _beside(kind, answers)), at)
            case Unknown():
                yield kind, value
            case Absent():
                continue


def _part(answers: Answers, setting: str, key: str) -> Value[Any]:
    return sent(answers[setting], key, convert=record)


def _beside(kind: str, answers: Answers) -> dict[str, Value[Any]]:
    """Return what belongs to a lifecycle and is not among its rules: from which size on objects move."""
    key = "TransitionDefaultMinimumObjectSize"
    return {key: given(answers["lifecycle"], key)} if kind == "lifecycle_configuration" else {}
