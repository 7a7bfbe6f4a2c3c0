"""Who holds a right over recordings or their keys, person by person; what is not certain is counted apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ssm_hardening.access.people import Person, people, person_of
from ssm_hardening.access.stores import (
    SESSION_LOG,
    Asking,
    either,
    may_on_bucket,
    may_on_group,
    may_on_key,
    on_bucket,
    on_group,
    on_key,
    on_recording,
    prefixes,
)
from ssm_hardening.iam.analysis import granted
from ssm_hardening.iam.decisions import Allowed, Decision, Undetermined
from ssm_hardening.iam.texts import glob
from ssm_hardening.model import Account, Key, LogBucket, LogGroup, Role
from ssm_hardening.values import Absent, Inventory, Known, Text, Unknown, Value, Why

READ_STREAM = ("logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery", "logs:StartLiveTail", "logs:Unmask")
DESTROY_GROUP = ("logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:PutRetentionPolicy")
CHANGE_KEY = ("kms:CreateGrant", "kms:PutKeyPolicy")

_SERVICE_LINKED = "AWSServiceRoleFor"
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")


@dataclass(frozen=True, slots=True)
class Holders:
    """Who surely holds a right, by name; each doubt is somebody who may; `gap` says why there may be more."""

    named: tuple[str, ...]
    doubts: tuple[Unknown, ...]
    gap: Unknown | None


def recording_readers(bucket: LogBucket, account: Account, accepted: tuple[str, ...] = ()) -> Holders:
    """Return who may read recordings in a bucket: by the account's policies, or by name in the bucket's own."""

    def reads(person: Person) -> Decision:
        return either(
            may_on_bucket(person, on_recording(account, person.fact, "s3:GetObject", bucket, prefix), bucket)
            for prefix in prefixes(bucket, account)
        )

    return _joined(_holders(account, reads, accepted), _strangers(bucket, account, accepted))


def stream_readers(group: LogGroup, account: Account, accepted: tuple[str, ...] = ()) -> Holders:
    """Return who may read what a log group holds."""
    return _holders(account, lambda person: _on_group(person, group, account, READ_STREAM), accepted)


def group_destroyers(group: LogGroup, account: Account, accepted: tuple[str, ...] = ()) -> Holders:
    """Return who may delete a log group or its streams, or shorten its retention."""
    return _holders(account, lambda person: _on_group(person, group, account, DESTROY_GROUP), accepted)


def key_changers(key: Key, account: Account, accepted: tuple[str, ...] = ()) -> Holders:
    """Return who may hand a key on: by a grant, or by another key policy."""

    def changes(person: Person) -> Decision:
        return either(may_on_key(person, on_key(account, person.fact, action, key), key) for action in CHANGE_KEY)

    return _holders(account, changes, accepted)


def bucket_holders(bucket: LogBucket, account: Account, action: str, accepted: tuple[str, ...] = ()) -> Holders:
    """Return who may do something to a bucket itself (`s3:PutBucketPolicy`)."""

    def does(person: Person) -> Decision:
        return may_on_bucket(person, on_bucket(account, person.fact, action, bucket), bucket)

    return _holders(account, does, accepted)


def _on_group(person: Person, group: LogGroup, account: Account, actions: tuple[str, ...]) -> Decision:
    """Ask about the group, and about a stream of it: what policies name differs from action to action."""
    return either(
        may_on_group(person, on_group(account, person.fact, action, group, tail))
        for action in actions
        for tail in (f":log-stream:{SESSION_LOG}", "")
    )


def callers(account: Account) -> Inventory[Person]:
    """Return everybody with policies: people, and roles of nodes and services too, those that AWS links aside."""
    found = people(account)
    others = tuple(each for each in found if not isinstance(each.fact, Role))
    roles = tuple(person_of(role) for role in account.roles if not _is_left_out(role))
    return Inventory((*roles, *others), found.gap)


def _is_left_out(role: Role) -> bool:
    gone = isinstance(role.exists, Absent) or (isinstance(role.exists, Known) and not role.exists.value)
    return gone or (isinstance(role.name, Known) and _tail(str(role.name.value)).startswith(_SERVICE_LINKED))


def _holders(account: Account, asks: Asking, accepted: tuple[str, ...]) -> Holders:
    everybody = callers(account)
    named: list[str] = []
    doubts: list[Unknown] = []
    for person in everybody:
        if is_accepted(person, accepted):
            continue
        match asks(person), person.fact.exists:
            case Allowed(), Unknown() as gap:
                doubts.append(gap)
            case Allowed(), _:
                named.append(person.title)
            case Undetermined(why), _:
                doubts.append(why)
            case _:
                continue
    return Holders(tuple(named), tuple(doubts), everybody.gap)


def is_accepted(person: Person, accepted: tuple[str, ...]) -> bool:
    """Say whether somebody's name or address is among those that may (patterns with `*`)."""
    texts = [person.address, *_names(person.fact.name)]
    return any(glob(pattern, text) for pattern in accepted for text in texts)


def _names(name: Value[object]) -> Iterator[str]:
    match name:
        case Known(str() as text):
            yield text
            yield _tail(text)
        case Known() | Absent() | Unknown():
            return


def _tail(text: str) -> str:
    return text.rpartition("/")[2]


def _strangers(bucket: LogBucket, account: Account, accepted: tuple[str, ...]) -> Holders:
    """Return whom the bucket's policy lets read from outside the account: by name, or as a whole account."""
    found = granted(bucket.statements, "s3:GetObject")
    own = {text for person in callers(account) for text in (person.address, f"{person.address}.arn")}
    named: list[str] = []
    doubts = [] if found.doubt is None else [found.doubt]
    for grant in found.grants:
        if grant.principal in own or any(glob(pattern, grant.principal) for pattern in accepted):
            continue
        match _is_foreign(grant.principal, account.account):
            case True:
                named.append(grant.principal)
            case None:
                detail = f"whether {grant.principal} is outside this account"
                doubts.append(Unknown(Why.OUT_OF_SCOPE, grant.statement.at, detail))
            case False:
                continue
    return Holders(tuple(dict.fromkeys(named)), tuple(doubts), None)


def _is_foreign(principal: str, account: Value[Text]) -> bool | None:
    """Say whether a principal of a bucket policy is outside the account; None where that cannot be told."""
    if principal == "everybody":
        return True
    if principal.endswith(".amazonaws.com") or "aws_caller_identity" in principal:
        return False
    found = _ACCOUNT.search(principal)
    match account:
        case Known(str() as own) if found is not None:
            return found[0] != own
        case _:
            return None


def _joined(one: Holders, other: Holders) -> Holders:
    return Holders(
        tuple(dict.fromkeys((*one.named, *other.named))),
        (*one.doubts, *other.doubts),
        one.gap if one.gap is not None else other.gap,
    )
