"""The switches that make recording fail closed, and the key of the channel."""

from collections.abc import Iterator

from ssm_hardening.model import Account, LogBucket, LogGroup
from ssm_hardening.model.joins import Elsewhere, Found, join
from ssm_hardening.remediation.lockout.proposal import Proposal, preferences
from ssm_hardening.remediation.plan import Lockout
from ssm_hardening.values import Absent, Known, Unknown

_ACCEPTED = {"AES256", "aws:kms"}


def lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield what the encryption switches would refuse on the stores as they are."""
    for account in proposal.accounts:
        if proposal.picture.writes("s3EncryptionEnabled"):
            yield from _bucket(account)
        if proposal.picture.writes("cloudWatchEncryptionEnabled"):
            yield from _group(account)


def _bucket(account: Account) -> Iterator[Lockout]:
    document = preferences(account)
    if document is None or not isinstance(document.s3_bucket, Known):
        return
    match join(document.s3_bucket, account.log_buckets):
        case Found(bucket) if _refused(bucket):
            yield Lockout(
                change=f"s3EncryptionEnabled is on while {bucket.address} is {_is(bucket)}",
                stops="every session: the agent accepts AES256 and aws:kms, and takes anything else for not encrypted",
                avoided_by="change the bucket's default encryption in the log-store stage, before the preferences",
            )
        case Elsewhere(name):
            yield Lockout(
                change=f"s3EncryptionEnabled is on while {name} is not among the buckets that were read",
                stops="every session, where the bucket is gone or nodes may not read its encryption",
                avoided_by="look at that bucket first: its default encryption must be AES256 or aws:kms",
            )
        case _:
            return


def _refused(bucket: LogBucket) -> bool:
    match bucket.encryption:
        case Known(str() as text):
            return text not in _ACCEPTED
        case Absent():
            return True
        case Known() | Unknown():
            return False


def _is(bucket: LogBucket) -> str:
    match bucket.encryption:
        case Known(text):
            return f"encrypted with {text}"
        case Absent() | Unknown():
            return "not encrypted by default"


def _group(account: Account) -> Iterator[Lockout]:
    document = preferences(account)
    if document is None or not isinstance(document.cloudwatch_log_group, Known):
        return
    match join(document.cloudwatch_log_group, account.log_groups):
        case Found(group) if isinstance(group.kms_key, Absent):
            yield _keyless(group)
        case _:
            return


def _keyless(group: LogGroup) -> Lockout:
    return Lockout(
        change=f"cloudWatchEncryptionEnabled is on while {group.address} has no customer key",
        stops="every session: the service's own encryption does not count for the agent",
        avoided_by="give the group its key in the log-store stage, before the preferences",
    )
