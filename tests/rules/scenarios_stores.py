"""Accounts whose log stores and keys are out of order, or in an order of their own."""

from typing import Any

from ssm_hardening.core.values import Inventory, Known, Reference, Template
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account
from tests.rules.builders import (
    AT,
    DOCUMENT,
    GROUP,
    account,
    bucket,
    custom_document,
    gap,
    group_key,
    key,
    known,
    log_group,
    logs_statement,
    port_document,
    preferences_document,
    root_statement,
    statement,
    tls_only_statement,
)

CALLER = Template(("arn:aws:iam::", Reference("data.aws_caller_identity.current", "account_id"), ":root"))
_OWN = "111122223333"


def _root_of(number: str) -> Statement:
    return statement(actions=["kms:*"], resources=["*"], principals={"AWS": [f"arn:aws:iam::{number}:root"]})


def scenarios() -> dict[str, Account]:
    return {**buckets(), **groups(), **keys()}


def buckets() -> dict[str, Account]:
    public = statement(actions=["s3:GetObject"], resources=["*"], principals={"*": ["*"]})
    bounded = statement(
        actions=["s3:PutObject"],
        resources=["arn:aws:s3:::example-session-logs/*"],
        principals={"AWS": ["*"]},
        conditions={"StringEquals": {"aws:PrincipalOrgID": ["o-example"]}},
    )
    foreign = statement(
        actions=["s3:PutObject"], resources=["*"], principals={"AWS": ["arn:aws:iam::444455556666:root"]}
    )
    refusing = statement(
        effect="Deny",
        actions=["s3:*"],
        resources=["*"],
        principals={"*": ["*"]},
        conditions={"StringNotEquals": {"aws:PrincipalOrgID": ["o-example"]}},
    )
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    return {
        "plain bucket": account(
            log_buckets=[
                bucket(
                    encryption=known("AES256", defaulted=True),
                    ownership=known("BucketOwnerEnforced", defaulted=True),
                    **{switch: known(True, defaulted=True) for switch in switches},
                    versioning=False,
                    object_lock_days=None,
                    tls_only=False,
                    expiration_days=None,
                    statements=Inventory(),
                )
            ]
        ),
        "bucket in disorder": account(
            log_buckets=[
                bucket(
                    encryption="aws:kms:dsse",
                    block_public_policy=False,
                    object_lock_days=None,
                    tls_only=None,
                    expiration_days=30,
                    ownership="ObjectWriter",
                    statements=Inventory((tls_only_statement(), public)),
                )
            ]
        ),
        "bounded bucket": account(log_buckets=[bucket(statements=Inventory((tls_only_statement(), bounded)))]),
        "foreign writer": account(account=_OWN, log_buckets=[bucket(statements=Inventory((foreign,)))]),
        "own writer": account(account="444455556666", log_buckets=[bucket(statements=Inventory((foreign,)))]),
        "public but refused": account(log_buckets=[bucket(statements=Inventory((public, refusing)))]),
        "unread bucket policy": account(log_buckets=[bucket(statements=Inventory((public,), gap()))]),
        "unused bucket": account(log_buckets=[bucket(used_by=[])]),
        "bucket elsewhere": account(session_documents=[preferences_document(s3_bucket="example-central-logs")]),
        "live without bucket": account(
            source="live",
            session_documents=[preferences_document(s3_bucket="example-gone", cloudwatch_log_group="/example/gone")],
        ),
        "bucket not created": account(log_buckets=[bucket(exists=False)]),
    }


def groups() -> dict[str, Account]:
    quiet = preferences_document(cloudwatch_encryption_enabled=False)
    return {
        "group without key": account(log_groups=[log_group(kms_key=None, retention_days=None)]),
        "group without key, unasked": account(
            session_documents=[quiet], log_groups=[log_group(kms_key=None, retention_days=30)]
        ),
    }


def keys() -> dict[str, Account]:
    everybody = statement(actions=["kms:*"], resources=["*"], principals={"AWS": ["*"]})
    by_name = statement(
        actions=["kms:*"], resources=["*"], principals={"AWS": ["arn:aws:iam::111122223333:role/session"]}
    )
    caller: Any = known(CALLER)
    own = statement(actions=["kms:*"], resources=["*"], principals={"AWS": [caller]})
    return {
        "no session key": account(session_documents=[preferences_document(kms_key=None)]),
        "managed key": account(session_documents=[custom_document(kms_key="alias/aws/ssm")]),
        "port document": account(session_documents=[preferences_document(), port_document()]),
        "named key": account(session_documents=[preferences_document(kms_key="alias/example-session")]),
        "weak key": account(keys=[key(enabled=False, rotation=False, deletion_window_days=7, usage="SIGN_VERIFY")]),
        "open key": account(keys=[key(statements=Inventory((root_statement(), everybody)))]),
        "default policies": account(keys=[key(statements=Inventory()), group_key(statements=Inventory())]),
        "key by name": account(keys=[key(statements=Inventory((by_name,)))]),
        "key of the caller": account(keys=[key(statements=Inventory((own,)), used_by=[DOCUMENT, GROUP])]),
        "account known": account(account=_OWN),
        "keys of another account": account(account="444455556666"),
        "two accounts manage the key": account(
            account=_OWN, keys=[key(statements=Inventory((root_statement(), _root_of("444455556666"))))]
        ),
        "a key chosen by the caller": account(session_documents=[preferences_document(kms_key="{{ key }}")]),
        "key for another region": account(region="eu-west-1"),
        "key for the group only": account(keys=[group_key(statements=Inventory((logs_statement(),)))]),
        "group by reference": account(
            log_groups=[log_group(name=Known(Template(("/example/", Reference("random_id.x", "hex"))), AT))]
        ),
    }
