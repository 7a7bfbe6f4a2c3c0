"""AWS's policies that grant far more than nodes need, and what the limits of a role leave of them."""

from dataclasses import replace

from ssm_hardening.access.node_roles import allows
from ssm_hardening.core.logic import is_yes
from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, own_arn
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.iam.statements import Statement, managed_arn, managed_policy
from ssm_hardening.model import Account, Role

DISCOURAGED = ("AmazonSSMFullAccess", "AmazonEC2RoleforSSM")
_NODE, _DOCUMENT = "instance/i-0123456789abcdef0", "document/any-document"
_MACHINE, _PARAMETER, _GROUP = "managed-instance/mi-0123456789abcdef0", "parameter/any/parameter", "log-group:any-group"
_POWERS = (
    ("ssm:SendCommand", "ec2", _NODE),
    ("ssm:StartSession", "ec2", _NODE),
    ("ssm:StartAutomationExecution", "ssm", "automation-definition/any-runbook:1"),
    ("ssm:CreateAssociation", "ssm", _DOCUMENT),
    ("ssm:UpdateAssociation", "ssm", "association/any-association"),
    ("ssm:RegisterTaskWithMaintenanceWindow", "ssm", "maintenancewindow/mw-0123456789abcdef0"),
    *((f"ssm:{each}", "ssm", _DOCUMENT) for each in ("CreateDocument", "UpdateDocument", "DeleteDocument")),
    ("ssm:ModifyDocumentPermission", "ssm", _DOCUMENT),
    ("ssm:CreateActivation", "ssm", "*"),
    ("ssm:UpdateServiceSetting", "ssm", "servicesetting/ssm/any"),
    ("ssm:PutParameter", "ssm", _PARAMETER),
    ("ssm:DeleteParameter", "ssm", _PARAMETER),
    ("ssm:TerminateSession", "ssm", "session/any-0123456789abcdef0"),
    ("ssm:AddTagsToResource", "ssm", _MACHINE),
    ("ssm:DeregisterManagedInstance", "ssm", _MACHINE),
    *((f"logs:{each}", "logs", _GROUP) for each in ("DeleteLogGroup", "PutRetentionPolicy", "GetLogEvents")),
    ("ds:CreateComputer", "ds", "directory/d-0123456789"),
    ("s3:GetObject", "s3", "any-bucket/any-object"),
    ("s3:ListBucket", "s3", "any-bucket"),
)
"""What the policies grant beyond what nodes need: actions, each with the service and end of the ARN of a resource."""


def left_of(name: str, role: Role, account: Account) -> Decision:
    """Say whether the role has, or would have, a power of the discouraged policy that nodes do not need.

    What else the role is granted does not count; its permissions boundary and its Deny statements do.
    """
    policy = _statements(name, account)
    limits = (each for each in role.statements if not is_yes(has_effect(each, "Allow")))
    limited = replace(role, statements=Inventory((*policy, *limits), role.statements.gap))
    left: Decision = Denied(None, "the limits of the role leave nothing of it")
    for power in _POWERS:
        if not any(is_yes(applies_to(each, power[0])) for each in policy):
            continue
        decision = _asked(power, limited, account)
        if isinstance(decision, Allowed):
            return decision
        left = left if isinstance(decision, Denied) or isinstance(left, Undetermined) else decision
    return left


def _statements(name: str, account: Account) -> tuple[Statement, ...]:
    arn = managed_arn(name, partition=partition_of(account.region))
    policy = None if arn is None else managed_policy(arn)
    return () if policy is None else policy.statements.items


def _asked(power: tuple[str, str, str], role: Role, account: Account) -> Decision:
    action, service, tail = power
    is_in_region = service != "s3"
    arn = own_arn(service, tail, account.account, account.region, regional=is_in_region, owned=is_in_region)
    return allows(account, role, action, arn, undeclared=True)
