"""What else a person may do about nodes: change the preferences, run commands as root, reach other shells, gain rights.

Each power is a table entry: what it is called, and the actions that it needs, all of them. Source: service
authorization reference of Systems Manager, EC2, EC2 Instance Connect and IAM.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial

from ssm_hardening.access.answers import Granted, PersonAnswer, Topic, best, cell_of, links_of, together
from ssm_hardening.access.fleet import Fleet, targets
from ssm_hardening.access.people import Person
from ssm_hardening.access.requests import (
    PROBE_HYBRID,
    listed,
    may,
    on_anything,
    on_document,
    on_unknown_document,
    request,
)
from ssm_hardening.core.values import Known
from ssm_hardening.iam.decisions import Decision, Denied, Request, own_arn
from ssm_hardening.iam.requests import joined
from ssm_hardening.model import PREFERENCES_NAME, Account, Role, User


class On(Enum):
    """What an action is asked about."""

    PREFERENCES = auto()
    SETTING = auto()
    DOCUMENT = auto()
    NODE = auto()
    AUTOMATION = auto()
    ASSOCIATION = auto()
    WINDOW = auto()
    ROLE = auto()
    ITSELF = auto()
    ANYTHING = auto()


@dataclass(frozen=True, slots=True)
class NeededAction:
    """One action that a power needs; `service` is whom a role is passed to."""

    action: str
    on: On
    service: str = ""


@dataclass(frozen=True, slots=True)
class Power:
    """Something a person may do: all of its needs must be granted."""

    title: str
    needs: tuple[NeededAction, ...]


def _power(title: str, *needs: NeededAction) -> Power:
    return Power(title, needs)


SCRIPTS = (
    "AWS-RunShellScript",
    "AWS-RunPowerShellScript",
    "AWS-RunRemoteScript",
    "AWS-RunDocument",
    "AWS-ConfigureAWSPackage",
    "AWS-ApplyAnsiblePlaybooks",
    "AWS-RunSaltState",
    "AWS-RunAnsiblePlaybook",
)
"""AWS's command documents that run what the caller chose, as root; those of the account itself count too."""

_TO_INSTANCE = NeededAction("iam:PassRole", On.ROLE, "ec2.amazonaws.com")
_TO_NODE = NeededAction("iam:PassRole", On.ROLE, "ssm.amazonaws.com")

PREFERENCES = (
    _power("change the preferences", NeededAction("ssm:UpdateDocument", On.PREFERENCES)),
    _power("create the preferences", NeededAction("ssm:CreateDocument", On.PREFERENCES)),
    _power(
        "set the default version of the preferences",
        NeededAction("ssm:UpdateDocumentDefaultVersion", On.PREFERENCES),
    ),
    _power("delete the preferences (restores the AWS defaults)", NeededAction("ssm:DeleteDocument", On.PREFERENCES)),
    _power("share the preferences", NeededAction("ssm:ModifyDocumentPermission", On.PREFERENCES)),
    _power("change service settings", NeededAction("ssm:UpdateServiceSetting", On.SETTING)),
    _power("reset service settings", NeededAction("ssm:ResetServiceSetting", On.SETTING)),
)
COMMANDS = (
    _power("run commands with Automation", NeededAction("ssm:StartAutomationExecution", On.AUTOMATION)),
    _power("run commands with an association", NeededAction("ssm:CreateAssociation", On.DOCUMENT)),
    _power("run commands with associations", NeededAction("ssm:CreateAssociationBatch", On.DOCUMENT)),
    _power("change what an association runs", NeededAction("ssm:UpdateAssociation", On.ASSOCIATION)),
    _power("run commands in a maintenance window", NeededAction("ssm:RegisterTaskWithMaintenanceWindow", On.WINDOW)),
    _power("change what a maintenance window runs", NeededAction("ssm:UpdateMaintenanceWindowTask", On.WINDOW)),
)
SHELLS = (
    _power("log in through EC2 Instance Connect", NeededAction("ec2-instance-connect:SendSSHPublicKey", On.NODE)),
    _power("open a tunnel through EC2 Instance Connect", NeededAction("ec2-instance-connect:OpenTunnel", On.ANYTHING)),
    _power("use the serial console", NeededAction("ec2-instance-connect:SendSerialConsoleSSHPublicKey", On.NODE)),
    _power("change user data (runs as root)", NeededAction("ec2:ModifyInstanceAttribute", On.NODE)),
    _power("read the password of the Windows administrator", NeededAction("ec2:GetPasswordData", On.NODE)),
)
ESCALATION = (
    _power("give a node a more powerful role", NeededAction("ec2:AssociateIamInstanceProfile", On.NODE), _TO_INSTANCE),
    _power(
        "change the role of a node", NeededAction("ec2:ReplaceIamInstanceProfileAssociation", On.NODE), _TO_INSTANCE
    ),
    _power("register its own node", NeededAction("ssm:CreateActivation", On.ANYTHING), _TO_NODE),
    _power("change the role of a hybrid node", NeededAction("ssm:UpdateManagedInstanceRole", On.NODE), _TO_NODE),
    _power("tag nodes to bring them into its scope", NeededAction("ec2:CreateTags", On.NODE)),
    _power("choose its own OS user with a tag", NeededAction("iam:TagUser", On.ITSELF)),
    _power("choose its own OS user with a tag", NeededAction("iam:TagRole", On.ITSELF)),
    _power("change the policies of roles", NeededAction("iam:PutRolePolicy", On.ROLE)),
    _power("attach policies to roles", NeededAction("iam:AttachRolePolicy", On.ROLE)),
    _power("let itself assume other roles", NeededAction("iam:UpdateAssumeRolePolicy", On.ROLE)),
    _power("change its own policies", NeededAction("iam:PutUserPolicy", On.ITSELF)),
    _power("attach policies to itself", NeededAction("iam:AttachUserPolicy", On.ITSELF)),
)


def power_cells(fleet: Fleet, person: Person) -> tuple[PersonAnswer, ...]:
    """Return what a person may do beside sessions, one cell for each question."""
    granted = partial(_granted, fleet, person)
    return (
        cell_of(Topic.PREFERENCES, granted(PREFERENCES)),
        cell_of(Topic.COMMANDS, (*_send_command(fleet, person), *granted(COMMANDS))),
        cell_of(Topic.SHELLS, granted(SHELLS)),
        cell_of(Topic.ESCALATION, granted(ESCALATION)),
    )


def _granted(fleet: Fleet, person: Person, powers: tuple[Power, ...]) -> Iterator[Granted]:
    for power in powers:
        decisions = [_needed(fleet, person, need) for need in power.needs]
        yield Granted(power.title, together(decisions), links_of(*decisions))


def _send_command(fleet: Fleet, person: Person) -> Iterator[Granted]:
    """Yield commands on nodes: the document must be granted, and a node."""
    action, account = "ssm:SendCommand", fleet.account
    nodes = [each for each in targets(fleet, person, action) if not isinstance(each.decision, Denied)]
    asked = [(name, on_document(account, person.fact, action, name, owned=False)) for name in SCRIPTS]
    for name, script in (*asked, ("documents in the account", on_unknown_document(account, person.fact, action))):
        with_document = may(person, script) if nodes else Denied(None, "no node")
        for target in nodes:
            decision = together((target.decision, with_document))
            links = links_of(target.decision, with_document)
            yield Granted("run commands as root", decision, links, on=target.title, using=name)


def _needed(fleet: Fleet, person: Person, need: NeededAction) -> Decision:
    if need.on is On.NODE:
        return best(each.decision for each in targets(fleet, person, need.action))
    return best(may(person, asked) for asked in _requests(fleet.account, person, need))


def _requests(account: Account, person: Person, need: NeededAction) -> Iterator[Request]:
    """Yield the requests of which one is enough."""
    ask = partial(request, account, person.fact, need.action, undeclared=True)
    match need.on:
        case On.PREFERENCES:
            address = _preferences_address(account)
            yield replace(on_document(account, person.fact, need.action, PREFERENCES_NAME), address=address)
        case On.DOCUMENT:
            yield on_unknown_document(account, person.fact, need.action)
            yield on_document(account, person.fact, need.action, SCRIPTS[0], owned=False)
        case On.ROLE:
            yield from (_passed(asked, need) for asked in _of_roles(account, person, need))
        case On.ITSELF:
            yield from _of_itself(account, person, need)
        case On.ANYTHING:
            yield on_anything(account, person.fact, need.action)
        case On.SETTING | On.AUTOMATION | On.ASSOCIATION | On.WINDOW | On.NODE:
            yield ask(own_arn("ssm", _TAILS[need.on], account.account, account.region))


_TAILS: Mapping[On, str] = {
    On.SETTING: "servicesetting/ssm/documents/console/public-sharing-permission",
    On.AUTOMATION: "automation-definition/Unapproved-Runbook:1",
    On.ASSOCIATION: "association/01234567-89ab-cdef-0123-456789abcdef",
    On.WINDOW: "maintenancewindow/mw-0123456789abcdef0",
    On.NODE: PROBE_HYBRID,
}


def _preferences_address(account: Account) -> str | None:
    names = ((each.name, each.address) for each in account.session_documents.items)
    return next((at for name, at in names if isinstance(name, Known) and name.value == PREFERENCES_NAME), None)


def _of_roles(account: Account, person: Person, need: NeededAction) -> Iterator[Request]:
    """Ask about a role that nobody named, then about those of nodes."""
    probe = own_arn("iam", "role/Any-Role", account.account, account.region, regional=False)
    yield request(account, person.fact, need.action, probe, undeclared=True)
    for role in account.roles.items:
        if isinstance(role.kind, Known) and role.kind.value == "node" and isinstance(role.exists, Known):
            yield _of_role(account, person, need, role)


def _of_role(account: Account, person: Person, need: NeededAction, role: Role | User) -> Request:
    if role.address.startswith("arn:"):
        return request(account, person.fact, need.action, role.address, address=role.address)
    kind = "role/" if isinstance(role, Role) else "user/"
    name = role.name.value if isinstance(role.name, Known) else "Any-Role"
    tail = joined(kind, name) if isinstance(name, str) else joined(kind, "Any-Role")
    arn = own_arn("iam", tail, account.account, account.region, regional=False)
    return request(account, person.fact, need.action, arn, address=role.address)


def _passed(asked: Request, need: NeededAction) -> Request:
    if not need.service:
        return asked
    return replace(asked, context={**asked.context, "iam:passedtoservice": listed(asked.account.at, need.service)})


def _of_itself(account: Account, person: Person, need: NeededAction) -> Iterator[Request]:
    """Ask about the person's own user or role: whichever the action is about."""
    fact = person.fact
    if isinstance(fact, Role | User) and type(fact).__name__ in need.action:
        yield _of_role(account, person, need, fact)
