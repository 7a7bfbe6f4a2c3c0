"""Who holds a right over recordings or their keys, person by person; what is not certain is counted apart."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

from ssm_hardening.access.guardrails import guardrails_of_resources
from ssm_hardening.access.outsiders import Outsiders, concerning, outsiders, stranger
from ssm_hardening.access.people import Person, PersonFact, in_part, people, person_of
from ssm_hardening.access.requests import listed
from ssm_hardening.access.stores import (
    SESSION_LOG,
    Asking,
    certain,
    either,
    may_on_bucket,
    may_on_group,
    may_on_key,
    on_bucket,
    on_group,
    on_key,
    on_recording,
    prefixes,
    with_resource,
)
from ssm_hardening.core.logic import literal, unanswered
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Unknown, Value, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, Undetermined
from ssm_hardening.iam.powers import Use, powers_of
from ssm_hardening.iam.resource_policies import owner
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import glob
from ssm_hardening.model import Account, Key, LogBucket, LogGroup, Role

_SERVICE_LINKED = "AWSServiceRoleFor"


@dataclass(frozen=True, slots=True)
class Entitled:
    """Who holds a right, by name; each doubt is somebody who may; `gap` says why there may be more.

    `unless` has an entry for each of those named from whom a policy that was not read may take the right; `example` is
    what the first of them is granted.
    """

    named: tuple[str, ...]
    doubts: tuple[Unknown, ...]
    gap: Unknown | None
    unless: tuple[Unknown, ...] = ()
    example: Allowed | None = None


@cache
def _actions(use: Use, *kinds: str) -> tuple[str, ...]:
    """Return the actions any of which is enough for a power of this use, on objects of these kinds."""
    alone = (power.needs[0] for power in powers_of(use) if len(power.needs) == 1)
    return tuple(dict.fromkeys(need.action for need in alone if need.on in kinds))


def recording_readers(bucket: LogBucket, account: Account, accepted: tuple[str, ...] = ()) -> Entitled:
    """Return who may read recordings in a bucket: by the account's policies, or by name in the bucket's own."""
    return _on_bucket(bucket, account, partial(_on_recordings, account, bucket, Use.READ_RECORDINGS), accepted)


def recording_erasers(bucket: LogBucket, account: Account, accepted: tuple[str, ...] = ()) -> Entitled:
    """Return who may delete recordings in a bucket, or change what keeps them there."""

    def asks(who: PersonFact) -> Iterator[tuple[Request, ...]]:
        yield from _on_recordings(account, bucket, Use.ERASE_RECORDINGS, who)
        for action in _actions(Use.ERASE_RECORDINGS, "bucket"):
            yield on_bucket(account, who, action, bucket)

    return _on_bucket(bucket, account, asks, accepted)


def recording_writers(bucket: LogBucket, account: Account, accepted: tuple[str, ...] = ()) -> Entitled:
    """Return who may write recordings beside the nodes: by the account's policies, or by name in the bucket's own."""

    def asks(who: PersonFact) -> Iterator[tuple[Request, ...]]:
        return (on_recording(account, who, _PUT, bucket, prefix) for prefix in prefixes(bucket, account))

    return _on_bucket(bucket, account, asks, accepted, but=_unless_node)


def _on_recordings(account: Account, bucket: LogBucket, use: Use, who: PersonFact) -> Iterator[tuple[Request, ...]]:
    for prefix in prefixes(bucket, account):
        for action in _actions(use, "object"):
            yield on_recording(account, who, action, bucket, prefix)


def _on_bucket(
    bucket: LogBucket,
    account: Account,
    asks: Callable[[PersonFact], Iterator[tuple[Request, ...]]],
    accepted: tuple[str, ...],
    but: Callable[[Person, Decision], Decision] = lambda _, decision: decision,
) -> Entitled:
    """Return who may do one of these on a bucket or what is in it; each is asked in the ways to name the bucket."""

    def may_one(person: Person) -> Decision:
        return but(person, either(may_on_bucket(person, ways, bucket) for ways in asks(person.fact)))

    asked = [request for ways in asks(stranger(account)) for request in ways]
    outside = outsiders(bucket.statements, asked, _own(account), guardrails_of_resources(account))
    return _joined(_entitled(account, may_one, accepted), outside, accepted)


_PUT = "s3:PutObject"


def _unless_node(person: Person, decision: Decision) -> Decision:
    """Leave out the roles of nodes, which write recordings; whoever may be one stays open."""
    if not isinstance(person.fact, Role) or isinstance(decision, Denied):
        return decision
    match person.fact.kind:
        case Known("node"):
            return Denied(None, "a node writes recordings")
        case Unknown() as gap:
            return Undetermined(unanswered(gap))
        case Known() | Absent():
            return decision


def stream_readers(group: LogGroup, account: Account, accepted: tuple[str, ...] = ()) -> Entitled:
    """Return who may read what a log group holds."""
    actions = _actions(Use.READ_RECORDINGS, *_OF_GROUPS)
    return _entitled(account, lambda person: _on_group(person, group, account, actions), accepted)


def group_destroyers(group: LogGroup, account: Account, accepted: tuple[str, ...] = ()) -> Entitled:
    """Return who may delete a log group or its streams, or change what keeps the recordings there."""
    actions = _actions(Use.ERASE_RECORDINGS, *_OF_GROUPS)
    return _entitled(account, lambda person: _on_group(person, group, account, actions), accepted)


_OF_GROUPS = ("log-group", "log-stream")


_ANY = "logs:*"


def about_group(group: LogGroup, account: Account) -> Inventory[Statement]:
    """Return the statements of resource policies that are about a log group; a gap where one may be."""
    found: list[Statement] = []
    gap = group.statements.gap
    asked = [on_group(account, stranger(account), _ANY, group, tail) for tail in ("", f":log-stream:{SESSION_LOG}")]
    for statement in group.statements:
        match either(certain(concerning(statement, each) for each in ways) for ways in asked):
            case Allowed():
                found.append(statement)
            case Undetermined(why):
                gap = why if gap is None else gap
            case Denied():
                continue
    return Inventory(tuple(found), gap)


def key_changers(key: Key, account: Account, accepted: tuple[str, ...] = ()) -> Entitled:
    """Return who may hand a key on: by a grant, or by another key policy."""
    return _on_key(key, account, Use.CHANGE_KEYS, accepted)


def key_destroyers(key: Key, account: Account, accepted: tuple[str, ...] = ()) -> Entitled:
    """Return who may delete or disable a key, and so make unreadable what it encrypts."""
    return _on_key(key, account, Use.ERASE_RECORDINGS, accepted)


def _on_key(key: Key, account: Account, use: Use, accepted: tuple[str, ...]) -> Entitled:
    actions = _actions(use, "key")

    def may_one(person: Person) -> Decision:
        return either(
            may_on_key(person, map(directly, on_key(account, person.fact, action, key)), key) for action in actions
        )

    number = owner(key.statements, account.account)
    asked = [
        replace(directly(request), account=number)
        for action in actions
        for request in on_key(account, stranger(account), action, key)
    ]
    outside = outsiders(key.statements, asked, _own(account), guardrails_of_resources(account), key_policy=True)
    return _joined(_entitled(account, may_one, accepted), outside, accepted)


def directly(asked: Request) -> Request:
    """Return the request as somebody makes it who neither goes through a service of AWS's nor acts for one."""
    at = asked.account.at
    keys: dict[str, Value[Items]] = {"kms:viaservice": Absent(at), "kms:grantisforawsresource": listed(at, "false")}
    return replace(asked, context={**asked.context, **keys})


def _on_group(person: Person, group: LogGroup, account: Account, actions: tuple[str, ...]) -> Decision:
    """Ask about a stream of the group, as IAM does; that a policy names the bare group's ARN settles nothing."""
    streams = (_about(person, group, account, action, f":log-stream:{SESSION_LOG}") for action in actions)
    bare = (_unsettled(_about(person, group, account, action, "")) for action in actions)
    return either((*streams, *bare))


def _about(person: Person, group: LogGroup, account: Account, action: str, tail: str) -> Decision:
    asked = on_group(account, person.fact, action, group, tail)
    decision = may_on_group(person, asked)
    if not isinstance(decision, Denied) or decision.by is not None:
        return decision
    by_resource = with_resource(person, Inventory(group.statements.items))
    match may_on_group(by_resource, map(_by_nobody_else, asked)):
        case Allowed(by):
            detail = f"whether CloudWatch Logs applies a grant to {person.title}, which is not an AWS service"
            return Undetermined(Unknown(Why.OUT_OF_SCOPE, by.at, detail))
        case other:
            return other


def _by_nobody_else(asked: Request) -> Request:
    """Return a request that no service makes for the caller: those alone say for which account and resource."""
    return replace(asked, context={**asked.context, **dict.fromkeys(_FOR_WHOM, Absent(asked.account.at))})


_FOR_WHOM = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid")


def _unsettled(decision: Decision) -> Decision:
    match decision:
        case Allowed(by):
            detail = "whether a log group's ARN without :* grants the permission"
            return Undetermined(Unknown(Why.OUT_OF_SCOPE, by.at, detail))
        case Denied() | Undetermined():
            return decision


def everybody(account: Account) -> Inventory[Person]:
    """Return everybody with policies: people, and the roles of nodes and services, but not service-linked roles."""
    found = people(account)
    others = tuple(each for each in found if not isinstance(each.fact, Role))
    roles = tuple(person_of(in_part(role), account) for role in account.roles if not _is_left_out(role))
    return Inventory((*roles, *others), found.gap)


def _is_left_out(role: Role) -> bool:
    gone = isinstance(role.exists, Absent) or (isinstance(role.exists, Known) and not role.exists.value)
    return gone or (isinstance(role.name, Known) and _tail(str(role.name.value)).startswith(_SERVICE_LINKED))


def _entitled(account: Account, asks: Asking, accepted: tuple[str, ...]) -> Entitled:
    asked = everybody(account)
    named: list[str] = []
    doubts: list[Unknown] = []
    allowed: list[Allowed] = []
    for person in asked:
        if is_accepted(person, accepted):
            continue
        match asks(person), _in_doubt(person, accepted):
            case Allowed(), Unknown() as gap:
                doubts.append(gap)
            case Allowed() as given, _:
                named.append(person.title)
                allowed.append(given)
            case Undetermined(why), _:
                doubts.append(why)
            case _:
                continue
    unless = tuple(each.unless for each in allowed if each.unless is not None)
    return Entitled(tuple(named), tuple(doubts), asked.gap, unless, next(iter(allowed), None))


def _in_doubt(person: Person, accepted: tuple[str, ...]) -> Unknown | None:
    """Say why somebody may not be there, or may be one of those that are accepted by a name that is not known."""
    if isinstance(person.fact.exists, Unknown):
        return person.fact.exists
    match person.fact.name:
        case Unknown() as gap if accepted and not person.address.startswith("arn:"):
            return unanswered(gap)
        case Known(Reference() | Template() as text, at) if accepted:
            return Unknown(Why.COMPUTED, at, f"whether {text} is an accepted name")
        case _:
            return None


def is_accepted(person: Person, accepted: tuple[str, ...]) -> bool:
    """Say whether somebody's name or address is among those that may (patterns with `*`)."""
    name = literal(person.fact.name)
    texts = [each for text in (person.address, name) if text is not None for each in (text, _tail(text))]
    return any(glob(pattern, text) for pattern in accepted for text in texts)


def _tail(text: str) -> str:
    return text.rpartition("/")[2]


def _own(account: Account) -> frozenset[str]:
    """Return how policies refer to the account's own people, who are asked one by one."""
    return frozenset(text for person in everybody(account) for text in (person.address, f"{person.address}.arn"))


def _joined(inside: Entitled, outside: Outsiders, accepted: tuple[str, ...]) -> Entitled:
    named = (each for each in outside.named if not any(glob(pattern, each) for pattern in accepted))
    return Entitled(
        tuple(dict.fromkeys((*inside.named, *named))),
        (*inside.doubts, *outside.doubts),
        inside.gap if inside.gap is not None else outside.crowd,
        (*inside.unless, *outside.unless),
        outside.example if inside.example is None else inside.example,
    )
