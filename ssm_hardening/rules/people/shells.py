"""Ways to a node beside sessions: commands as root, and other shells."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.answers import together
from ssm_hardening.access.raising import Raising
from ssm_hardening.access.requests import (
    COMMANDS,
    START,
    UNRECORDED,
    may,
    on_any_node,
    on_document,
    on_unknown_document,
    request,
)
from ssm_hardening.core.errors import counted, listed
from ssm_hardening.core.logic import Answer, ask, is_no, is_yes
from ssm_hardening.core.values import Known, Unknown
from ssm_hardening.iam.decisions import Request
from ssm_hardening.iam.powers import Holder, Need, Use, arbitrary, least, powers_of, scripts
from ssm_hardening.iam.texts import glob
from ssm_hardening.model import PREFERENCES_NAME, Account
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.people.operators import by_statement, everybody, granted, judged, on_some_node
from ssm_hardening.rules.people.session_documents import documents_named
from ssm_hardening.rules.people.subjects import JudgedPerson, on_node_too
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Requirement, Severity, Verdict

_SEND = "ssm:SendCommand"
_SHOWN = 3
_OF_SESSIONS = frozenset({*UNRECORDED, *COMMANDS, "AWS-PasswordReset"})
"""AWS's documents of type Session: the agent refuses to run them as commands."""


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
    policies allow it on some node with such a document, and so is creating an association with one. Documents of type
    Session do not count, because the agent refuses to run them as commands, unless the same policies allow replacing
    them. Automation and change requests are findings if the policies allow them on any runbook; changes of
    associations and of tasks of maintenance windows, if the policies allow them on some. `ssm-harden rules --powers`
    lists all of them.

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
    documents = [each.removeprefix(start) for each in ways if each.startswith(start)]
    others = [each for each in ways if not each.startswith(start)]
    rest = len(documents) - _SHOWN
    shown = [*documents[:_SHOWN], counted(rest, "more document")] if rest > 0 else documents
    return "; ".join([f"{start}{listed(shown, 'and')}", *others] if documents else others)


def _commands(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    """Yield what may be sent: a document counts where some node is granted too."""
    nodes = on_some_node(subject.person, _SEND, context.account)
    if is_no(nodes):
        return
    for check in on_node_too(_documents(subject, _SEND, context), subject.person, _SEND, context.account):
        yield check if is_yes(nodes) or isinstance(check, Unknown) else nodes if isinstance(nodes, Unknown) else check


def _documents(subject: JudgedPerson, action: str, context: Context) -> Iterator[Check]:
    account, who, approved = context.account, subject.person.fact, context.thresholds.command_documents
    for name in scripts():
        if not _is_approved(name, approved):
            asked = on_document(account, who, action, name, owned=False)
            yield from granted(may(subject.person, asked), f"{action} with {name}")
    yield from granted(
        may(subject.person, on_unknown_document(account, who, action)), f"{action} with any custom document"
    )
    for named in documents_named(subject, action, account):
        if isinstance(named, Unknown):
            yield named
            continue
        asked, name = named
        if name.strip("*") and name not in scripts() and not _is_approved(name, approved):
            yield from _with_document(subject, asked, name, account)


def _with_document(subject: JudgedPerson, asked: Request, name: str, account: Account) -> Iterator[Check]:
    """Yield what a named document is good for: one of type Session runs nothing, as long as it stays one."""
    checks = granted(may(subject.person, asked), f"{asked.action} with {name}")
    of_sessions = _is_of_sessions(name, asked.address, account)
    if is_no(of_sessions):
        yield from checks
    elif isinstance(of_sessions, Unknown):
        yield from (each if isinstance(each, Unknown) else of_sessions for each in checks)
    elif name not in _OF_SESSIONS:
        replaced = (may(subject.person, on_document(account, subject.person.fact, each, name)) for each in _REPLACES)
        decision = together((may(subject.person, asked), *replaced))
        yield from granted(decision, f"{asked.action} with {name}, which it can replace")


_REPLACES = ("ssm:DeleteDocument", "ssm:CreateDocument")


def _is_of_sessions(name: str, address: str | None, account: Account) -> Answer:
    """Say whether a document is of type Session; one that was not read is taken for a command document."""
    if name in _OF_SESSIONS or name == PREFERENCES_NAME:
        return Known(True, account.at)
    for document in account.session_documents:
        if document.address == address or (isinstance(document.name, Known) and document.name.value == name):
            return ask(document.document_type, lambda kind: kind == "Session", absent=False)
    return Known(False, account.at)


def _is_approved(name: str, approved: tuple[str, ...]) -> bool:
    return any(glob(pattern, name) for pattern in approved)


def _indirect(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    """Yield what runs commands by another's hand."""
    asked = Raising(context.account, subject.person)
    for power in least(powers_of(Use.COMMANDS, raises=Holder.PEOPLE)):
        if _SEND in power.actions:
            continue
        kinds = {need.on for need in power.needs}
        if "document" in kinds:
            yield from _with_documents(subject, power.actions[0], context)
        else:
            decision = asked.decide(power) if kinds <= _ITS_OWN else asked.on_arbitrary(power)
            yield from granted(decision, " and ".join(power.actions))


_ITS_OWN = frozenset({"association", "window"})
"""What runs whatever its editor puts there: one is enough. Of a runbook, its author decides what it runs."""


def _with_documents(subject: JudgedPerson, action: str, context: Context) -> Iterator[Check]:
    for check in _documents(subject, action, context):
        yield check if isinstance(check, Unknown) else replace(check, text=action)


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
            lambda at, ways: Problem(at, f"its policies let it {listed(ways, 'and')}"),
        ),
        passed="its policies allow no other way to a shell",
        undecided="which other ways to a shell its policies allow is unknown",
    )


def _shells(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    in_containers = (
        power for power in powers_of(Use.SESSIONS) if (START, "task") in {(n.action, n.on) for n in power.needs}
    )
    for power in (*least(powers_of(Use.SHELLS, raises=Holder.PEOPLE)), *in_containers):
        need = power.needs[0]
        if need.action not in context.thresholds.accepted_shells:
            decision = may(subject.person, _shell_asked(subject, need, context.account))
            yield from granted(decision, f"{power.title} ({need.action})")


def _shell_asked(subject: JudgedPerson, need: Need, account: Account) -> Request:
    who = subject.person.fact
    if need.on == "node":
        return on_any_node(account, who, need.action)
    return request(account, who, need.action, arbitrary(need.on, account.account, account.region), undeclared=True)
