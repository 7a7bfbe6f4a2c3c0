"""What a node's role needs on the stores and keys of recordings, and what its policies and theirs say of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ssm_hardening.access.node_rights import grants
from ssm_hardening.access.people import person_of
from ssm_hardening.access.stores import (
    either,
    may_on_bucket,
    may_on_group,
    may_on_key,
    on_bucket,
    on_group,
    on_key,
    on_recording,
)
from ssm_hardening.iam.decisions import Decision, Request, own_arn
from ssm_hardening.model import Account, Key, LogBucket, LogGroup, Role
from ssm_hardening.values import Inventory, Text, Value

_STREAM = ":log-stream:example-0123456789abcdef0"


@dataclass(frozen=True, slots=True)
class Right:
    """An action that the role needs, where (` on the log bucket`), and whether it may."""

    action: str
    where: str
    decision: Decision


def bucket_rights(account: Account, role: Role, bucket: LogBucket, prefix: Value[Text]) -> Iterator[Right]:
    """Yield what a node needs to record into a bucket; what the bucket's own policy grants counts."""
    put = on_recording(account, role, "s3:PutObject", bucket, prefix)
    look = on_bucket(account, role, "s3:GetEncryptionConfiguration", bucket)
    for asked, action in ((put, "s3:PutObject"), (look, "s3:GetEncryptionConfiguration")):
        yield Right(action, " on the log bucket", _on_bucket(role, asked, bucket))


def _on_bucket(role: Role, asked: Iterable[Request], bucket: LogBucket) -> Decision:
    """Return what the role's policies say, or else those and the bucket's together."""
    unbound = replace(bucket, statements=Inventory())
    requests = tuple(asked)
    return either(may_on_bucket(person_of(role), requests, each) for each in (unbound, bucket))


def group_rights(account: Account, role: Role, group: LogGroup) -> Iterator[Right]:
    """Yield what a node needs to record into a log group."""
    for action in ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"):
        asked = on_group(account, role, action, group, _STREAM)
        yield Right(action, " on the log group", may_on_group(person_of(role), asked))
    every = own_arn("logs", "log-group::log-stream:", account.account, account.region)
    yield Right("logs:DescribeLogGroups", "", grants(account, role, "logs:DescribeLogGroups", every))


def key_right(account: Account, role: Role, key: Key, action: str, where: str) -> Right:
    """Return one right to use a key, by the role's policies or by the key's."""
    asked = on_key(account, role, action, key)
    decision = either((may_on_group(person_of(role), asked), may_on_key(person_of(role), asked, key)))
    return Right(action, where, decision)
