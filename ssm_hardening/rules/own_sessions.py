"""Whose sessions people may resume and end: OPER-03."""

from collections.abc import Iterator

from ssm_hardening.access.requests import listed, may, request
from ssm_hardening.findings import Question, Requirement, Severity, Verdict
from ssm_hardening.iam.decisions import Request
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.model import Account, User
from ssm_hardening.rules.operators import Caller, context_of, granted, judged, operators
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.settings import Check

_ACTIONS = {
    "ssm:TerminateSession": "end",
    "ssm:ResumeSession": "resume",
    "ssmmessages:OpenDataChannel": "open the channel of",
}
_ANOTHER, _ANOTHERS_ID = "session/another-person-0123456789abcdef0", "AROAANOTHERPERSON0000:another-person"
_TAGS = ("ssm:resourcetag/", "aws:resourcetag/")


@rule(
    id="OPER-03",
    title="Only own sessions resumed or ended",
    severity=Severity.MEDIUM,
    over=operators,
    question=Question.ACCESS,
    requirement=Requirement.ACCESS_CONTROL,
    remedy="operator-role",
)
def oper_03(caller: Caller, context: Context) -> Verdict:
    """Whoever may resume another's session types under that person's name; whoever may end it cuts work off.

    Asked is a session of somebody else. Own ones are kept apart by the condition ssm:resourceTag/aws:ssmmessages:
    session-id = ${aws:userid}, or by an ARN `session/${aws:userid}-*` (`${aws:username}` fits IAM users only). Which of
    them matches the sessions of roles and of Identity Center is for the canary session to show.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        caller,
        context,
        lambda: _others(caller, context.account),
        passed="its policies grant nothing on the sessions of others",
        undecided="whether its policies grant the sessions of others cannot be told",
    )


def _others(caller: Caller, account: Account) -> Iterator[Check]:
    for action, what in _ACTIONS.items():
        decision = may(caller.person, _anothers(caller, action, account))
        yield from granted(decision, f"its policies let it {what} anybody's session ({action})")


def _anothers(caller: Caller, action: str, account: Account) -> Request:
    at, who = account.at, caller.person.fact
    asked = request(account, who, action, own_arn("ssm", _ANOTHER, account.account, account.region))
    tags = {f"{prefix}aws:ssmmessages:session-id": listed(at, _ANOTHERS_ID) for prefix in _TAGS}
    own = "AIDATHECALLER00000000" if isinstance(who, User) else "AROATHECALLER00000000:the-caller"
    return context_of(asked, {"aws:userid": listed(at, own), **tags}, settled=_TAGS)
