"""Which sessions people may start, resume and end, and on which nodes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ssm_hardening.access.fleet import session_with, with_listed_tags
from ssm_hardening.access.people import Person, as_read, people
from ssm_hardening.access.requests import PROBE_HYBRID, START, listed, may, on_any_node, request
from ssm_hardening.core.logic import Answer, every, is_no, is_yes, some, unanswered
from ssm_hardening.core.values import Absent, Known, Text, Unknown
from ssm_hardening.iam.analysis import has_effect, speaking
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, without_value
from ssm_hardening.iam.examples import example_of
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, flat, gap_in, members, of_text
from ssm_hardening.model import Account, Group, User
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, headed
from ssm_hardening.rules.people.operators import (
    context_of,
    everybody,
    granted,
    granting,
    judged,
    on_some_node,
    operators,
    some_node,
    unless_administrator,
    unread,
    unread_policy,
)
from ssm_hardening.rules.people.subjects import JudgedPerson
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Requirement, Severity, Undecided, Verdict

_TAGS = ("ssm:resourcetag/", "aws:resourcetag/")


@rule(
    id="OPER-01",
    title="Sessions are limited to tagged or listed nodes",
    headline="Sessions can be started on every node",
    severity=Severity.HIGH,
    over=operators,
    also=(Requirement.SECURE_ACCESS,),
    remedy="operator-role",
)
def starts_sessions_on_scoped_nodes(subject: JudgedPerson, context: Context) -> Verdict:
    """Anyone with a session on a node can use the credentials of its role: access to every node means every role.

    The rule checks whether policies allow ssm:StartSession on a node that is not listed and has no tags: an EC2
    instance, and a hybrid node. A tag condition with an `…IfExists` operator, or one that only excludes a tag, matches
    such a node. A condition that any value of a tag meets, such as `Null` with the value `false` or `StringLike` with
    `*`, limits sessions to tagged nodes, and not to some of them: it is a finding too. A condition that people can meet
    themselves, such as one on MFA or on their network, scopes no nodes. Whether the tags are the right ones is for
    their owners to decide. Control policies that were not read may still deny what these policies allow.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        subject,
        context,
        lambda: _unscoped(subject, context),
        passed="its policies grant sessions on listed or tagged nodes only",
        undecided="which nodes its policies allow sessions on is unknown",
    )


def _unscoped(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    account, who = context.account, subject.person.fact
    node = on_any_node(account, who)
    hybrid = own_arn("ssm", PROBE_HYBRID, account.account, account.region)
    for asked, what, headline in (
        (node, "every instance", ""),
        (replace(node, resource=hybrid), "every hybrid node", "Sessions can be started on every hybrid node"),
    ):
        decision = may(subject.person, asked)
        if isinstance(decision, Denied):
            yield from _on_tagged(subject, asked, what)
            continue
        loophole = _loophole(decision)
        scope = f"{what} without the tag: {loophole}" if loophole else f"{what}, tagged or not"
        checks = granted(decision, f"its policies allow {START} on {scope}")
        yield from headed("Sessions can be started on untagged nodes" if loophole else headline, checks)


def _on_tagged(subject: JudgedPerson, untagged: Request, what: str) -> Iterator[Check]:
    """Yield whether it is enough that a node has tags, whatever their values."""
    person = with_listed_tags(subject.person)
    everywhere = [each.key for statement in _about_sessions(person) for each in _on_tags(statement)]
    alone = ([each.key for each in _on_tags(statement)] for statement, _ in granting(subject, START))
    for keys in dict.fromkeys(map(_names, (everywhere, *alone))):
        tags = {f"{prefix}{name}": listed(untagged.account.at, _ARBITRARY) for name in keys for prefix in _TAGS}
        decision = may(person, context_of(untagged, tags)) if tags else Denied(None, "no tag is asked for")
        text = f"its policies allow {START} on {what} that has the tag {', '.join(keys)}, whatever its value"
        yield from headed("Sessions can be started on every tagged node", granted(decision, text))
        if isinstance(decision, Allowed):
            return


_ARBITRARY = "0f6a93c1d2b7e4058"


def _names(keys: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key.partition("/")[2] for key in keys))


def _about_sessions(person: Person) -> Iterator[Statement]:
    for layer in (person.policies.identity, person.policies.boundary):
        for effect in ("Allow", "Deny"):
            found = () if layer is None else speaking(layer.items, effect, START)
            yield from (statement for statement, _ in found)


def _loophole(decision: Decision) -> str:
    """Return how a condition on tags lets untagged nodes pass."""
    if not isinstance(decision, Allowed):
        return ""
    operators_used = {each.operator for each in _on_tags(decision.by)}
    if any(name.endswith("ifexists") for name in operators_used):
        return "a condition with IfExists is met if the tag is missing"
    return "the condition only excludes a tag value" if operators_used else ""


def _on_tags(statement: Statement) -> Iterator[Condition]:
    for item in conditions_of(statement):
        if isinstance(item, Condition) and item.key.startswith(_TAGS):
            yield item


_ACTIONS = {
    "ssm:TerminateSession": "end",
    "ssm:ResumeSession": "resume",
    "ssmmessages:OpenDataChannel": "open the data channel of",
}
_ANOTHER, _ANOTHERS_ID = "session/another-person-0123456789abcdef0", "AROAANOTHERPERSON0000:another-person"


@rule(
    id="OPER-03",
    title="People can resume and end only their own sessions",
    headline="Other people's sessions can be controlled",
    severity=Severity.MEDIUM,
    over=operators,
    remedy="operator-role",
)
def ends_own_sessions_only(subject: JudgedPerson, context: Context) -> Verdict:
    """Anyone who can resume another person's session acts under that person's name; ending it interrupts their work.

    The rule checks what the policies allow on a session that someone else started. To limit people to their own
    sessions, use the condition `ssm:resourceTag/aws:ssmmessages:session-id` with the value `${aws:userid}`, or the
    resource `session/${aws:userid}-*` (`${aws:username}` works for IAM users only). Run a canary session to see which
    of them matches the sessions of roles and of Identity Center users.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        subject,
        context,
        lambda: _others(subject, context.account),
        passed=f"its policies allow nothing on the sessions of other people{_without_value(subject, context.account)}",
        undecided="whether its policies allow access to the sessions of other people is unknown",
    )


def _others(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    for action, what in _ACTIONS.items():
        decision = may(subject.person, _anothers(subject, action, account))
        yield from granted(decision, f"its policies let it {what} any session ({action})")


def _without_value(subject: JudgedPerson, account: Account) -> str:
    """Say what a statement that is meant for one's own sessions does instead, if its variable has no value."""
    identity = subject.person.policies.identity
    asked = (_anothers(subject, action, account) for action in _ACTIONS)
    named = ", ".join(dict.fromkeys(name for each in asked for name in without_value(each, identity)))
    return f", nor on its own where they use {named}, which has no value for it" if named else ""


def _anothers(subject: JudgedPerson, action: str, account: Account) -> Request:
    at, who = account.at, subject.person.fact
    asked = request(account, who, action, own_arn("ssm", _ANOTHER, account.account, account.region))
    tags = {f"{prefix}aws:ssmmessages:session-id": listed(at, _ANOTHERS_ID) for prefix in _TAGS}
    own = "AIDATHECALLER00000000" if isinstance(who, User) else "AROATHECALLER00000000:the-caller"
    member = {"aws:username": listed(at, "the-caller")} if isinstance(who, Group) else {}
    return context_of(asked, {"aws:userid": listed(at, own), **member, **tags}, settled=_TAGS)


_ASK = "ssm:StartAccessRequest"
_BY_NAME = "ssm:startaccess"
_REQUEST = "ssm:accessrequestid"


@rule(
    id="OPER-11",
    title="Standing access does not bypass just-in-time access",
    headline="Sessions start without an access request",
    severity=Severity.MEDIUM,
    over=everybody,
    manual="only the people who use this access know when they need it: agree with them, then remove ssm:StartSession "
    "from the policies of people who can request access, or add a condition on ssm:AccessRequestId",
)
def asks_for_just_in_time_access(subject: JudgedPerson, context: Context) -> Verdict:
    """People who can start sessions anyway have no reason to request access, so approval becomes a formality.

    The rule applies to people whose policies allow ssm:StartAccessRequest, if a policy of the account names this
    action: if only wildcards such as ssm:* allow it, just-in-time access has not been set up. Their ssm:StartSession
    permission should depend on an access request (condition key ssm:AccessRequestId). The approval policies, and how
    broad automatic approval is, are not read.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Just-in-time node access using Systems Manager".
    """
    asks = on_some_node(subject.person, _ASK, context.account)
    if is_no(asks):
        return NotApplicable(subject.origin, "its policies do not allow requesting just-in-time access")
    if isinstance(asks, Unknown):
        return Undecided(subject.origin, asks, "whether its policies allow requesting just-in-time access is unknown")
    used = _is_set_up(subject.person, context.account)
    if not is_yes(used):
        return unless_administrator(subject, context, lambda: _not_set_up(subject, used))
    return judged(
        subject,
        context,
        lambda: _standing(subject, context),
        passed="its policies grant sessions only with an access request; approval policies are not checked",
        undecided="whether its policies grant sessions without an access request is unknown",
    )


def _not_set_up(subject: JudgedPerson, used: Answer) -> Verdict:
    if isinstance(used, Unknown):
        return Undecided(subject.origin, used, f"whether a policy names {_ASK} is unknown")
    why = f"no policy names {_ASK}, so nothing shows that just-in-time access is used"
    return NotApplicable(subject.origin, why)


def _is_set_up(person: Person, account: Account) -> Answer:
    """Say whether a policy of this person, or of somebody else, allows requests for access by their name."""
    own = _names_requests(person)
    # Only for those who have the action by a wildcard, everybody else is looked at.
    if is_yes(own):
        return own
    found = people(account)
    more = () if found.gap is None else (unanswered(found.gap),)
    return some((own, *map(_names_requests, found), *more), account.at)


def _names_requests(person: Person) -> Answer:
    policies = person.policies.identity
    gap = () if policies.gap is None else (unanswered(policies.gap),)
    return some((*map(_statement_names_requests, policies), *gap), person.fact.origin)


def _statement_names_requests(statement: Statement) -> Answer:
    names = some(map(_is_by_name, members(statement.actions)), statement.at)
    return every((has_effect(statement, "Allow"), names), statement.at)


def _is_by_name(action: Known[Any] | Unknown) -> Answer:
    def begins(text: Text) -> bool | Answer:
        told, open_from, _ = flat(text).casefold().partition(HOLE)
        # Whatever fills the hole, it is a name only if what stands before it leaves that open.
        return gap_in(text, action.at) if open_from and _BY_NAME.startswith(told) else told.startswith(_BY_NAME)

    return of_text(action, begins, "an action that is not a string")


def _standing(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    yield from gaps(unread_policy(subject))
    for kind in ("instance", "managed-instance"):
        asked = some_node(subject.person, START, context.account, kind)
        decision = may(as_read(subject.person), context_of(asked, {_REQUEST: Absent(context.account.at)}))
        if not isinstance(decision, Denied):
            yield from _certainty(subject, context)
            return


def _certainty(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    """Yield the problem where sessions are granted on some node, though on which one cannot be told in general."""
    sessions = on_some_node(subject.person, START, context.account)
    statements = [statement for statement, _ in granting(subject, START)]
    hidden = unread([statement.conditions for statement in statements])
    if isinstance(sessions, Unknown):
        yield sessions
    elif hidden is not None:
        yield hidden
    elif sessions.value:
        at = next((statement.at for statement, sure in granting(subject, START) if is_yes(sure)), subject.origin)
        text = f"its policies allow {START} without an access request, although it can request just-in-time access"
        unasked = {_REQUEST: Absent(context.account.at)}
        example = example_of(session_with(context.account, subject.person, unasked), *unasked)
        yield Problem(at, text, unless=unread_policy(subject), example=example)
