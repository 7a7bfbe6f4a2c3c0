"""Ways to a node beside sessions: commands as root, and other shells."""

from collections.abc import Iterator

from ssm_hardening.access.requests import START, may, on_any_node, on_document, on_unknown_document, request
from ssm_hardening.core.logic import is_no, is_yes
from ssm_hardening.core.values import Unknown
from ssm_hardening.iam.decisions import Request
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.iam.texts import glob
from ssm_hardening.model import Account
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.people.operators import by_statement, everybody, granted, judged, on_some_node
from ssm_hardening.rules.people.session_documents import documents_named
from ssm_hardening.rules.people.subjects import JudgedPerson
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Requirement, Severity, Verdict

_SEND = "ssm:SendCommand"
_SCRIPTS = (
    "AWS-RunShellScript",
    "AWS-RunPowerShellScript",
    "AWS-RunRemoteScript",
    "AWS-RunDocument",
    "AWS-ConfigureAWSPackage",
    "AWS-ApplyAnsiblePlaybooks",
    "AWS-RunSaltState",
)
_INDIRECT = {
    "ssm:StartAutomationExecution": "automation-definition/Unnamed-Runbook:1",
    "ssm:CreateAssociation": "",
    "ssm:CreateAssociationBatch": "",
    "ssm:UpdateAssociation": "association/01234567-89ab-cdef-0123-456789abcdef",
    "ssm:RegisterTaskWithMaintenanceWindow": "maintenancewindow/mw-0123456789abcdef0",
    "ssm:UpdateMaintenanceWindowTask": "maintenancewindow/mw-0123456789abcdef0",
}
"""Actions that run commands by another's hand, and an arbitrary one of what they are asked of; empty: a document."""


@rule(
    id="OPER-05",
    title="Commands cannot be run as root outside sessions",
    headline="Commands can be run as root",
    severity=Severity.HIGH,
    over=everybody,
    also=(Requirement.AUDITING,),
    remedy="operator-role",
)
def runs_no_commands_as_root(subject: JudgedPerson, context: Context) -> Verdict:
    """Run Command, State Manager, Automation, and maintenance windows run commands as root, without session logs.

    The standard lists the Run Command documents that are allowed in `command_documents` (by default
    AWS-UpdateSSMAgent); all others, including custom documents, run as root. ssm:SendCommand is a finding if the
    policies allow it on some node with such a document; the other actions are findings if they are allowed on any
    runbook, association, or maintenance window.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Restricting access to root-level commands through SSM Agent".
    """
    return judged(
        subject,
        context,
        lambda: by_statement(
            (*_commands(subject, context), *_indirect(subject, context)),
            lambda at, ways: Problem(at, f"its policies allow running commands as root: {_told(ways)}"),
        ),
        passed="its policies do not allow running commands as root outside sessions",
        undecided="whether its policies allow running commands as root outside sessions is unknown",
    )


def _told(ways: list[str]) -> str:
    """Return the ways, the documents of ssm:SendCommand behind one another."""
    start = f"{_SEND} with "
    documents = ", ".join(each.removeprefix(start) for each in ways if each.startswith(start))
    others = [each for each in ways if not each.startswith(start)]
    return "; ".join([f"{start}{documents}", *others] if documents else others)


def _commands(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    """Yield what may be sent: a document counts where some node is granted too."""
    nodes = on_some_node(subject.person, _SEND, context.account)
    if is_no(nodes):
        return
    for check in _documents(subject, context):
        yield check if is_yes(nodes) or isinstance(check, Unknown) else nodes if isinstance(nodes, Unknown) else check


def _documents(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    account, who, approved = context.account, subject.person.fact, context.thresholds.command_documents
    for name in _SCRIPTS:
        if not _is_approved(name, approved):
            asked = on_document(account, who, _SEND, name, owned=False)
            yield from granted(may(subject.person, asked), f"{_SEND} with {name}")
    yield from granted(
        may(subject.person, on_unknown_document(account, who, _SEND)), f"{_SEND} with any custom document"
    )
    for named in documents_named(subject, _SEND, account):
        if isinstance(named, Unknown):
            yield named
            continue
        asked, name = named
        if name.strip("*") and name not in _SCRIPTS and not _is_approved(name, approved):
            yield from granted(may(subject.person, asked), f"{_SEND} with {name}")


def _is_approved(name: str, approved: tuple[str, ...]) -> bool:
    return any(glob(pattern, name) for pattern in approved)


def _indirect(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    for action, tail in _INDIRECT.items():
        yield from granted(may(subject.person, _asked(subject, action, tail, context)), action)


def _asked(subject: JudgedPerson, action: str, tail: str, context: Context) -> Request:
    account, who = context.account, subject.person.fact
    if not tail:
        return on_document(account, who, action, _SCRIPTS[0], owned=False)
    return request(account, who, action, own_arn("ssm", tail, account.account, account.region))


_ON_NODES = {
    "ec2-instance-connect:SendSSHPublicKey": "SSH through EC2 Instance Connect",
    "ec2-instance-connect:SendSerialConsoleSSHPublicKey": "the serial console",
    "ec2:GetPasswordData": "the password of the Windows administrator",
    "ec2:ModifyInstanceAttribute": "user data, which runs as root at the next start",
}
_TASK = "task/unnamed-cluster/0123456789abcdef0123456789abcdef"
_ELSEWHERE = {
    "ec2-instance-connect:OpenTunnel": (
        "ec2",
        "instance-connect-endpoint/eice-0123456789abcdef0",
        "a tunnel through EC2 Instance Connect",
    ),
    "ecs:ExecuteCommand": ("ecs", _TASK, "shells in containers"),
    START: ("ecs", _TASK, "shells in containers, bypassing ECS Exec"),
}


@rule(
    id="OPER-10",
    title="Other ways to a shell are denied or accepted",
    headline="Other ways to a shell are allowed",
    severity=Severity.MEDIUM,
    over=everybody,
    requirement=Requirement.SECURE_ACCESS,
    also=(Requirement.ACCESS_CONTROL,),
    remedy="operator-role",
)
def opens_no_other_shell(subject: JudgedPerson, context: Context) -> Verdict:
    """Recording sessions is of little use if people can open other shells that nobody records.

    The rule checks whether EC2 Instance Connect, the serial console, the Windows password, user data,
    ecs:ExecuteCommand, or ssm:StartSession on ECS tasks is allowed on any instance, endpoint, or task. Actions that the
    standard lists in `accepted_shells` pass. Shells in containers may have their own recording, which is configured on
    the ECS cluster.

    Undecided when a statement, a condition, or the permissions boundary is unknown.

    Reference: Amazon EC2 User Guide, "Connect to your Linux instance using EC2 Instance Connect"; Amazon ECS Developer
    Guide, "Monitor Amazon ECS containers with ECS Exec".
    """
    return judged(
        subject,
        context,
        lambda: by_statement(
            _shells(subject, context),
            lambda at, ways: Problem(at, f"its policies allow other ways to a shell: {'; '.join(ways)}"),
        ),
        passed="its policies allow no other way to a shell",
        undecided="which other ways to a shell its policies allow is unknown",
    )


def _shells(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    for asked, what in _shell_asked(subject, context.account):
        if asked.action not in context.thresholds.accepted_shells:
            yield from granted(may(subject.person, asked), f"{what} ({asked.action})")


def _shell_asked(subject: JudgedPerson, account: Account) -> Iterator[tuple[Request, str]]:
    who = subject.person.fact
    for action, what in _ON_NODES.items():
        yield on_any_node(account, who, action), what
    for action, (service, tail, what) in _ELSEWHERE.items():
        yield request(account, who, action, own_arn(service, tail, account.account, account.region)), what
