"""Policies that module `instance-role` made: known by what they are called and by all that they say."""

from collections.abc import Iterator

from ssm_hardening.core.logic import is_yes
from ssm_hardening.core.values import Absent, Items, Known, Value
from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Policy
from ssm_hardening.remediation.changes import literal

LOGGING, MINIMUM = "-session-logging", "-session-minimum"

ON_ITS_STORES = frozenset({
    "s3:PutObject", "s3:PutObjectAcl", "s3:GetEncryptionConfiguration", "kms:GenerateDataKey", "kms:Decrypt",
    "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "ssm:GetParameter", "ssm:GetParameters",
})  # fmt: skip
"""What the module grants on objects that it names."""

ON_ALL = frozenset({
    "ssm:UpdateInstanceInformation", "logs:DescribeLogGroups",
    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDocument", "ssm:ListAssociations",
    "ssm:ListInstanceAssociations", "ssm:PutComplianceItems", "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstanceAssociationStatus", "ssm:PutInventory", "ssm:GetManifest", "ssm:PutConfigurePackageResult",
    "ssm:GetDeployablePatchSnapshotForInstance",
    "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint",
    "ec2messages:GetMessages", "ec2messages:SendReply",
})  # fmt: skip
"""What it grants on everything, since these calls know no narrower resource."""


def own_policies(account: Account) -> frozenset[str]:
    """Return the ARNs of the account's policies that the module made.

    The name alone would let a wider policy pass: every statement must be one that the module writes.
    """
    return frozenset(each.address for each in account.policies if _is_own(each))


def _is_own(policy: Policy) -> bool:
    name = policy.address.rpartition("/")[2]
    statements = policy.statements
    if not name.endswith((LOGGING, MINIMUM)) or statements.gap is not None or not statements.items:
        return False
    return all(_is_written_by_the_module(each) for each in statements)


def _is_written_by_the_module(statement: Statement) -> bool:
    plain = isinstance(statement.not_actions, Absent) and isinstance(statement.not_resources, Absent)
    if not plain or not is_yes(has_effect(statement, "Allow")):
        return False
    actions, resources = _texts(statement.actions), _texts(statement.resources)
    if not actions or not resources or None in actions or None in resources:
        return False
    named = all(each is not None and each.startswith("arn:") and ":parameter/*" not in each for each in resources)
    return actions <= (ON_ITS_STORES | ON_ALL if named else ON_ALL)


def _texts(value: Value[Items]) -> frozenset[str | None]:
    return frozenset(_members(value))


def _members(value: Value[Items]) -> Iterator[str | None]:
    match value:
        case Known(Items(items, rest)):
            yield from (literal(each) for each in items)
            if rest is not None:
                yield None
        case _:
            yield None
