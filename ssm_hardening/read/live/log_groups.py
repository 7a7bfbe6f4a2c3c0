"""The log groups that session documents name, and those that the user means to record into."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ssm_hardening.core.logic import ask, certainly, each, mapped
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Text, Unknown, Value
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Holding, LogGroup, SessionDocument
from ssm_hardening.read.converting import default, items, json_document, number, record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Read, answered, entries, first_gap, given, listed_in, sent
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.read.live.relations import named, owner_of, used_by

_TYPE = "aws_cloudwatch_log_group"
_GONE = ("ResourceNotFoundException",)
_FIRST_PAGE = 50


@dataclass(frozen=True, slots=True)
class _Group:
    """A log group by its name: the entry of DescribeLogGroups, Absent where the Region has none of this name."""

    name: str
    arn: str
    entry: Value[Record]
    tags: Value[Record]
    copied_to: Value[Items]
    statements: Inventory[Statement]


def log_groups(aws: AwsApi, documents: Inventory[SessionDocument], wanted: WantedStores) -> Read[LogGroup]:
    """Return the log groups that documents name, and those of `wanted`; one that is not there does not exist."""
    names = named(documents, lambda document: document.cloudwatch_log_group, wanted.log_groups)
    found = aws.each(partial(_group, aws), names.items)
    there = [each for each in found if not isinstance(each.entry, Absent)]
    return Read(
        facts=Inventory(tuple(_fact(each, documents) for each in found), names.gap),
        holdings=Inventory(tuple(_holding(each) for each in there), names.gap),
        owners=Inventory(tuple(owner_of(each.arn, each.name, each.tags) for each in there), names.gap),
    )


def _group(aws: AwsApi, name: str) -> _Group:
    arn = aws.who.arn("logs", f"log-group:{name}")
    entry = _entry(aws, arn, name)
    if isinstance(entry, Absent):
        return _Group(name, arn, entry, entry, entry, Inventory())
    told = answered(aws.ask(calls.LIST_LOG_GROUP_TAGS, arn, {"resourceArn": arn}, missing=_GONE))
    return _Group(name, arn, entry, given(told, "tags", convert=record), _copies(aws, arn, name), _statements(aws, arn))


def _statements(aws: AwsApi, arn: str) -> Inventory[Statement]:
    """Return the resource policies of the account in this Region, and those of the group itself."""
    call, key = calls.DESCRIBE_RESOURCE_POLICIES, "resourcePolicies"
    own = {"policyScope": "RESOURCE", "resourceArn": arn}
    # Those of the account are the same for every group of the Region: naming it, we ask once.
    found = (
        (aws.all(call, key, aws.who.root, region=aws.who.region), call.at(aws.who.root)),
        (aws.all(call, key, arn, own, missing=_GONE), call.at(arn)),
    )
    policies = [(policy, at) for listed, at in found for policy in entries(listed, at)]
    read = [statements_of(json_document(sent(policy, "policyDocument")), at) for policy, at in policies]
    gaps = (*(listed.gap for listed, _ in found), *(each.gap for each in read))
    return Inventory(tuple(each for statements in read for each in statements), first_gap(*gaps))


def _copies(aws: AwsApi, arn: str, name: str) -> Value[Items]:
    """Return where the group's own subscription filters, and those of the whole account, send its events."""
    call = calls.DESCRIBE_SUBSCRIPTION_FILTERS
    at = call.at(arn)
    own = entries(aws.all(call, "subscriptionFilters", arn, {"logGroupName": name}), at)
    asked = {"policyType": "SUBSCRIPTION_FILTER_POLICY"}
    # The same for every group of the Region: naming it, we ask once.
    account = answered(aws.ask(calls.DESCRIBE_ACCOUNT_POLICIES, aws.who.root, asked, region=aws.who.region))
    everywhere = listed_in(account, "accountPolicies")
    sent_to = [*(sent(each, "destinationArn") for each in own), *(_destination(each) for each in everywhere)]
    known = sorted((each for each in sent_to if isinstance(each, Known)), key=lambda each: str(each.value))
    return Known(Items(tuple(known), first_gap(own.gap, everywhere.gap, *sent_to, account)), at)


def _destination(policy: Value[Datum]) -> Value[Text]:
    return sent(json_document(sent(policy, "policyDocument")), "DestinationArn")


def _entry(aws: AwsApi, arn: str, name: str) -> Value[Record]:
    """Return what describes the group of exactly this name.

    AWS lists groups that begin with it, sorted by name: the one that ends there comes first.
    """
    parameters: Mapping[str, Any] = {"logGroupNamePrefix": name, "limit": _FIRST_PAGE}
    groups = sent(answered(aws.ask(calls.DESCRIBE_LOG_GROUPS, arn, parameters)), "logGroups", convert=items)
    if isinstance(groups, Unknown):
        return groups
    same = (group for group in each(groups) if certainly(sent(group, "logGroupName"), lambda told: told == name))
    return record(next(same, Absent(groups.at)), "the log group")


def _fact(group: _Group, documents: Inventory[SessionDocument]) -> LogGroup:
    origin = calls.DESCRIBE_LOG_GROUPS.at(group.arn)
    return LogGroup(
        address=group.arn,
        declaration=group.arn,
        origin=origin,
        name=Known(group.name, origin),
        exists=ask(group.entry, lambda _: True, absent=False),
        kms_key=given(group.entry, "kmsKeyId"),
        retention_days=given(group.entry, "retentionInDays", convert=number),
        used_by=used_by(group.name, documents, lambda document: document.cloudwatch_log_group, origin),
        copied_to=group.copied_to,
        log_class=default(given(group.entry, "logGroupClass"), "STANDARD"),
        retention_policy=given(group.entry, "retentionPolicyName"),
        statements=group.statements,
    )


def _holding(group: _Group) -> Holding:
    at = calls.DESCRIBE_LOG_GROUPS.at(group.arn)
    settings = mapped(group.entry, lambda entry: Record({**entry.members, "tags": group.tags}))
    return Holding(of=group.arn, type=_TYPE, import_id=group.name, at=at, settings=settings)
