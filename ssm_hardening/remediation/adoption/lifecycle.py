"""Lifecycle rules as S3 describes them → as module `log-bucket` takes them, nothing left out; and a longer expiry."""

from collections.abc import Mapping, Sequence

from ssm_hardening.remediation.adoption.objects import Data, NotAdoptableError, listed, record

_RULE = {
    "ID": "id",
    "Status": "status",
    "Prefix": "prefix",
    "Filter": "filter",
    "AbortIncompleteMultipartUpload": "abort_incomplete_multipart_upload",
    "Expiration": "expiration",
    "NoncurrentVersionExpiration": "noncurrent_version_expiration",
    "Transitions": "transitions",
    "NoncurrentVersionTransitions": "noncurrent_version_transitions",
}
_INNER: Mapping[str, Mapping[str, str]] = {
    "Filter": {
        "Prefix": "prefix",
        "Tag": "tag",
        "ObjectSizeGreaterThan": "object_size_greater_than",
        "ObjectSizeLessThan": "object_size_less_than",
        "And": "and",
    },
    "Tag": {"Key": "key", "Value": "value"},
    "And": {
        "Prefix": "prefix",
        "Tags": "tags",
        "ObjectSizeGreaterThan": "object_size_greater_than",
        "ObjectSizeLessThan": "object_size_less_than",
    },
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "days_after_initiation"},
    "Expiration": {"Date": "date", "Days": "days", "ExpiredObjectDeleteMarker": "expired_object_delete_marker"},
    "NoncurrentVersionExpiration": {
        "NoncurrentDays": "noncurrent_days",
        "NewerNoncurrentVersions": "newer_noncurrent_versions",
    },
    "Transitions": {"Date": "date", "Days": "days", "StorageClass": "storage_class"},
    "NoncurrentVersionTransitions": {
        "NoncurrentDays": "noncurrent_days",
        "NewerNoncurrentVersions": "newer_noncurrent_versions",
        "StorageClass": "storage_class",
    },
}


def module_rules(rules: Data) -> list[Data]:
    """Return the rules as the module's `existing_lifecycle_rules`.

    Raises NotAdoptableError where a rule says something that the module has no word for.
    """
    return [_object(record(rule, "a lifecycle rule"), _RULE) for rule in listed(rules, "the lifecycle")]


def _object(data: Mapping[str, Data], words: Mapping[str, str]) -> dict[str, Data]:
    strange = [key for key in data if key not in words]
    if strange:
        raise NotAdoptableError(f"a lifecycle rule has {', '.join(strange)}, which module log-bucket cannot keep")
    return {words[key]: _member(key, each) for key, each in data.items() if each is not None}


def _member(key: str, data: Data) -> Data:
    match data:
        case dict():
            return _object(data, _INNER[key])
        case list() if key == "Tags":
            return {str(record(tag, "a tag")["Key"]): record(tag, "a tag")["Value"] for tag in data}
        case list():
            return [_object(record(each, key), _INNER[key]) for each in data]
        case _:
            return data


EXPIRATION, NONCURRENT = ("Expiration", "Days"), ("NoncurrentVersionExpiration", "NoncurrentDays")
"""The parts of a rule that delete recordings and old versions of them, and where each says after how many days."""


def lengthened(
    rules: Data, prefixes: Sequence[str], least: int, part: tuple[str, str]
) -> tuple[list[Data], tuple[str, ...]]:
    """Return the rules without a `part` that deletes in less than `least` days, and the ids of those left as they are.

    Only a rule whose prefix lies within one of the log prefixes is changed; a wider one deletes other objects too.
    """
    name, number = part
    changed, wider = [], []
    for each in listed(rules, "the lifecycle"):
        rule = record(each, "a lifecycle rule")
        deleting = record(rule.get(name), name)
        days = deleting.get(number)
        short = rule.get("Status") == "Enabled" and isinstance(days, int) and days < least
        if short and _is_within(_prefix(rule), prefixes):
            changed.append({**rule, name: {**deleting, number: least}})
            continue
        if short and _reaches(_prefix(rule), prefixes):
            wider.append(str(rule.get("ID") or "(rule without an ID)"))
        changed.append(rule)
    return list(changed), tuple(wider)


def _prefix(rule: Mapping[str, Data]) -> str:
    chosen = record(rule.get("Filter"), "Filter")
    both = record(chosen.get("And"), "And")
    return str(rule.get("Prefix") or chosen.get("Prefix") or both.get("Prefix") or "")


def _is_within(prefix: str, prefixes: Sequence[str]) -> bool:
    return any(each and (prefix == each or prefix.startswith(f"{each}/")) for each in prefixes)


def _reaches(prefix: str, prefixes: Sequence[str]) -> bool:
    """Say whether the rule may reach recordings; where their prefix is not known, it may."""
    return not prefixes or any(f"{each}/".startswith(prefix) or prefix.startswith(each) for each in prefixes)
