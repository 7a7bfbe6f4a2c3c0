"""An account set up by hand: preferences with gaps, a bucket and a log group with settings of their own."""

import json
from typing import Any

from ssm_hardening.sandbox.server import Sandbox

BUCKET, ACCESS_LOGS, GROUP = "acme-session-logs", "acme-access-logs", "/acme/sessions"
PREFERENCES = "SSM-SessionManagerRunShell"

STATEMENT = {
    "Sid": "DenyPlainHttp",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/audit-${aws:username}"}},
}
RULES: list[dict[str, Any]] = [
    {
        "ID": "archive",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
    },
    {
        "ID": "sessions",
        "Status": "Enabled",
        "Filter": {"Prefix": "sessions/"},
        "Expiration": {"Days": 90},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    },
    {
        "ID": "scratch",
        "Status": "Disabled",
        "Filter": {"And": {"Prefix": "tmp/", "Tags": [{"Key": "class", "Value": "scratch"}]}},
        "Expiration": {"Days": 7},
    },
]
CONTENT = {
    "schemaVersion": "1.0",
    "description": "Acme's own",
    "sessionType": "Standard_Stream",
    "inputs": {
        "s3BucketName": BUCKET,
        "s3KeyPrefix": "sessions",
        "s3EncryptionEnabled": False,
        "cloudWatchLogGroupName": GROUP,
        "cloudWatchEncryptionEnabled": False,
        "kmsKeyId": "",
        "runAsEnabled": False,
        "runAsDefaultUser": "",
        "idleSessionTimeout": "45",
        "maxSessionDuration": "",
        "shellProfile": {"linux": "cd ~", "windows": ""},
    },
}


def seed(sandbox: Sandbox, *, tags: list[dict[str, str]] | None = None) -> None:
    """Fill the account; `tags` are those of the document."""
    s3, logs, ssm = (_client(name, sandbox) for name in ("s3", "logs", "ssm"))
    where = {"LocationConstraint": sandbox.region}
    for name in (BUCKET, ACCESS_LOGS):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]}))
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": RULES})
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "Team", "Value": 'x"\n}${path.module}'}]})
    s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    logs.create_log_group(logGroupName=GROUP, tags={"Team": "audit"})
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=731)
    ssm.create_document(
        Name=PREFERENCES, DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(CONTENT), Tags=tags or []
    )


def add_document(sandbox: Sandbox, name: str, *, bucket: str) -> None:
    """Add a document of another name, which records into a bucket of its own alone."""
    where = {"LocationConstraint": sandbox.region}
    _client("s3", sandbox).create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    given = {"s3BucketName": bucket, "s3KeyPrefix": "admins", "s3EncryptionEnabled": False}
    content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": given}
    _client("ssm", sandbox).create_document(Name=name, DocumentType="Session", Content=json.dumps(content))


def _client(name: str, sandbox: Sandbox) -> Any:
    import boto3

    return boto3.client(name, region_name=sandbox.region, endpoint_url=sandbox.endpoint)


def bucket_policy(sandbox: Sandbox) -> list[Any]:
    text = _client("s3", sandbox).get_bucket_policy(Bucket=BUCKET)["Policy"]
    statements: list[Any] = json.loads(text)["Statement"]
    return statements


def lifecycle(sandbox: Sandbox) -> list[Any]:
    rules: list[Any] = _client("s3", sandbox).get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    return rules


def make_roles(sandbox: Sandbox, *names: str) -> None:
    """Make the roles that the samples name: KMS refuses a policy that names one that does not exist."""
    for name in names:
        _client("iam", sandbox).create_role(RoleName=name, AssumeRolePolicyDocument="{}")
