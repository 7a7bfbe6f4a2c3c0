"""Requests about where sessions are recorded: objects of a bucket, streams of a log group, keys.

A store has two names in code, by reference and by letter, and policies use either: both are asked, and what is certain
of one holds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from ssm_hardening.access.people import Person, PersonFact
from ssm_hardening.access.requests import listed, request
from ssm_hardening.core.logic import contents, flag, is_no, mapped, unanswered
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, Undetermined, decide, own_arn
from ssm_hardening.iam.requests import joined, partition_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Key, KeyGrant, LogBucket, LogGroup

_KEY_IDS = ("key_id", "id")

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


_ACL, _GRANTS = "s3:x-amz-acl", "s3:x-amz-grant-"


def on_upload(
    account: Account, who: PersonFact, bucket: LogBucket, prefix: Value[Text], action: str = "s3:PutObject"
) -> tuple[Request, ...]:
    """Return the request of the agent's upload of a recording: it always sends this canned ACL, and no grants."""
    acl = listed(account.at, "bucket-owner-full-control")
    return tuple(
        replace(each, context={**each.context, _ACL: acl}, settled=(*each.settled, _GRANTS))
        for each in on_recording(account, who, action, bucket, prefix)
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
    """Return the request of an action on a key, in each way to name it: patterns know its Region and account too."""
    if key.address.startswith("arn:"):
        return (request(account, who, action, key.address, address=key.address),)
    ids = (joined("key/", Reference(key.address, name)) for name in _KEY_IDS)
    arns = (own_arn("kms", each, account.account, account.region) for each in ids)
    return tuple(
        request(account, who, action, arn, address=key.address) for arn in (Reference(key.address, "arn"), *arns)
    )


_VIA = "kms:viaservice"


def on_agents_key(account: Account, who: PersonFact, action: str, key: Key) -> tuple[Request, ...]:
    """Return the request of a node on a key: the agent decrypts by itself, and S3 asks for the data keys of uploads.

    In which Region S3 does that is the bucket's matter.
    """
    via: Value[Items] = Absent(account.at)
    if action == _DATA_KEY:
        region = Unknown(Why.OUT_OF_SCOPE, account.at, "the Region of the bucket")
        service = joined("s3.", region, _DOMAINS.get(partition_of(account.region), ".amazonaws.com"))
        via = Known(Items((Known(service, account.at),)), account.at)
    asked = on_key(account, who, action, key)
    return tuple(replace(each, context={**each.context, _VIA: via}) for each in asked)


_DATA_KEY = "kms:GenerateDataKey"
_DOMAINS = {"aws-cn": ".amazonaws.com.cn"}


def may_on_bucket(person: Person, asked: Iterable[Request], bucket: LogBucket) -> Decision:
    """Return what the person's policies and the bucket's say of one request, asked in several ways."""
    return may_on_group(with_resource(person, bucket.statements), asked)


def with_resource(person: Person, statements: Inventory[Statement]) -> Person:
    """Return somebody with the policy of a resource beside their own."""
    return replace(person, policies=replace(person.policies, resource=statements))


def may_on_group(person: Person, asked: Iterable[Request]) -> Decision:
    """Return what the person's policies say of one request, asked in several ways."""
    return certain(decide(each, person.policies) for each in asked)


def may_on_key(person: Person, asked: Iterable[Request], key: Key) -> Decision:
    """Return what the key policy, grants, and the person's policies say; a key without a policy is left to its account.

    A grant gives what no policy does; only a Deny takes it back.
    """
    defaulted = key.statements.gap is None and not key.statements.items
    granted = tuple(_granted(each) for each in key.grants)
    policies = person.policies
    if granted or not defaulted:
        together = Inventory((*key.statements, *granted), key.statements.gap) if granted else key.statements
        policies = replace(policies, resource=together, key_policy=not defaulted)
    requests = tuple(asked)
    decision = certain(decide(each, policies) for each in requests)
    grantable = any(each.action in _GRANTABLE for each in requests)
    if grantable and isinstance(decision, Denied) and decision.by is None and key.grants.gap is not None:
        return Undetermined(unanswered(key.grants.gap))
    return decision


_GRANTABLE = frozenset(
    f"kms:{operation}"
    for operation in (
        "CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey",
        "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac",
        "GetPublicKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "Sign", "Verify", "VerifyMac",
    )
)  # fmt: skip
"""What a grant can allow. Source: AWS KMS Developer Guide, "Grants in AWS KMS" (grant operations)."""


def _granted(grant: KeyGrant) -> Statement:
    """Return what a grant says as a statement of the key policy."""
    nothing, at = Absent(grant.at), grant.at
    grantee: Value[Items] = Known(Items((grant.grantee,)), at)
    context = Unknown(Why.OUT_OF_SCOPE, at, "the encryption context that a grant asks for")
    return Statement(
        at=at,
        sid=nothing,
        effect=Known("Allow", at),
        actions=mapped(grant.operations, _actions),
        not_actions=nothing,
        resources=nothing,
        not_resources=nothing,
        principals=Known(Record({"AWS": grantee}), at),
        not_principals=nothing,
        conditions=nothing if is_no(flag(grant.constrained, absent=False)) else context,
    )


def _actions(operations: Items) -> Items:
    named = tuple(mapped(each, lambda operation: f"kms:{operation}") for each in operations.items)
    return replace(operations, items=named)
