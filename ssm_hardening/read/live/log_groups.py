"""The log groups that session documents name, and those that the user means to record into."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Unknown, Value
from ssm_hardening.model import Holding, LogGroup, Ownership, SessionDocument
from ssm_hardening.read.converting import items, json_document, number, record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Read, answered, entries, given, listed_in, sent
from ssm_hardening.read.live.asking import Caller
from ssm_hardening.read.live.clients import Wanted
from ssm_hardening.read.live.destinations import named, used_by
from ssm_hardening.read.live.owners import owner_of

_TYPE = "aws_cloudwatch_log_group"
_GONE = ("ResourceNotFoundException",)
_FIRST_PAGE = 50


@dataclass(frozen=True, slots=True)
class _Group:
    """A log group by its name: the entry of DescribeLogGroups, Absent where the Region has none of this name."""

    name: str
    arn: str
    entry: Value[Any]
    tags: Value[Any]
    copied_to: Value[Items]


def log_groups(caller: Caller, documents: Inventory[SessionDocument], wanted: Wanted) -> Read[LogGroup]:
    """Return the log groups that documents name, and those of `wanted`; one that is not there does not exist."""
    names = named(documents, lambda document: document.cloudwatch_log_group, wanted.log_groups)
    found = caller.each(partial(_group, caller), names.items)
    there = [each for each in found if not isinstance(each.entry, Absent)]
    return Read(
        facts=Inventory(tuple(_fact(each, documents) for each in found), names.gap),
        holdings=Inventory(tuple(_holding(each) for each in there), names.gap),
        owners=Inventory(tuple(_owner(each) for each in there), names.gap),
    )


def _group(caller: Caller, name: str) -> _Group:
    arn = caller.who.arn("logs", f"log-group:{name}")
    entry = _entry(caller, arn, name)
    if isinstance(entry, Absent):
        return _Group(name, arn, entry, entry, entry)
    told = answered(caller.ask(calls.LIST_LOG_GROUP_TAGS, arn, {"resourceArn": arn}, missing=_GONE))
    return _Group(name, arn, entry, given(told, "tags", convert=record), _copies(caller, arn, name))


def _copies(caller: Caller, arn: str, name: str) -> Value[Items]:
    """Return where the group's own subscription filters, and those of the whole account, send its events."""
    call = calls.DESCRIBE_SUBSCRIPTION_FILTERS
    at = ApiOrigin(arn, str(call))
    own = entries(caller.all(call, "subscriptionFilters", arn, {"logGroupName": name}), at)
    asked = {"policyType": "SUBSCRIPTION_FILTER_POLICY"}
    account = answered(caller.ask(calls.DESCRIBE_ACCOUNT_POLICIES, caller.who.root, asked))
    everywhere = listed_in(account, "accountPolicies")
    sent_to = [*(sent(each, "destinationArn") for each in own), *(_destination(each) for each in everywhere)]
    gaps = [each for each in (own.gap, everywhere.gap, *sent_to) if isinstance(each, Unknown)]
    if isinstance(account, Unknown):
        gaps.append(account)
    known = sorted((each for each in sent_to if isinstance(each, Known)), key=lambda each: str(each.value))
    return Known(Items(tuple(known), gaps[0] if gaps else None), at)


def _destination(policy: Value[Any]) -> Value[Text]:
    return sent(json_document(sent(policy, "policyDocument")), "DestinationArn")


def _entry(caller: Caller, arn: str, name: str) -> Value[Any]:
    """Return what describes the group of exactly this name.

    AWS lists groups that begin with it, sorted by name: the one that ends there comes first.
    """
    parameters: Mapping[str, Any] = {"logGroupNamePrefix": name, "limit": _FIRST_PAGE}
    answer = answered(caller.ask(calls.DESCRIBE_LOG_GROUPS, arn, parameters))
    match sent(answer, "logGroups", convert=items):
        case Known(Items(found), at):
            same = (each for each in found if _is_named(each, name))
            return next(same, Absent(at))
        case Unknown() as gap:
            return gap
        case Known(_, at) | Absent(at):
            return Absent(at)


def _is_named(entry: Value[Any], name: str) -> bool:
    match sent(entry, "logGroupName"):
        case Known(text):
            return bool(text == name)
        case Absent() | Unknown():
            return False


def _fact(group: _Group, documents: Inventory[SessionDocument]) -> LogGroup:
    origin = ApiOrigin(group.arn, str(calls.DESCRIBE_LOG_GROUPS))
    return LogGroup(
        address=group.arn,
        declaration=group.arn,
        origin=origin,
        name=Known(group.name, origin),
        exists=_exists(group.entry),
        kms_key=given(group.entry, "kmsKeyId"),
        retention_days=given(group.entry, "retentionInDays", convert=number),
        used_by=used_by(group.name, documents, lambda document: document.cloudwatch_log_group, origin),
        copied_to=group.copied_to,
    )


def _exists(entry: Value[Any]) -> Value[bool]:
    match entry:
        case Known(at=at):
            return Known(True, at)
        case Absent(at):
            return Known(False, at)
        case Unknown():
            return entry


def _holding(group: _Group) -> Holding:
    at = ApiOrigin(group.arn, str(calls.DESCRIBE_LOG_GROUPS))
    return Holding(of=group.arn, type=_TYPE, import_id=group.name, at=at, settings=_settings(group))


def _settings(group: _Group) -> Value[Any]:
    match group.entry:
        case Known(Record(members), at):
            return Known(Record({**members, "tags": group.tags}), at)
        case _:
            return group.entry


def _owner(group: _Group) -> Ownership:
    return owner_of(group.arn, group.name, group.tags)
