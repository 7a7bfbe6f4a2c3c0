"""Documents, stores and keys of the simulated account, made as a user would."""

import json
from typing import Any

from tests.read.live.fleet import client

__all__ = ["PREFERENCES", "bucket", "client", "content", "document", "group", "key", "pairs", "text", "written"]

PREFERENCES = "SSM-SessionManagerRunShell"


def content(**inputs: object) -> dict[str, Any]:
    return {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs}


def text(**inputs: object) -> str:
    """Return the content of a session document with these inputs."""
    return json.dumps(content(**inputs))


def document(name: str = PREFERENCES, /, *, tags: dict[str, str] | None = None, **inputs: object) -> None:
    """Create a session document with these inputs."""
    written(name, text(**inputs), tags=tags)


def written(name: str, text: str, *, tags: dict[str, str] | None = None, **options: str) -> None:
    client("ssm").create_document(Name=name, Content=text, DocumentType="Session", Tags=pairs(tags or {}), **options)


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def bucket(name: str, *, tags: dict[str, str] | None = None) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    if tags:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(tags)})


def group(name: str, *, days: int | None = None, key: str | None = None, tags: dict[str, str] | None = None) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName=name, tags=tags or {}, **({"kmsKeyId": key} if key else {}))
    if days is not None:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def key(alias: str | None = None, *, tags: dict[str, str] | None = None, **options: Any) -> str:
    """Create a key and return its ARN."""
    kms = client("kms")
    listed = [{"TagKey": name, "TagValue": value} for name, value in (tags or {}).items()]
    made: str = kms.create_key(Tags=listed, KeyUsage="ENCRYPT_DECRYPT", **options)["KeyMetadata"]["Arn"]
    if alias:
        kms.create_alias(AliasName=alias, TargetKeyId=made)
    return made
