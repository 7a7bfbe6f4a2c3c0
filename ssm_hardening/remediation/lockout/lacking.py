"""Who lacks a right that a new setting asks for: by name, where that is certain, and as a doubt where it is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.access.people import Person
from ssm_hardening.access.requests import request
from ssm_hardening.access.stores import certain, on_bucket
from ssm_hardening.iam.decisions import decide, own_arn
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.model import Account
from ssm_hardening.model.joins import Found, join
from ssm_hardening.remediation.lockout.callers import Asking, callers, node_roles, standing
from ssm_hardening.remediation.lockout.proposal import Proposal, granting, named, preferences
from ssm_hardening.remediation.plan import Lockout, ModuleCall
from ssm_hardening.values import Known

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


def lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield who would be shut out by each setting that is written."""
    for account in proposal.accounts:
        for need in _needs(proposal, account):
            found = standing(need.persons, need.ask)
            if found.lacking:
                yield _lockout(need, found.lacking, "lack it today", proposal)
            if found.doubtful:
                yield _lockout(need, found.doubtful, f"may lack it today, for it was not read: {found.why}", proposal)


def _lockout(need: _Need, persons: Sequence[Person], state: str, proposal: Proposal) -> Lockout:
    granted = [each for each in proposal.call(need.module) if each.inputs.get(need.by) is not None]
    return Lockout(
        change=f"{need.setting} asks for {need.right}, and {named([each.fact for each in persons])} {state}",
        stops=need.stops,
        avoided_by=_avoided(need, granted),
    )


def _avoided(need: _Need, calls: Sequence[ModuleCall]) -> str:
    first = (
        f"{granting(calls)} adds it in the stage of rights; give it to the others" if calls else f"grant {need.right}"
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
            stops="every session on nodes that run with it: the agent takes the bucket for not encrypted",
            module="instance-role", by="s3_bucket_arn",
        )  # fmt: skip
    if proposal.picture.writes("cloudWatchEncryptionEnabled"):
        right, groups = "logs:DescribeLogGroups", own_arn("logs", "log-group:*", account.account, account.region)
        yield _Need(
            setting="cloudWatchEncryptionEnabled", right=right, persons=nodes,
            ask=lambda who: decide(request(account, who.fact, right, groups), who.policies),
            stops="every session on nodes that run with it: the agent takes the log group for not encrypted",
            module="instance-role", by="log_group_arn",
        )  # fmt: skip


def _of_the_channel(account: Account, nodes: Sequence[Person]) -> Iterator[_Need]:
    """Yield the two ends of the channel: the caller makes its data key, the node reads it."""
    yield _Need(
        setting="kmsKeyId", right="kms:Decrypt", persons=nodes, ask=_of_key(account, "kms:Decrypt"),
        stops="every session on nodes that run with it: the handshake fails", module="instance-role",
        by="session_kms_key_arn",
        also=", or list it in node_role_arns, so that the key's own policy admits it",
    )  # fmt: skip
    yield _Need(
        setting="kmsKeyId", right="kms:GenerateDataKey", persons=callers(account),
        ask=_of_key(account, "kms:GenerateDataKey"), stops="every session they start", module="operator-role",
        by="session_kms_key_arn",
        also=", or list it in operator_role_arns, so that the key's own policy admits it",
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
