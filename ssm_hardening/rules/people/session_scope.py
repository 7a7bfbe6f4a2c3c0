"""Which sessions people may start, resume and end, and on which nodes."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.requests import START, listed, may, on_any_node, request
from ssm_hardening.core.logic import is_no, is_yes
from ssm_hardening.core.values import Absent, Unknown
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, User
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.people.operators import (
    JudgedPerson,
    context_of,
    everybody,
    granted,
    granting,
    judged,
    on_some_node,
    operators,
    some_node,
    unread,
)
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Requirement, Severity, Undecided, Verdict

_TAGS = ("ssm:resourcetag/", "aws:resourcetag/")


@rule(
    id="OPER-01",
    title="Sessions scoped to tagged or listed nodes",
    severity=Severity.HIGH,
    over=operators,
    also=(Requirement.SECURE_ACCESS,),
    remedy="operator-role",
)
def starts_sessions_on_scoped_nodes(subject: JudgedPerson, context: Context) -> Verdict:
    """Whoever may open every node reads the credentials of every node's role, those of tomorrow's nodes included.

    It is asked whether the policies grant ssm:StartSession on a node that nobody listed and that bears no tag, one in
    EC2 and one registered from elsewhere. A condition on tags in an `…IfExists` form, or that excludes a tag, lets such
    a node pass. Whether the tags are the right ones only their owners can say. Service control policies are not read:
    what policies grant they may still take away.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        subject,
        context,
        lambda: _unscoped(subject, context),
        passed="its policies grant sessions on listed or tagged nodes only",
        undecided="on which nodes its policies grant sessions cannot be told",
    )


def _unscoped(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    account, who = context.account, subject.person.fact
    node = on_any_node(account, who)
    hybrid = own_arn("ssm", "managed-instance/mi-0123456789abcdef0", account.account, account.region)
    for asked, what in ((node, "every instance"), (replace(node, resource=hybrid), "every hybrid node")):
        decision = may(subject.person, asked)
        yield from granted(decision, f"its policies grant {START} on {what}, tagged or not{_loophole(decision)}")


def _loophole(decision: Decision) -> str:
    """Return how a condition on tags lets untagged nodes pass."""
    if not isinstance(decision, Allowed):
        return ""
    operators_used = set(_on_tags(decision.by))
    if any(name.endswith("ifexists") for name in operators_used):
        return ": the condition's IfExists lets nodes without the tag pass"
    return ": the condition only excludes a tag" if operators_used else ""


def _on_tags(statement: Statement) -> Iterator[str]:
    for item in conditions_of(statement):
        if isinstance(item, Condition) and item.key.startswith(_TAGS):
            yield item.operator


_ACTIONS = {
    "ssm:TerminateSession": "end",
    "ssm:ResumeSession": "resume",
    "ssmmessages:OpenDataChannel": "open the channel of",
}
_ANOTHER, _ANOTHERS_ID = "session/another-person-0123456789abcdef0", "AROAANOTHERPERSON0000:another-person"


@rule(
    id="OPER-03",
    title="Only own sessions resumed or ended",
    severity=Severity.MEDIUM,
    over=operators,
    remedy="operator-role",
)
def ends_own_sessions_only(subject: JudgedPerson, context: Context) -> Verdict:
    """Whoever may resume another's session types under that person's name; whoever may end it cuts work off.

    Asked is a session of somebody else. Own ones are kept apart by the condition ssm:resourceTag/aws:ssmmessages:
    session-id = ${aws:userid}, or by an ARN `session/${aws:userid}-*` (`${aws:username}` fits IAM users only). Which of
    them matches the sessions of roles and of Identity Center is for the canary session to show.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        subject,
        context,
        lambda: _others(subject, context.account),
        passed="its policies grant nothing on the sessions of others",
        undecided="whether its policies grant the sessions of others cannot be told",
    )


def _others(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    for action, what in _ACTIONS.items():
        decision = may(subject.person, _anothers(subject, action, account))
        yield from granted(decision, f"its policies let it {what} anybody's session ({action})")


def _anothers(subject: JudgedPerson, action: str, account: Account) -> Request:
    at, who = account.at, subject.person.fact
    asked = request(account, who, action, own_arn("ssm", _ANOTHER, account.account, account.region))
    tags = {f"{prefix}aws:ssmmessages:session-id": listed(at, _ANOTHERS_ID) for prefix in _TAGS}
    own = "AIDATHECALLER00000000" if isinstance(who, User) else "AROATHECALLER00000000:the-caller"
    return context_of(asked, {"aws:userid": listed(at, own), **tags}, settled=_TAGS)


_ASK = "ssm:StartAccessRequest"
_REQUEST = "ssm:accessrequestid"


@rule(
    id="OPER-11",
    title="No standing sessions beside just-in-time access",
    severity=Severity.MEDIUM,
    over=everybody,
    manual="whether access has to be asked for is decided with those who work by it: take ssm:StartSession out of the "
    "policies of those who may ask, or bind it to ssm:AccessRequestId",
)
def asks_for_just_in_time_access(subject: JudgedPerson, context: Context) -> Verdict:
    """Whoever may start sessions anyway asks for no access, and its approval is a formality.

    Judged are people whose policies grant ssm:StartAccessRequest: they should hold no ssm:StartSession on nodes but
    one that is bound to a request (ssm:AccessRequestId). The approval policies themselves, and how broad automatic
    approval is, are not read.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Just-in-time node access using Systems Manager".
    """
    asks = on_some_node(subject.person, _ASK, context.account)
    if is_no(asks):
        return NotApplicable(subject.origin, "its policies grant no asking for just-in-time access")
    if isinstance(asks, Unknown):
        return Undecided(subject.origin, asks, "whether its policies grant asking for access cannot be told")
    return judged(
        subject,
        context,
        lambda: _standing(subject, context),
        passed="its policies grant asking for access, and no session without; the approval policies are not judged",
        undecided="whether its policies grant sessions beside the access it asks for cannot be told",
    )


def _standing(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    for kind in ("instance", "managed-instance"):
        asked = some_node(subject.person, START, context.account, kind)
        decision = may(subject.person, context_of(asked, {_REQUEST: Absent(context.account.at)}))
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
        yield Problem(at, f"its policies grant {START} without a request, beside just-in-time access")
