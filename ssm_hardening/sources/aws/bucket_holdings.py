"""What of a bucket exists as a Terraform resource of its own, as it would be imported."""

from collections.abc import Iterator
from typing import Any

from ssm_hardening.model import Holding
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.bucket_settings import Answers, policy_of
from ssm_hardening.sources.aws.data import given, sent
from ssm_hardening.sources.converting import items, record
from ssm_hardening.values import Absent, Known, Record, Unknown, Value

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
