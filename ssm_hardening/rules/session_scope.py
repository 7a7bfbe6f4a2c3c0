"""On which nodes people may start sessions: OPER-01."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.requests import START, may, on_any_node
from ssm_hardening.findings import Question, Requirement, Severity, Verdict
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.rules.operators import Caller, granted, judged, operators
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.settings import Check

_TAGS = ("ssm:resourcetag/", "aws:resourcetag/")


@rule(
    id="OPER-01",
    title="Sessions scoped to tagged or listed nodes",
    severity=Severity.HIGH,
    over=operators,
    question=Question.ACCESS,
    requirement=Requirement.ACCESS_CONTROL,
    also=(Requirement.SECURE_ACCESS,),
    remedy="operator-role",
)
def oper_01(caller: Caller, context: Context) -> Verdict:
    """Whoever may open every node reads the credentials of every node's role, those of tomorrow's nodes included.

    It is asked whether the policies grant ssm:StartSession on a node that nobody listed and that bears no tag, one in
    EC2 and one registered from elsewhere. A condition on tags in an `…IfExists` form, or that excludes a tag, lets such
    a node pass. Whether the tags are the right ones only their owners can say. Service control policies are not read:
    what policies grant they may still take away.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        caller,
        context,
        lambda: _unscoped(caller, context),
        passed="its policies grant sessions on listed or tagged nodes only",
        undecided="on which nodes its policies grant sessions cannot be told",
    )


def _unscoped(caller: Caller, context: Context) -> Iterator[Check]:
    account, who = context.account, caller.person.fact
    node = on_any_node(account, who)
    hybrid = own_arn("ssm", "managed-instance/mi-0123456789abcdef0", account.account, account.region)
    for asked, what in ((node, "every instance"), (replace(node, resource=hybrid), "every hybrid node")):
        decision = may(caller.person, asked)
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
