"""What nodes' roles carry that is too much: ROLE-01 and ROLE-02."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.access.node_roles import actions_of, allows, policy_of
from ssm_hardening.core.logic import Answer, ask, each, is_no
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, own_arn
from ssm_hardening.model import Account
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, required
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Severity, Undecided, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.iam.statements import Statement
    from ssm_hardening.model import Role

CORE = "AmazonSSMManagedInstanceCore"
_DISCOURAGED = frozenset({"AmazonSSMFullAccess", "AmazonEC2RoleforSSM"})
_SELF_RAISING = ("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:CreateAccessKey", "iam:CreatePolicyVersion")
_SESSION_MINIMUM = frozenset({
    "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
})  # fmt: skip


def _roles(account: Account) -> "Inventory[Role]":
    found = told(account, account.roles)
    return Inventory(tuple(each for each in found if not is_no(is_of_nodes(each))), found.gap)


def is_of_nodes(role: "Role") -> Answer:
    """Say whether nodes run with the role."""
    return ask(role.kind, lambda kind: kind == "node", absent=False)


def _kind_in_doubt(role: "Role") -> Unknown | None:
    return next(gaps(role.kind), None)


node_roles: "Selector[Role]" = Selector(
    "roles of nodes",
    _roles,
    doubt=_kind_in_doubt,
    silence=unless_declared(lambda account: account.roles, "which roles nodes run with"),
)


@rule(
    id="ROLE-01",
    title="Node roles carry no administrator's rights",
    severity=Severity.CRITICAL,
    may=(Severity.HIGH,),
    over=node_roles,
    remedy="instance-role",
)
def is_no_administrator(role: "Role", context: Context) -> Verdict:
    """Everybody with a shell on the node has its role's rights: with an administrator's role, the account.

    Critical is a role whose policies let it raise its own rights (IAM policies, access keys) or do everything in other
    services; high are AmazonSSMFullAccess and AmazonEC2RoleforSSM, which AWS advises against. A Deny or a boundary that
    takes the rights away counts; service control policies are not read.

    It cannot tell where a policy or boundary is not known.

    Reference: AWS Systems Manager User Guide, "Configure instance permissions required for Systems Manager".
    """
    checks = (*_administers(role, context.account), *_discouraged(role))
    passed = Passed(role.origin, "its policies grant no administrator's rights")
    return conclude(role.origin, checks, passed=passed, undecided="whether it has an administrator's rights is open")


def _administers(role: "Role", account: Account) -> Iterator[Check]:
    target = own_arn("iam", "role/any-role", account.account, account.region, regional=False)
    decisions = [(action, allows(account, role, action, target)) for action in _SELF_RAISING]
    instance = own_arn("ec2", "instance/i-0123456789abcdef0", account.account, account.region)
    table = own_arn("dynamodb", "table/any-table", account.account, account.region)
    everything = (
        allows(account, role, "ec2:TerminateInstances", instance),
        allows(account, role, "dynamodb:DeleteTable", table),
    )
    for action, decision in decisions:
        yield from _found(decision, f"lets it raise its own rights ({action})", Severity.CRITICAL)
    if not any(isinstance(each, Denied) for each in everything):
        worst = next((each for each in everything if isinstance(each, Undetermined)), everything[0])
        yield from _found(worst, "grants everything in every service", Severity.CRITICAL)


def _found(decision: Decision, what: str, severity: Severity) -> Iterator[Check]:
    match decision:
        case Allowed(by):
            yield Problem(by.at, f"{policy_of(by)} {what}", severity)
        case Undetermined(why):
            yield why
        case Denied():
            return


def _discouraged(role: "Role") -> Iterator[Check]:
    for policy in each(role.managed_policies):
        name = name_of(policy)
        if isinstance(name, Unknown):
            yield name
        elif name in _DISCOURAGED:
            yield Problem(policy.at, f"{name} is attached, which grants far more than nodes need", Severity.HIGH)


def name_of(arn: Value[Text]) -> str | Unknown:
    """Return the name of a managed policy; one that the code itself declares is none of AWS's, and has none."""
    there = required(arn, Why.UNPARSEABLE, "null where a policy belongs")
    return there if isinstance(there, Unknown) else _last_part(there.value, there.at)


def _last_part(text: Text, at: Origin) -> str | Unknown:
    match text:
        case str():
            return text.rpartition("/")[2]
        case Template(parts):
            last = parts[-1]
            return last.rpartition("/")[2] if isinstance(last, str) and "/" in last else _untold(str(text), at)
        case Reference(address):
            return _untold(address, at) if ".data." in f".{address}" else address


def _untold(text: str, at: Origin) -> Unknown:
    return Unknown(Why.COMPUTED, at, f"which policy {text} is")


@rule(
    id="ROLE-02",
    title="Nodes do not read every parameter",
    severity=Severity.MEDIUM,
    over=node_roles,
    remedy="instance-role",
)
def reads_not_every_parameter(role: "Role", context: Context) -> Verdict:
    """AmazonSSMManagedInstanceCore lets every node, and so every session user, read every parameter of the account.

    Parameters hold passwords and tokens, for which sessions have no use. Policies that only sessions' needs fill, or
    AmazonSSMManagedEC2InstanceDefaultPolicy, grant no such thing. Where it is denied, or the standard names the policy
    (`accepted_node_policies`), that is accepted.

    It cannot tell where a policy or boundary is not known.

    Reference: AWS managed policy AmazonSSMManagedInstanceCore; AWS Systems Manager User Guide, "AWS managed policies".
    """
    account = context.account
    parameter = own_arn("ssm", "parameter/any/parameter", account.account, account.region)
    match allows(account, role, "ssm:GetParameter", parameter):
        case Denied():
            return Passed(role.origin, "its policies do not let it read every parameter")
        case Undetermined(why):
            return Undecided(role.origin, why, "whether it reads every parameter cannot be told")
        case Allowed(by):
            name = policy_of(by)
            if name in context.thresholds.accepted_node_policies:
                return Passed(by.at, f"it reads every parameter by {name}, which the standard accepts")
            return Failed(by.at, f"{name} lets it read every parameter (ssm:GetParameter){_more(role, by)}")


def _more(role: "Role", by: "Statement") -> str:
    """Return what else the policy grants that sessions do not need."""
    name = policy_of(by)
    together = [each for each in role.statements if policy_of(each) == name] if name == CORE else [by]
    beyond = sorted({each for statement in together for each in actions_of(statement)} - _SESSION_MINIMUM)
    others = [each for each in beyond if not each.startswith("ssm:GetParameter")]
    if not others:
        return ""
    return f", and {len(others)} more actions that sessions do not need, such as {', '.join(others[:3])}"
