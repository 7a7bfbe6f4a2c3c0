"""The whole path of a recorded session on a node, link by link: role, network, preferences, keys and stores.

A change that breaks a link stops sessions, or their recording: compare the links before and after it.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ssm_hardening.access.assuming import may_be_lent, profile_works
from ssm_hardening.access.credentials import CHANNELS, REGISTERS, Served, Serving, Unserved, serving, title_of
from ssm_hardening.access.endpoints import endpoints_from
from ssm_hardening.access.path_links import (
    PathLink,
    Step,
    bucket_links,
    group_links,
    no,
    right,
    session_key_links,
    told,
    untold,
    where,
)
from ssm_hardening.access.people import Person, person_of
from ssm_hardening.access.reach import NeededService, needed_services, preferences_of, reaches, subnet_of
from ssm_hardening.access.requests import may, on_anything, on_node, request
from ssm_hardening.access.stores import either, on_upload
from ssm_hardening.core.logic import Answer, certainly, is_no, is_yes
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.iam.analysis import NODE_SERVICE
from ssm_hardening.iam.decisions import Allowed, Denied, Policies, Request, decide, surely
from ssm_hardening.model import Account, Instance, SessionDocument, VpcEndpoint
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Found, join
from ssm_hardening.model.placeholders import fixed_setting

_THROUGH = {"ssm": (REGISTERS,), "ssmmessages": CHANNELS, "logs": ("logs:PutLogEvents",), "kms": ("kms:Decrypt",)}
"""What an endpoint's policy must let through on anything, by service."""


def path_of(node: Instance, account: Account) -> tuple[PathLink, ...]:
    """Return the links of the path, in order; all must hold for a session that starts and is recorded."""
    served = serving(node, account)
    person = person_of(served.role, account) if isinstance(served, Served) else None
    own = (*_of_role(node, served, account), *_network(node, person, account))
    return (*(_if_kind_is_known(each, node) for each in own), *_recording(person, account))


def _if_kind_is_known(link: PathLink, node: Instance) -> PathLink:
    """Return the link; what is broken for one kind of node need not be for the other."""
    if isinstance(node.kind, Unknown) and is_no(link.answer):
        return PathLink(link.step, node.kind, link.at, link.broken)
    return link


def _of_role(node: Instance, served: Serving, account: Account) -> Iterator[PathLink]:
    match served:
        case Served(role, lent):
            yield from _lent(served) if lent else _of_profile(node, served)
            yield from _of_agent(node, person_of(role, account), account)
        case Unserved(at, why):
            yield no(Step.ROLE, at, why)
        case Unknown() as gap:
            yield untold(Step.ROLE, gap)


def _lent(served: Served) -> Iterator[PathLink]:
    title = title_of(served)
    yield told(Step.ROLE, exists(served.role), f"{title}, does not exist")
    broken = f"the trust policy of {title}, does not let ssm.amazonaws.com assume it"
    yield told(Step.ROLE, may_be_lent(served.role), broken)


def _of_profile(node: Instance, served: Served) -> Iterator[PathLink]:
    if certainly(node.kind, lambda kind: kind == "managed"):
        return
    broken = f"the trust policy of {title_of(served)} does not let {NODE_SERVICE} assume it"
    yield told(Step.ROLE, profile_works(node, served.role), broken)


def _of_agent(node: Instance, person: Person, account: Account) -> Iterator[PathLink]:
    here = may(person, on_node(account, person.fact, REGISTERS, node))
    anywhere = may(person, on_anything(account, person.fact, REGISTERS))
    yield right(Step.ROLE, person, REGISTERS, (here, anywhere), "the node")
    for action in CHANNELS:
        decision = may(person, on_anything(account, person.fact, action))
        yield right(Step.ROLE, person, action, (decision,), "any resource")


def _network(node: Instance, person: Person | None, account: Account) -> Iterator[PathLink]:
    if isinstance(node.kind, Known) and node.kind.value == "managed":
        return
    for need in needed_services(node, account):
        found = reaches(node, need.service, account)
        answer = need.doubt if need.doubt is not None and not is_yes(found.answer) else found.answer
        broken = f"the node cannot reach {need.service} ({need.reason}): {found.how}"
        yield PathLink(Step.NETWORK, answer, node.subnet.at, broken)
        if person is not None:
            yield from _through(node, need, person, account)


def _through(node: Instance, need: NeededService, person: Person, account: Account) -> Iterator[PathLink]:
    """Yield whether the policies of the endpoints let the node's calls through; without a policy they all do."""
    subnet = subnet_of(node, account)
    if isinstance(subnet, Unknown):
        return
    for endpoint, answer in endpoints_from(subnet, need.service, account):
        if endpoint.statements.gap is None and not endpoint.statements.items:
            continue
        for action, asked in _calls(need.service, person, account):
            link = _let_through(endpoint, action, asked)
            yield from where(answer, partial(replace, link), Step.NETWORK)


def _calls(service: str, person: Person, account: Account) -> Iterator[tuple[str, tuple[Request, ...]]]:
    """Yield the calls that a node makes to a service, on anything; to S3, the upload to the log bucket."""
    for action in _THROUGH.get(service, ()):
        yield action, (request(account, person.fact, action, "*"),)
    document = preferences_of(account) if service == "s3" else None
    if isinstance(document, SessionDocument):
        name = fixed_setting(document.s3_bucket)
        found = None if isinstance(name, Absent) else join(name, account.log_buckets)
        if isinstance(found, Found):
            yield "s3:PutObject", on_upload(account, person.fact, found.fact, fixed_setting(document.s3_key_prefix))


def _let_through(endpoint: VpcEndpoint, action: str, asked: tuple[Request, ...]) -> PathLink:
    """Ask an endpoint's policy twice: whether it admits the role by name, and whether anything in it allows it."""
    policy = endpoint.statements
    admitted = either(surely(decide(each, Policies(identity=Inventory(), resource=policy))) for each in asked)
    anybody = either(decide(each, Policies(identity=policy)) for each in asked)
    answer: Answer = Unknown(
        Why.UNSUPPORTED, endpoint.origin, f"whether the policy of {endpoint.address} allows {action}"
    )
    of_anything = any(each.resource == "*" for each in asked)
    if isinstance(admitted, Allowed):
        answer = Known(True, endpoint.origin)
    elif isinstance(anybody, Denied) and (anybody.by is not None or not of_anything or not _scoped(endpoint)):
        answer = Known(False, endpoint.origin)
    return PathLink(Step.NETWORK, answer, endpoint.origin, f"the policy of {endpoint.address} does not allow {action}")


def _scoped(endpoint: VpcEndpoint) -> bool:
    """Say whether some statement is about certain resources only, so that a call on "any" tells nothing."""
    return any(
        not (isinstance(each.resources, Known) and str(_first(each.resources.value.items)) == "*")
        for each in endpoint.statements
    )


def _first(items: tuple[object, ...]) -> object:
    only = items[0] if len(items) == 1 else None
    return only.value if isinstance(only, Known) else None


def _recording(person: Person | None, account: Account) -> Iterator[PathLink]:
    document = preferences_of(account)
    match document:
        case Absent(at):
            yield no(Step.PREFERENCES, at, "there is no preferences document, so no session is recorded")
            return
        case Unknown() as gap:
            yield untold(Step.PREFERENCES, gap)
            return
        case SessionDocument():
            yield _destination(document)
    if person is not None:
        yield from session_key_links(document, person, account)
        yield from bucket_links(document, person, account)
        yield from group_links(document, person, account)


def _destination(document: SessionDocument) -> PathLink:
    """Say whether the preferences name a store at all."""
    stores = (fixed_setting(document.s3_bucket), fixed_setting(document.cloudwatch_log_group))
    for store in stores:
        if isinstance(store, Known):
            return PathLink(Step.PREFERENCES, Known(True, store.at), store.at, "")
    for store in stores:
        if isinstance(store, Unknown):
            return untold(Step.PREFERENCES, store)
    return no(
        Step.PREFERENCES,
        document.origin,
        "the preferences set neither a bucket nor a log group, so no session is recorded",
    )


def broken(links: tuple[PathLink, ...]) -> tuple[PathLink, ...]:
    """Return the links that surely do not hold, in the order of the path."""
    return tuple(each for each in links if is_no(each.answer))


def open_links(links: tuple[PathLink, ...]) -> tuple[PathLink, ...]:
    """Return the links of which it is unknown whether they hold."""
    return tuple(each for each in links if isinstance(each.answer, Unknown))
