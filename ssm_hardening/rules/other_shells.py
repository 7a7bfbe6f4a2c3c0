"""Which other shells people may open: OPER-10."""

from collections.abc import Iterator

from ssm_hardening.access.requests import START, may, on_any_node, request
from ssm_hardening.findings import Question, Requirement, Severity, Verdict
from ssm_hardening.iam.decisions import Request
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.model import Account
from ssm_hardening.origins import Origin
from ssm_hardening.rules.operators import Caller, everybody, granted, judged
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.settings import Check, Problem
from ssm_hardening.values import Unknown

_ON_NODES = {
    "ec2-instance-connect:SendSSHPublicKey": "SSH by EC2 Instance Connect",
    "ec2-instance-connect:SendSerialConsoleSSHPublicKey": "the serial console",
    "ec2:GetPasswordData": "the Windows administrator's password",
    "ec2:ModifyInstanceAttribute": "user data that runs as root at the next start",
}
_TASK = "task/unnamed-cluster/0123456789abcdef0123456789abcdef"
_ELSEWHERE = {
    "ec2-instance-connect:OpenTunnel": (
        "ec2",
        "instance-connect-endpoint/eice-0123456789abcdef0",
        "a tunnel by EC2 Instance Connect",
    ),
    "ecs:ExecuteCommand": ("ecs", _TASK, "shells in containers"),
    START: ("ecs", _TASK, "shells in containers past ECS"),
}


@rule(
    id="OPER-10",
    title="Other shells closed or known",
    severity=Severity.MEDIUM,
    over=everybody,
    question=Question.ACCESS,
    requirement=Requirement.SECURE_ACCESS,
    also=(Requirement.ACCESS_CONTROL,),
    remedy="operator-role",
)
def oper_10(caller: Caller, context: Context) -> Verdict:
    """A recorded session is no use while an unrecorded shell stands open beside it.

    Asked of an arbitrary instance, endpoint or task are EC2 Instance Connect, the serial console, the Windows password,
    user data, ecs:ExecuteCommand, and ssm:StartSession on tasks of ECS. Actions in the standard's `accepted_shells` are
    known and pass. Shells in containers may have a recording of their own, which is set on the cluster.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: Amazon EC2 User Guide, "Connect to your Linux instance using EC2 Instance Connect"; Amazon ECS Developer
    Guide, "Monitor Amazon ECS containers with ECS Exec".
    """
    return judged(
        caller,
        context,
        lambda: _told_once(caller, context),
        passed="its policies grant no other shell",
        undecided="which other shells its policies grant cannot be told",
    )


def _told_once(caller: Caller, context: Context) -> Iterator[Check]:
    found: dict[Origin, list[str]] = {}
    for asked, what in _asked(caller, context.account):
        if asked.action in context.thresholds.accepted_shells:
            continue
        for check in granted(may(caller.person, asked), f"{what} ({asked.action})"):
            if isinstance(check, Unknown):
                yield check
            else:
                found.setdefault(check.at, []).append(check.text)
    for at, texts in found.items():
        yield Problem(at, f"its policies grant {', '.join(texts)}")


def _asked(caller: Caller, account: Account) -> Iterator[tuple[Request, str]]:
    who = caller.person.fact
    for action, what in _ON_NODES.items():
        yield on_any_node(account, who, action), what
    for action, (service, tail, what) in _ELSEWHERE.items():
        yield request(account, who, action, own_arn(service, tail, account.account, account.region)), what
