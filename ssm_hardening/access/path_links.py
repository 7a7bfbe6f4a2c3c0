"""The links of a path from a node to a recording: what one is, and those from the preferences on.

The session key must be there and usable, and the stores with their keys; whether the rest of the path holds says
`paths`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from ssm_hardening.access.people import Person
from ssm_hardening.access.requests import on_anything
from ssm_hardening.access.stores import (
    SESSION_LOG,
    either,
    may_on_bucket,
    may_on_group,
    may_on_key,
    on_agents_key,
    on_bucket,
    on_group,
    on_upload,
)
from ssm_hardening.core.logic import Answer, ask, flag, is_no, is_yes, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.arns import LogGroupPlace
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, decide, surely
from ssm_hardening.iam.resource_policies import admits_logs, owner
from ssm_hardening.model import Account, Fact, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.model.placeholders import fixed_setting


class Step(StrEnum):
    """Where on the path a link stands, in the order a session takes it."""

    ROLE = "node role"
    NETWORK = "network"
    PREFERENCES = "preferences"
    SESSION_KEY = "session key"
    BUCKET = "log bucket"
    BUCKET_KEY = "key of the log bucket"
    GROUP = "log group"
    GROUP_KEY = "key of the log group"


@dataclass(frozen=True, slots=True)
class PathLink:
    """A link: whether it holds, and `broken`, how it reads where it does not."""

    step: Step
    answer: Answer
    at: Origin
    broken: str


def no(step: Step, at: Origin, broken: str) -> PathLink:
    """Return a link that is broken."""
    return PathLink(step, Known(False, at), at, broken)


def untold(step: Step, gap: Unknown) -> PathLink:
    """Return a link of which nothing is known."""
    return PathLink(step, unanswered(gap), gap.at, gap.detail)


def told(step: Step, answer: Answer, broken: str) -> PathLink:
    """Return a link whose answer says all: where it is not known, the link says why, and not that it is broken."""
    return untold(step, answer) if isinstance(answer, Unknown) else PathLink(step, answer, answer.at, broken)


def right(step: Step, person: Person, action: str, decisions: Iterable[Decision], on: str) -> PathLink:
    """Return whether a role is granted an action; one way to ask of several is enough."""
    at = person.fact.origin
    match either(map(surely, decisions)):
        case Allowed(by):
            return PathLink(step, Known(True, by.at), by.at, "")
        case Undetermined(why):
            return PathLink(
                step, unanswered(why), at, f"whether {person.title} is authorized to perform {action} on {on}"
            )
        case Denied(by, message):
            place = at if by is None else by.at
            return no(step, place, f"{person.title} is not authorized to perform {action} on {on}: {message}")


def where(answer: Answer, link: Callable[[], PathLink], step: Step) -> tuple[PathLink, ...]:
    """Return a link that matters only where the answer is yes; where that is unknown, only that."""
    if is_no(answer):
        return ()
    found = link()
    if isinstance(answer, Known):
        return (found,)
    return () if is_yes(found.answer) else (untold(step, answer),)


F = TypeVar("F", LogBucket, LogGroup, Key)

_STREAM_ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")


def session_key_links(document: SessionDocument, person: Person, account: Account) -> Iterator[PathLink]:
    """Yield what must hold of the session key: it is there and usable, and the node may decrypt with it."""
    yield from _key_links(Step.SESSION_KEY, fixed_setting(document.kms_key), "kms:Decrypt", person, account)


def bucket_links(document: SessionDocument, person: Person, account: Account) -> Iterator[PathLink]:
    """Yield what must hold of the log bucket, where the document names one."""
    name = fixed_setting(document.s3_bucket)
    if isinstance(name, Absent):
        return
    found = _found(Step.BUCKET, name, account.log_buckets)
    if isinstance(found, PathLink):
        yield found
        return
    checks = flag(document.s3_encryption_enabled, absent=False)
    yield _there(Step.BUCKET, found)
    yield from where(checks, lambda: _not_dsse(found), Step.BUCKET)
    put = on_upload(account, person.fact, found, fixed_setting(document.s3_key_prefix))
    yield right(Step.BUCKET, person, "s3:PutObject", [may_on_bucket(person, put, found)], "the recordings")
    look = on_bucket(account, person.fact, "s3:GetEncryptionConfiguration", found)
    yield from where(checks, lambda: _looks(person, found, [may_on_bucket(person, look, found)]), Step.BUCKET)
    yield from _bucket_key(found, person, account)


def _looks(person: Person, bucket: LogBucket, decisions: list[Decision]) -> PathLink:
    return right(Step.BUCKET, person, "s3:GetEncryptionConfiguration", decisions, bucket.address)


def _bucket_key(bucket: LogBucket, person: Person, account: Account) -> Iterator[PathLink]:
    uses = ask(bucket.encryption, lambda kind: kind in {"aws:kms", "aws:kms:dsse"}, absent=False)
    if isinstance(uses, Unknown):
        yield untold(Step.BUCKET_KEY, uses)
    elif uses.value:
        yield from _key_links(Step.BUCKET_KEY, bucket.kms_key, "kms:GenerateDataKey", person, account)


def group_links(document: SessionDocument, person: Person, account: Account) -> Iterator[PathLink]:
    """Yield what must hold of the log group, where the document names one."""
    name = fixed_setting(document.cloudwatch_log_group)
    if isinstance(name, Absent):
        return
    found = _found(Step.GROUP, name, account.log_groups)
    if isinstance(found, PathLink):
        yield found
        return
    yield _there(Step.GROUP, found)
    encrypted = flag(document.cloudwatch_encryption_enabled, absent=False)
    yield from where(encrypted, lambda: _has_key(found), Step.GROUP)
    lookup = decide(on_anything(account, person.fact, "logs:DescribeLogGroups"), person.policies)
    yield right(Step.GROUP, person, "logs:DescribeLogGroups", [lookup], "any log group")
    for action in _STREAM_ACTIONS:
        asked = (on_group(account, person.fact, action, found, f":log-stream:{end}") for end in (SESSION_LOG, ""))
        bare = on_group(account, person.fact, action, found)
        decisions = [may_on_group(person, each) for each in (*asked, bare)]
        yield right(Step.GROUP, person, action, decisions, found.address)
    yield from _group_key(found, account)


def _group_key(group: LogGroup, account: Account) -> Iterator[PathLink]:
    if isinstance(group.kms_key, Absent):
        return
    key = _found(Step.GROUP_KEY, group.kms_key, account.keys)
    if isinstance(key, PathLink):
        yield key
        return
    yield _there(Step.GROUP_KEY, key)
    yield _usable(Step.GROUP_KEY, key)
    place = LogGroupPlace(group.address, group.name, account.region, owner(key.statements, account.account))
    answer = admits_logs(key.statements, place, key.origin)
    broken = f"the policy of {key.address} does not let CloudWatch Logs encrypt {group.address} with it"
    yield PathLink(Step.GROUP_KEY, answer, key.origin, broken)


def _key_links(step: Step, name: Value[Text], action: str, person: Person, account: Account) -> Iterator[PathLink]:
    if isinstance(name, Absent) or (isinstance(name, Known) and _is_awss(name.value)):
        return
    key = _found(step, name, account.keys)
    if isinstance(key, PathLink):
        yield key
        return
    yield _there(step, key)
    yield _usable(step, key)
    decisions = [may_on_key(person, on_agents_key(account, person.fact, action, key), key)]
    yield right(step, person, action, decisions, key.address)


def _is_awss(name: Text) -> bool:
    """Say whether a key is AWS's own for a service, which every principal of the account may use through it."""
    return isinstance(name, str) and name.rpartition(":")[2].startswith("alias/aws/")


def _found(step: Step, name: Known[Text] | Unknown, inventory: Inventory[F]) -> F | PathLink:
    """Return what a name means, or the link that this is unknown or that there is no such thing."""
    match join(name, inventory):
        case Found(fact):
            return fact
        case Uncertain(gap):
            return untold(step, gap)
        case Elsewhere(read):
            return untold(step, Unknown(Why.OUT_OF_SCOPE, name.at, f"the {step} {read}, which was not read"))


def _there(step: Step, fact: Fact) -> PathLink:
    return PathLink(step, exists(fact), fact.origin, f"the {step} {fact.address} does not exist")


def _usable(step: Step, key: Key) -> PathLink:
    return PathLink(step, flag(key.enabled, absent=False), key.origin, f"the {step} {key.address} is not enabled")


def _not_dsse(bucket: LogBucket) -> PathLink:
    broken = f"{bucket.address} is encrypted with DSSE-KMS, which the agent treats as unencrypted: sessions are refused"
    return told(Step.BUCKET, ask(bucket.encryption, lambda kind: kind != "aws:kms:dsse", absent=True), broken)


def _has_key(group: LogGroup) -> PathLink:
    broken = f"{group.address} has no KMS key, but the agent requires one: sessions are refused"
    return told(Step.GROUP, ask(group.kms_key, lambda _: True, absent=False), broken)
