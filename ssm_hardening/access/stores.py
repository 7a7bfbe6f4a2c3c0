"""Requests about where sessions are recorded: objects of a bucket, streams of a log group, keys.

A store has two names in code, by reference and by letter, and policies use either: both are asked, and what is certain
of one holds.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from ssm_hardening.access.people import Person, PersonFact
from ssm_hardening.access.requests import request
from ssm_hardening.core.logic import contents
from ssm_hardening.core.values import Absent, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Request, Undetermined, decide, own_arn
from ssm_hardening.iam.requests import joined, partition_of
from ssm_hardening.model import Account, Key, LogBucket, LogGroup

Asking: TypeAlias = Callable[[Person], Decision]

SESSION_LOG = "example-0123456789abcdef0"
"""A session id such as the names of recordings hold."""


def certain(decisions: Iterable[Decision]) -> Decision:
    """Return the first decision that is certain, of several ways to ask the same."""
    found = tuple(decisions)
    return next((each for each in found if not isinstance(each, Undetermined)), found[0])


def either(decisions: Iterable[Decision]) -> Decision:
    """Return that it is allowed where one is, denied where all are, else what is open."""
    found = tuple(decisions)
    for kind in (Allowed, Undetermined, Denied):
        for each in found:
            if isinstance(each, kind):
                return each
    return Denied(None, "nothing was asked")


def _parts(text: Text) -> tuple[str | Reference | Unknown, ...]:
    return text.parts if isinstance(text, Template) else (text,)


def _bucket_arns(bucket: LogBucket, account: Account) -> Iterator[Text]:
    if not bucket.address.startswith("arn:"):
        yield Reference(bucket.address, "arn")
    match bucket.name:
        case Known(text):
            yield joined(f"arn:{partition_of(account.region)}:s3:::", *_parts(text))
        case Absent() | Unknown():
            if bucket.address.startswith("arn:"):
                yield bucket.address


def on_bucket(account: Account, who: PersonFact, action: str, bucket: LogBucket) -> tuple[Request, ...]:
    """Return the request of an action on a bucket, in each way to name it."""
    return tuple(request(account, who, action, arn, address=bucket.address) for arn in _bucket_arns(bucket, account))


def on_recording(
    account: Account, who: PersonFact, action: str, bucket: LogBucket, prefix: Value[Text]
) -> tuple[Request, ...]:
    """Return the request of an action on a recording under a prefix."""
    ends = _below(prefix)
    return tuple(
        request(account, who, action, joined(*_parts(arn), "/", *ends)) for arn in _bucket_arns(bucket, account)
    )


def _below(prefix: Value[Text]) -> tuple[str | Reference | Unknown, ...]:
    match prefix:
        case Known(str() as text):
            return (f"{text.strip('/')}/{SESSION_LOG}.log".lstrip("/"),)
        case Known(text):
            return (*_parts(text), f"/{SESSION_LOG}.log")
        case Absent():
            return (f"{SESSION_LOG}.log",)
        case Unknown() as gap:
            return (Unknown(gap.why, gap.at, ""), f"/{SESSION_LOG}.log")


def prefixes(bucket: LogBucket, account: Account) -> tuple[Value[Text], ...]:
    """Return the prefixes under which documents record to a bucket; one that is not known where none is told."""
    users = frozenset(map(str, contents(bucket.used_by)))
    found = [each.s3_key_prefix for each in account.session_documents if each.address in users]
    return tuple(found) or (Unknown(Why.OUT_OF_SCOPE, bucket.origin, "the prefix of the recordings"),)


def on_group(account: Account, who: PersonFact, action: str, group: LogGroup, tail: str = "") -> tuple[Request, ...]:
    """Return the request of an action on a log group; `tail` follows its name (`:log-stream:x`)."""
    asked: list[Text] = []
    if group.address.startswith("arn:"):
        asked.append(f"{group.address.removesuffix(':*')}{tail}")
    else:
        asked.append(joined(Reference(group.address, "arn"), tail))
        if isinstance(group.name, Known):
            ends = joined("log-group:", *_parts(group.name.value), tail)
            asked.append(own_arn("logs", ends, account.account, account.region))
    return tuple(request(account, who, action, each, address=group.address) for each in asked)


def on_key(account: Account, who: PersonFact, action: str, key: Key) -> tuple[Request, ...]:
    """Return the request of an action on a key, in each way to name it: code knows all of its ARN but the id."""
    if key.address.startswith("arn:"):
        arns: tuple[Text, ...] = (key.address,)
    else:
        spelled = own_arn("kms", joined("key/", Reference(key.address, "key_id")), account.account, account.region)
        arns = (Reference(key.address, "arn"), spelled)
    return tuple(request(account, who, action, each, address=key.address) for each in arns)


def may_on_bucket(person: Person, asked: Iterable[Request], bucket: LogBucket) -> Decision:
    """Return what the person's policies and the bucket's say of one request, asked in several ways."""
    policies = _with(person.policies, bucket)
    return certain(decide(each, policies) for each in asked)


def may_on_group(person: Person, asked: Iterable[Request]) -> Decision:
    """Return what the person's policies say of one request, asked in several ways."""
    return certain(decide(each, person.policies) for each in asked)


def may_on_key(person: Person, asked: Iterable[Request], key: Key) -> Decision:
    """Return what the key policy and the person's policies say; a key without a policy is left to its account."""
    defaulted = key.statements.gap is None and not key.statements.items
    policies = person.policies if defaulted else _with(person.policies, key, key_policy=True)
    return certain(decide(each, policies) for each in asked)


def _with(policies: Policies, resource: LogBucket | Key, *, key_policy: bool = False) -> Policies:
    return Policies(
        identity=policies.identity,
        boundary=policies.boundary,
        session=policies.session,
        guardrails=policies.guardrails,
        resource=resource.statements,
        key_policy=key_policy,
    )
