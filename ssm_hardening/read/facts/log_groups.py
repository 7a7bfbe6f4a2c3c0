"""CloudWatch log groups (`aws_cloudwatch_log_group`), and where their events are copied to."""

from collections.abc import Iterator, Sequence

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Value
from ssm_hardening.model import LogGroup
from ssm_hardening.read.converting import by_branch, json_document, member
from ssm_hardening.read.facts.arguments import argument_text, named_fact, number_in, read_each, text_in
from ssm_hardening.read.facts.attachments import Attachments, attachments, gathered, said
from ssm_hardening.read.graph import Resource, Resources, Root

GROUP = "aws_cloudwatch_log_group"
FILTER = "aws_cloudwatch_log_subscription_filter"
ACCOUNT_POLICY = "aws_cloudwatch_log_account_policy"

_SUBSCRIPTION = "SUBSCRIPTION_FILTER_POLICY"


def log_groups_of(root: Root) -> Inventory[tuple[Resource, LogGroup]]:
    """Return every log group with its resource, used by nobody yet."""
    filters = attachments(root.resources(FILTER), "log_group_name")
    everywhere = [*_account_wide(root.resources(ACCOUNT_POLICY))]
    return read_each(root.resources(GROUP), lambda each: _log_group(each, filters, everywhere))


def _account_wide(policies: Inventory[Resource]) -> Iterator[Value[Text]]:
    """Yield where subscription policies of the whole account send every group's events.

    Code that was not read may declare one, as other code of the account may: no rule passes for that.
    """
    for each in policies:
        kind = text_in(each.config, "policy_type")
        if isinstance(kind, Known) and kind.value != _SUBSCRIPTION:
            continue
        document = json_document(each.config.get("policy_document"))
        yield argument_text(member(document, ("DestinationArn",)), "DestinationArn")
    if policies.gap is not None and not isinstance(policies, Resources):
        yield policies.gap


def _log_group(resource: Resource, filters: Attachments, everywhere: Sequence[Value[Text]]) -> LogGroup:
    fact = named_fact(resource, "name")
    own = said(filters.of(fact), lambda config: text_in(config, "destination_arn"))
    return LogGroup(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        kms_key=text_in(resource.config, "kms_key_id"),
        retention_days=by_branch(number_in(resource.config, "retention_in_days"), _unless_forever),
        used_by=Known(Items(()), resource.at),
        copied_to=gathered((*own, *everywhere), resource.at),
    )


def _unless_forever(days: Known[int]) -> Value[int]:
    return Absent(days.at) if days.value == 0 else days
