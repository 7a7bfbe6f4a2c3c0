"""Access asked for, node by node: OPER-11."""

from collections.abc import Iterator

from ssm_hardening.access.requests import START, may
from ssm_hardening.findings import NotApplicable, Question, Requirement, Severity, Undecided, Verdict
from ssm_hardening.iam.decisions import Denied
from ssm_hardening.iam.logic import is_no, is_yes
from ssm_hardening.rules.operators import (
    Caller,
    context_of,
    everybody,
    granting,
    judged,
    on_some_node,
    some_node,
    unread,
)
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.settings import Check, Problem
from ssm_hardening.values import Absent, Unknown

_ASK = "ssm:StartAccessRequest"
_REQUEST = "ssm:accessrequestid"


@rule(
    id="OPER-11",
    title="No standing sessions beside just-in-time access",
    severity=Severity.MEDIUM,
    over=everybody,
    question=Question.ACCESS,
    requirement=Requirement.ACCESS_CONTROL,
    manual="whether access has to be asked for is decided with those who work by it: take ssm:StartSession out of the "
    "policies of those who may ask, or bind it to ssm:AccessRequestId",
)
def oper_11(caller: Caller, context: Context) -> Verdict:
    """Whoever may start sessions anyway asks for no access, and its approval is a formality.

    Judged are people whose policies grant ssm:StartAccessRequest: they should hold no ssm:StartSession on nodes but
    one that is bound to a request (ssm:AccessRequestId). The approval policies themselves, and how broad automatic
    approval is, are not read.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Just-in-time node access using Systems Manager".
    """
    asks = on_some_node(caller.person, _ASK, context.account)
    if is_no(asks):
        return NotApplicable(caller.origin, "its policies grant no asking for just-in-time access")
    if isinstance(asks, Unknown):
        return Undecided(caller.origin, asks, "whether its policies grant asking for access cannot be told")
    return judged(
        caller,
        context,
        lambda: _standing(caller, context),
        passed="its policies grant asking for access, and no session without; the approval policies are not judged",
        undecided="whether its policies grant sessions beside the access it asks for cannot be told",
    )


def _standing(caller: Caller, context: Context) -> Iterator[Check]:
    for kind in ("instance", "managed-instance"):
        asked = some_node(caller.person, START, context.account, kind)
        decision = may(caller.person, context_of(asked, {_REQUEST: Absent(context.account.at)}))
        if not isinstance(decision, Denied):
            yield from _certainty(caller, context)
            return


def _certainty(caller: Caller, context: Context) -> Iterator[Check]:
    """Yield the problem where sessions are granted on some node, though on which one cannot be told in general."""
    sessions = on_some_node(caller.person, START, context.account)
    statements = [statement for statement, _ in granting(caller, START)]
    hidden = unread([statement.conditions for statement in statements])
    if isinstance(sessions, Unknown):
        yield sessions
    elif hidden is not None:
        yield hidden
    elif sessions.value:
        at = next((statement.at for statement, sure in granting(caller, START) if is_yes(sure)), caller.origin)
        yield Problem(at, f"its policies grant {START} without a request, beside just-in-time access")
