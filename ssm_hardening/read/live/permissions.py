"""The least that a role needs to read an account: made from the table of calls, so that neither can grow alone."""

from collections.abc import Iterable, Mapping
from typing import Any

from ssm_hardening.read.live import calls
from ssm_hardening.read.live.calls import ApiCall

LOG_BUCKETS = "ReadLogBuckets"
"""The statement that can be narrowed to the log buckets; it never lets anybody read an object."""

_STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "ReadSessionManager": ("ssm",),
    LOG_BUCKETS: ("s3",),
    "ReadLogStoresAndKeys": ("logs", "kms", "s3control"),
    "ReadNodesAndRoles": ("ec2", "iam"),
    "ReadTrailsAndAlerts": ("cloudtrail", "events"),
    "ReadIdentity": ("sts",),
}
"""Statement id → boto3's names of the services whose calls it allows."""

STARTING = ("organizations:ListAccounts", "sts:AssumeRole")
"""What leads into other accounts: allowed where the audit starts, never to the role that is audited with."""


def all_calls() -> tuple[ApiCall, ...]:
    """Return every call of the table, by service and name."""
    found = {each for each in vars(calls).values() if isinstance(each, ApiCall)}
    return tuple(sorted(found, key=str))


def auditor_policy() -> dict[str, Any]:
    """Return the policy document: read-only, and no value of a parameter, no content of a log, no object."""
    table = [call for call in all_calls() if call.action not in STARTING]
    statements = [_statement(sid, services, table) for sid, services in _STATEMENTS.items()]
    return {"Version": "2012-10-17", "Statement": [each for each in statements if each["Action"]]}


def _statement(sid: str, services: Iterable[str], table: Iterable[ApiCall]) -> dict[str, Any]:
    actions = sorted({call.action for call in table if call.service in services})
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"}


def services() -> frozenset[str]:
    """Return the services that some statement is about; a call to another one would be in no policy."""
    return frozenset(service for named in _STATEMENTS.values() for service in named)
