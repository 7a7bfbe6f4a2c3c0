"""Which commands people may run as root beside sessions: OPER-05."""

from collections.abc import Iterator

from ssm_hardening.access.requests import may, on_document, on_unknown_document, request
from ssm_hardening.findings import Question, Requirement, Severity, Verdict
from ssm_hardening.iam.decisions import Request
from ssm_hardening.iam.logic import is_no, is_yes
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.iam.texts import glob
from ssm_hardening.origins import Origin
from ssm_hardening.rules.named_documents import documents_named
from ssm_hardening.rules.operators import Caller, everybody, granted, judged, on_some_node
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.settings import Check, Problem
from ssm_hardening.values import Unknown

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
    title="No root commands beside sessions",
    severity=Severity.HIGH,
    over=everybody,
    question=Question.ACCESS,
    requirement=Requirement.ACCESS_CONTROL,
    also=(Requirement.AUDITING,),
    remedy="operator-role",
)
def oper_05(caller: Caller, context: Context) -> Verdict:
    """Run Command, associations, automation and maintenance windows run commands as root, outside any recording.

    Documents of Run Command are judged by the standard's list `command_documents` (AWS-UpdateSSMAgent): any other, a
    custom one too, runs as root. ssm:SendCommand counts where the policies grant it on some node and with such a
    document; the other actions where they are granted on an arbitrary runbook, association or window.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Restricting access to root-level commands through SSM Agent".
    """
    return judged(
        caller,
        context,
        lambda: _told_once((*_commands(caller, context), *_indirect(caller, context))),
        passed="its policies grant no command that runs as root beside sessions",
        undecided="whether its policies grant commands as root beside sessions cannot be told",
    )


def _commands(caller: Caller, context: Context) -> Iterator[Check]:
    """Yield what may be sent: a document counts where some node is granted too."""
    nodes = on_some_node(caller.person, _SEND, context.account)
    if is_no(nodes):
        return
    for check in _documents(caller, context):
        yield check if is_yes(nodes) or isinstance(check, Unknown) else nodes if isinstance(nodes, Unknown) else check


def _documents(caller: Caller, context: Context) -> Iterator[Check]:
    account, who, approved = context.account, caller.person.fact, context.thresholds.command_documents
    for name in _SCRIPTS:
        if not _is_approved(name, approved):
            asked = on_document(account, who, _SEND, name, owned=False)
            yield from granted(may(caller.person, asked), f"{_SEND} with {name}")
    yield from granted(may(caller.person, on_unknown_document(account, who, _SEND)), f"{_SEND} with own documents")
    for named in documents_named(caller, _SEND, account):
        if isinstance(named, Unknown):
            yield named
            continue
        asked, name = named
        if name.strip("*") and name not in _SCRIPTS and not _is_approved(name, approved):
            yield from granted(may(caller.person, asked), f"{_SEND} with {name}")


def _is_approved(name: str, approved: tuple[str, ...]) -> bool:
    return any(glob(pattern, name) for pattern in approved)


def _indirect(caller: Caller, context: Context) -> Iterator[Check]:
    for action, tail in _INDIRECT.items():
        yield from granted(may(caller.person, _asked(caller, action, tail, context)), action)


def _asked(caller: Caller, action: str, tail: str, context: Context) -> Request:
    account, who = context.account, caller.person.fact
    if not tail:
        return on_document(account, who, action, _SCRIPTS[0], owned=False)
    return request(account, who, action, own_arn("ssm", tail, account.account, account.region))


def _told_once(checks: tuple[Check, ...]) -> Iterator[Check]:
    """Yield one problem for all that one statement grants."""
    found: dict[Origin, list[str]] = {}
    for check in checks:
        if isinstance(check, Unknown):
            yield check
        else:
            found.setdefault(check.at, []).append(check.text)
    for at, texts in found.items():
        yield Problem(at, f"its policies grant commands as root: {', '.join(dict.fromkeys(texts))}")
