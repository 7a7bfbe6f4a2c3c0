"""What documents refuse sessions for: recording that fails closed, the channel's key, and rights that are lacking."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.access.people import Person
from ssm_hardening.access.requests import START, asks_for_document, may, on_document, request
from ssm_hardening.access.stores import certain, on_bucket
from ssm_hardening.core.logic import certainly, known_or, mapped
from ssm_hardening.core.values import Absent, Known
from ssm_hardening.iam.decisions import Denied, decide, own_arn
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.model import PREFERENCES_NAME, Account, LogBucket, LogGroup
from ssm_hardening.model.joins import Elsewhere, Found, join
from ssm_hardening.remediation.advice import Proposal, calls_for_roles, named, preferences
from ssm_hardening.remediation.cases import Effect
from ssm_hardening.remediation.effects.people import (
    Asking,
    grants_sessions,
    node_roles,
    people_with_sessions,
    who_lacks,
)
from ssm_hardening.remediation.plan import Lockout, ModuleCall

_ACCEPTED = {"AES256", "aws:kms"}


def recording_lockouts(proposal: Proposal) -> Iterator[Lockout]:
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
                stops=(
                    "every session: the agent accepts only AES256 and aws:kms, and treats any other bucket as "
                    "unencrypted"
                ),
                avoided_by=(
                    "change the default encryption of the bucket in the log store stage, before the preferences stage"
                ),
            )
        case Elsewhere(name):
            yield Lockout(
                change=f"s3EncryptionEnabled is on while {name} was not among the buckets that were read",
                stops="every session, if the bucket is missing or nodes may not read its encryption",
                avoided_by=("check that bucket before you start: its default encryption must be AES256 or aws:kms"),
            )
        case _:
            return


def _refused(bucket: LogBucket) -> bool:
    return certainly(bucket.encryption, lambda text: isinstance(text, str) and text not in _ACCEPTED, absent=True)


def _is(bucket: LogBucket) -> str:
    return known_or(mapped(bucket.encryption, "encrypted with {}".format), "not encrypted by default")


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
        change=f"cloudWatchEncryptionEnabled is on while {group.address} has no customer managed key",
        stops="every session: the agent does not accept the default encryption of CloudWatch Logs",
        avoided_by="set the key of the log group in the log store stage, before the preferences stage",
    )


_CHECK = "ssm:SessionDocumentAccessCheck"


def document_lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield who opens sessions today without any right to the preferences document."""
    if not proposal.by_hand(Effect.CONDITION):
        return
    guards = proposal.call("operator-role")
    first = (
        f"{calls_for_roles(guards)} allows the document before any Deny applies; for everyone else: " if guards else ""
    )
    for account in proposal.accounts:
        found = [each.fact for each in people_with_sessions(account) if _is_unnamed(account, each)]
        if found:
            yield Lockout(
                change=(
                    f"statements for {START} get the condition {_CHECK}, and {named(found)} may not use the document "
                    "by name"
                ),
                stops=(
                    f"every session that they start without a document name, because {PREFERENCES_NAME} then applies"
                ),
                avoided_by=(f"{first}add the ARN of the document to the policy in the same change as the condition"),
            )


def _is_unnamed(account: Account, person: Person) -> bool:
    """Say whether sessions open unchecked today, and surely would not with the check."""
    unchecked = any(grants_sessions(each) and not asks_for_document(each) for each in person.policies.identity)
    return unchecked and isinstance(may(person, on_document(account, person.fact, START, PREFERENCES_NAME)), Denied)


_NEW_KEY = "key/01234567-89ab-cdef-0123-456789abcdef"
"""A key that no policy of today names."""

_NEW_BUCKET = "new-session-logs-0123456789abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """A setting, the right it asks for, who needs that, and how to ask whether they have it.

    `module` grants it by its input `by`, `also` says in which other way it is given.
    """

    setting: str
    right: str
    persons: Sequence[Person]
    ask: Asking
    stops: str
    module: str
    by: str
    also: str = ""


def lacking_lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield who would be shut out by each setting that is written."""
    for account in proposal.accounts:
        for need in _needs(proposal, account):
            found = who_lacks(need.persons, need.ask)
            if found.lacking:
                yield _lockout(need, found.lacking, "is missing today", proposal)
            if found.doubtful:
                yield _lockout(need, found.doubtful, f"may be missing today (not read: {found.why})", proposal)


def _lockout(need: _Need, persons: Sequence[Person], state: str, proposal: Proposal) -> Lockout:
    granted = [each for each in proposal.call(need.module) if each.inputs.get(need.by) is not None]
    return Lockout(
        change=f"{need.setting} requires {need.right}, and for {named([each.fact for each in persons])} it {state}",
        stops=need.stops,
        avoided_by=_avoided(need, granted),
    )


def _avoided(need: _Need, calls: Sequence[ModuleCall]) -> str:
    first = (
        f"{calls_for_roles(calls)} adds it in the permissions stage; grant it to any others"
        if calls
        else f"grant {need.right}"
    )
    return f"{first} before the preferences stage{need.also}"


def _needs(proposal: Proposal, account: Account) -> Iterator[_Need]:
    nodes = node_roles(account)
    if proposal.picture.writes("kmsKeyId"):
        yield from _of_the_channel(account, nodes)
    if proposal.picture.writes("s3EncryptionEnabled"):
        right = "s3:GetEncryptionConfiguration"
        yield _Need(
            setting="s3EncryptionEnabled", right=right, persons=nodes, ask=_of_bucket(account, right),
            stops="every session on nodes that use the role: the agent treats the bucket as unencrypted",
            module="instance-role", by="s3_bucket_arn",
        )  # fmt: skip
    if proposal.picture.writes("cloudWatchEncryptionEnabled"):
        right, groups = "logs:DescribeLogGroups", own_arn("logs", "log-group:*", account.account, account.region)
        yield _Need(
            setting="cloudWatchEncryptionEnabled", right=right, persons=nodes,
            ask=lambda who: decide(request(account, who.fact, right, groups), who.policies),
            stops="every session on nodes that use the role: the agent treats the log group as unencrypted",
            module="instance-role", by="log_group_arn",
        )  # fmt: skip


def _of_the_channel(account: Account, nodes: Sequence[Person]) -> Iterator[_Need]:
    """Yield the two ends of the channel: the caller makes its data key, the node reads it."""
    yield _Need(
        setting="kmsKeyId", right="kms:Decrypt", persons=nodes, ask=_of_key(account, "kms:Decrypt"),
        stops="every session on nodes that use the role: the handshake fails", module="instance-role",
        by="session_kms_key_arn",
        also=", or add the role to node_role_arns so that the key policy allows it",
    )  # fmt: skip
    yield _Need(
        setting="kmsKeyId", right="kms:GenerateDataKey", persons=people_with_sessions(account),
        ask=_of_key(account, "kms:GenerateDataKey"), stops="every session they start", module="operator-role",
        by="session_kms_key_arn",
        also=", or add the principal to operator_role_arns so that the key policy allows it",
    )  # fmt: skip


def _of_key(account: Account, right: str) -> Asking:
    arn = own_arn("kms", _NEW_KEY, account.account, account.region)
    return lambda who: decide(request(account, who.fact, right, arn), who.policies)


def _of_bucket(account: Account, right: str) -> Asking:
    document = preferences(account)
    found = (
        join(document.s3_bucket, account.log_buckets) if document and isinstance(document.s3_bucket, Known) else None
    )
    if isinstance(found, Found):
        bucket = found.fact
        return lambda who: certain(decide(each, who.policies) for each in on_bucket(account, who.fact, right, bucket))
    arn = f"arn:{partition_of(account.region)}:s3:::{_NEW_BUCKET}"
    return lambda who: decide(request(account, who.fact, right, arn), who.policies)
