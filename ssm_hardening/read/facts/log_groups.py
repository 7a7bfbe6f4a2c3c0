"""CloudWatch log groups."""

from collections.abc import Iterator
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Value
from ssm_hardening.model import Fact, LogGroup
from ssm_hardening.read.embedded import json_document
from ssm_hardening.read.facts.arguments import argument_text, head_of, mapped, member, name_of, number
from ssm_hardening.read.facts.attachments import Attachments, attachments
from ssm_hardening.read.facts.gathering import gathered, said
from ssm_hardening.read.graph import Resource, Root

TYPE = "aws_cloudwatch_log_group"
FILTER = "aws_cloudwatch_log_subscription_filter"
ACCOUNT_POLICY = "aws_cloudwatch_log_account_policy"

_SUBSCRIPTION = "SUBSCRIPTION_FILTER_POLICY"


def log_groups_of(root: Root) -> Inventory[tuple[Resource, LogGroup]]:
    """Return every log group with its resource, used by nobody yet."""
    resources = root.resources(TYPE)
    filters = attachments(root.resources(FILTER), "log_group_name")
    everywhere = [*_account_wide(root.resources(ACCOUNT_POLICY))]
    return Inventory(tuple((each, _log_group(each, filters, everywhere)) for each in resources), resources.gap)


def _account_wide(policies: Inventory[Resource]) -> Iterator[Value[Any]]:
    """Yield where subscription policies of the whole account send every group's events."""
    for each in policies:
        kind = argument_text(each.config.get("policy_type"), "policy_type")
        if isinstance(kind, Known) and kind.value != _SUBSCRIPTION:
            continue
        document = json_document(each.config.get("policy_document"))
        yield argument_text(member(document, ("DestinationArn",)), "DestinationArn")
    if policies.gap is not None:
        yield policies.gap


def _log_group(resource: Resource, filters: Attachments, everywhere: list[Value[Any]]) -> LogGroup:
    fact = Fact(**head_of(resource, name_of(resource, "name")))
    own = said(filters.of(fact), lambda config: argument_text(config.get("destination_arn"), "destination_arn"))
    retention = number(resource.config.get("retention_in_days"), "retention_in_days")
    return LogGroup(
        address=resource.address,
        declaration=resource.declaration,
        origin=resource.at,
        name=fact.name,
        exists=resource.exists,
        kms_key=argument_text(resource.config.get("kms_key_id"), "kms_key_id"),
        retention_days=mapped(retention, _unless_forever),
        used_by=Known(Items(()), resource.at),
        copied_to=gathered((*own, *everywhere), resource.at),
    )


def _unless_forever(days: Known[Any]) -> Value[Any]:
    return Absent(days.at) if days.value == 0 else days
