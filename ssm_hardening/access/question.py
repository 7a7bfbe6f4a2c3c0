"""One question about access: whether a principal may do an action on a resource, and which statements decide."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ssm_hardening.access.answers import Link, Told, statement_link
from ssm_hardening.access.outsiders import stranger
from ssm_hardening.access.people import Person, principals
from ssm_hardening.access.requests import listed, node_arn, on_node, request
from ssm_hardening.access.stores import may_on_bucket, may_on_group, may_on_key, on_bucket, on_group, on_key
from ssm_hardening.access.view import not_read
from ssm_hardening.core.errors import UsageError, did_you_mean
from ssm_hardening.core.errors import listed as all_of
from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.values import Absent, Reference, Template, Text, Unknown
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Request, Undetermined, decide, own_arn
from ssm_hardening.iam.examples import asking, deciding, principal_of, readable
from ssm_hardening.iam.requests import Counterexample, joined
from ssm_hardening.model import Account, Group, Instance, Key, LogBucket, LogGroup, Role, SessionDocument, User
from ssm_hardening.model.facts import Fact
from ssm_hardening.model.scope import by_account, in_use, with_whole_iam

_NEAR = 8
"""So many names are listed where one is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks. `resource` is an ARN, `*`, or an address; `context` has condition keys in lower case."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedQuestion:
    """The answer, and what it rests on.

    `title` names who asks, `asked` is the request as it was decided. `by` are the statements that decide, none where no
    statement allows it. `why` says what was missing where it is undecided; of what is allowed, which policy was not
    read and may deny it. `gaps` are policies that were not read, `never_read` the kinds that no source reads.
    """

    told: Told
    account: str
    region: str
    root: str
    title: str
    asked: Counterexample
    by: tuple[Link, ...]
    because: str = ""
    why: Unknown | None = None
    gaps: tuple[Unknown, ...] = ()
    never_read: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Subject:
    """A principal in the picture in which it was found."""

    account: Account
    person: Person


def answered(question: Question, accounts: Iterable[Account]) -> DecidedQuestion:
    """Return the answer. Raises UsageError where the principal or the resource is unknown, or may be several."""
    groups = [in_use(with_whole_iam(pictures)) for pictures in by_account(accounts)]
    subject = _subject(question.principal, groups)
    pictures = next(each for each in groups if any(one is subject.account for one in each))
    account = _in_region(question.resource, pictures)
    fact = _fact(question.resource, account)
    _demand_object(question, fact, account)
    decision, asked = _decided(question, fact, account, subject.person)
    return _told(decision, asked, subject.person.title, account, _policies(subject.person, fact, asked.action))


def _subject(name: str, groups: Sequence[Sequence[Account]]) -> _Subject:
    everyone = [_Subject(group[0], person) for group in groups for person in principals(group[0])]
    found = [each for each in everyone if name in _names(each.person, each.account)]
    found = found or [each for each in everyone if _is_own_arn(name, each)]
    if len(found) == 1:
        return found[0]
    if found:
        places = sorted(f"{each.person.address} ({each.account.root})" for each in found)
        raise UsageError(
            f"{name} may be {all_of(places)}",
            hint="use an address or ARN, or read only the code or account that you mean",
        )
    known = sorted({each.person.title.partition(" ")[2] or each.person.address for each in everyone})
    some = ", ".join(known[:_NEAR]) + (f", and {len(known) - _NEAR} more" if len(known) > _NEAR else "")
    near = [text for each in everyone for text in _names(each.person, each.account)]
    otherwise = f"what was read: {some}" if known else "no role, user, or group was read"
    raise UsageError(f"no role, user, or group is called {name}", hint=did_you_mean(name, near, otherwise=otherwise))


def _names(person: Person, account: Account) -> frozenset[str]:
    name = literal(person.fact.name)
    own = () if name is None else (name, person.title, readable(_arn_of(person.fact, account)))
    return frozenset((person.address, person.address.rpartition("/")[2], *own))


def _is_own_arn(name: str, subject: _Subject) -> bool:
    """Say whether an ARN is that of a principal in code, which knows no account."""
    return name.startswith("arn:") and _fits(_arn_of(subject.person.fact, subject.account), name)


def _arn_of(fact: Role | User | Group, account: Account) -> Text:
    if fact.address.startswith("arn:"):
        return fact.address
    name = known_or(fact.name, Reference(fact.address, "name"))
    # The paths of users and groups are not read; most have none.
    path = fact.path if isinstance(fact, Role) else Absent(fact.origin)
    before = ("/", path) if isinstance(path, Unknown) else _parts(known_or(path, "/"))
    tail = joined(type(fact).__name__.lower(), *before, *_parts(name))
    return own_arn("iam", tail, account.account, account.region, regional=False)


def _parts(text: Text) -> tuple[str | Reference | Unknown, ...]:
    return text.parts if isinstance(text, Template) else (text,)


def _fits(arn: Text, text: str, *, below: bool = False) -> bool:
    """Say whether a text is this ARN, whose holes may be anything; `below`: or of something in it."""
    if not any(isinstance(each, str) for each in _parts(arn)):
        return False
    start = _start(arn, text)
    return start == text or (below and bool(start) and text[len(start)] in ":/")


def _start(arn: Text, text: str) -> str:
    """Return the part of a text that is this ARN."""
    holes = {Reference: "[^:/]*", Unknown: "[^:]*"}
    pattern = "".join(re.escape(each) if isinstance(each, str) else holes[type(each)] for each in _parts(arn))
    found = re.match(pattern, text)
    return "" if found is None else found[0]


_REGION = 3


def _in_region(resource: str, pictures: Sequence[Account]) -> Account:
    """Return the picture of the Region in an ARN, or that holds an address; the first one where none does."""
    fields = resource.split(":")
    region = fields[_REGION] if resource.startswith("arn:") and len(fields) > _REGION else ""
    for each in pictures:
        if (region and literal(each.region) == region) or any(fact.address == resource for fact in _facts(each)):
            return each
    return pictures[0]


def _facts(account: Account) -> Iterator[Fact]:
    kinds = (
        account.log_buckets, account.log_groups, account.keys, account.roles, account.users, account.groups,
        account.instances, account.session_documents,
    )  # fmt: skip
    for kind in kinds:
        yield from kind.items


def _decided(question: Question, fact: Fact | None, account: Account, person: Person) -> tuple[Decision, Request]:
    ways = tuple(_with(question, each) for each in _requests(question, fact, account, person))
    match fact:
        case LogBucket():
            return may_on_bucket(person, ways, fact), ways[0]
        case LogGroup():
            return may_on_group(person, ways), ways[0]
        case Key():
            return may_on_key(person, ways, fact), ways[0]
        case _:
            return decide(ways[0], _policies(person, fact, question.action)), ways[0]


def _policies(person: Person, fact: Fact | None, action: str) -> Policies:
    """Return the policies that bear on the question."""
    match fact:
        case LogBucket():
            return replace(person.policies, resource=fact.statements)
        case Key():
            return replace(person.policies, resource=fact.statements, key_policy=True)
        case Role() if action.casefold().startswith("sts:"):
            # As a key's, the trust policy admits the principal, or leaves it to the policies of its account.
            return replace(person.policies, resource=fact.trust, key_policy=True)
        case _:
            return person.policies


def _fact(resource: str, account: Account) -> Fact | None:
    """Return what the resource is, or is in. Raises UsageError for an address that nothing has."""
    facts = tuple(_facts(account))
    for fact in facts:
        if resource == fact.address or (isinstance(fact, LogBucket) and resource.startswith(f"{fact.address}/")):
            return fact
    if resource == "*" or resource.startswith("arn:"):
        return next(
            (each for each in facts if any(_fits(arn, resource, below=True) for arn in _arns(each, account))), None
        )
    near = [each.address for each in facts]
    some = "use an ARN, *, or the address of what was read"
    raise UsageError(f"nothing has the address {resource}", hint=did_you_mean(resource, near, otherwise=some))


_OF_OBJECTS = re.compile(r"s3:(?!.*Bucket)\w*Object\w*", re.IGNORECASE)


def _demand_object(question: Question, fact: Fact | None, account: Account) -> None:
    """Raise UsageError for an action on objects that is asked on a bucket, which no policy allows."""
    if not isinstance(fact, LogBucket) or not _OF_OBJECTS.fullmatch(question.action):
        return
    if question.resource in {fact.address, *(readable(each) for each in _arns(fact, account))}:
        raise UsageError(
            f"{question.action} is about objects, and {question.resource} is a bucket",
            hint=f"add the key of an object, or *: {question.resource}/KEY",
        )


def _arns(fact: Fact, account: Account) -> tuple[Text, ...]:
    nobody = stranger(account)
    match fact:
        case LogBucket():
            return tuple(each.resource for each in on_bucket(account, nobody, "", fact))
        case LogGroup():
            return tuple(each.resource for each in on_group(account, nobody, "", fact))
        case Key():
            return tuple(each.resource for each in on_key(account, nobody, "", fact))
        case Role() | User() | Group():
            return (_arn_of(fact, account),)
        case Instance():
            return (node_arn(fact, account),)
        case SessionDocument():
            name = known_or(fact.name, Reference(fact.address, "name"))
            return (own_arn("ssm", joined("document/", *_parts(name)), account.account, account.region),)
        case _:
            return (fact.address,)


def _requests(question: Question, fact: Fact | None, account: Account, person: Person) -> tuple[Request, ...]:
    """Return the request, in each way to name what it is about: policies may name it by letter or by reference."""
    text, address = question.resource, None if fact is None else fact.address
    names = () if fact is None else _arns(fact, account)
    resources: tuple[Text, ...] = names
    if address is not None and text.startswith(f"{address}/"):
        resources, address = tuple(joined(*_parts(each), text[len(address) :]) for each in names), None
    elif address != text:
        own = next((each for each in names if _fits(each, text, below=True)), None)
        tail = "" if own is None else text[len(_start(own, text)) :]
        address = None if tail else address
        resources = (text, *(joined(*_parts(each), tail) for each in names if each is not own))
    asked = tuple(request(account, person.fact, question.action, each, address=address) for each in resources)
    if not isinstance(fact, Instance) or address is None:
        return asked
    tagged = on_node(account, person.fact, question.action, fact)
    return tuple(replace(each, context=tagged.context, settled=tagged.settled) for each in asked)


def _with(question: Question, asked: Request) -> Request:
    given = {key: listed(asked.account.at, *values) for key, values in question.context.items()}
    return replace(asked, context={**asked.context, **given})


def _told(decision: Decision, asked: Request, title: str, account: Account, policies: Policies) -> DecidedQuestion:
    layers = (policies.identity, policies.boundary, policies.session, *policies.guardrails, policies.resource)
    gaps = tuple(dict.fromkeys(each.gap for each in layers if each is not None and each.gap is not None))
    statements = deciding(decision)
    request_ = asked if not isinstance(decision, Allowed) or decision.request is None else decision.request
    known = decision.policies if isinstance(decision, Allowed) and decision.policies is not None else policies
    return DecidedQuestion(
        told=_TOLD[type(decision)],
        account=str(known_or(account.account, "")),
        region=str(known_or(account.region, "")),
        root=account.root,
        title=title,
        asked=Counterexample(
            principal=principal_of(request_),
            action=request_.action,
            resource=readable(request_.resource),
            context=asking(request_, known),
            by=tuple(each.at for each in statements),
        ),
        by=tuple(map(statement_link, statements)),
        because=decision.message if isinstance(decision, Denied) else "",
        why=_why(decision),
        gaps=gaps,
        never_read=not_read(account),
    )


_TOLD = {Allowed: Told.YES, Denied: Told.NO, Undetermined: Told.UNDECIDED}


def _why(decision: Decision) -> Unknown | None:
    match decision:
        case Allowed(_, unless):
            return unless
        case Undetermined(why):
            return why
        case Denied():
            return None
