"""EventBridge: the rules of the default bus that sessions, keys or trails could trigger, with their targets."""

from functools import partial
from typing import Any

from ssm_hardening.model import EventRule
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws.asking import Caller
from ssm_hardening.sources.aws.calls import LIST_RULES, LIST_TARGETS_BY_RULE
from ssm_hardening.sources.aws.data import first_gap
from ssm_hardening.sources.aws.entry import Entry, listed
from ssm_hardening.sources.converting import mapped, record
from ssm_hardening.values import Absent, Inventory, Items, Known, Record, Unknown, Value

_SERVICES = ("ssm", "kms", "cloudtrail")
_SOURCES = frozenset(f"aws.{name}" for name in _SERVICES)
_CALLERS = frozenset(f"{name}.amazonaws.com" for name in _SERVICES)
_BY_TRAIL = frozenset({"AWS API Call via CloudTrail"})


def event_rules(caller: Caller) -> Inventory[EventRule]:
    """Return the rules that events of Systems Manager, KMS or CloudTrail may match; targets are asked of those alone.

    AWS's own events arrive on the default bus; another bus has only what a rule of the default one sends there.
    """
    answer = caller.all(LIST_RULES, "Rules", caller.who.root)
    gap, found = answer.gap, []
    for data in answer:
        each = Entry(data, ApiOrigin(caller.who.root, str(LIST_RULES)))
        match each.text("Arn"), each.text("Name"):
            case Known(arn), Known():
                found.append(Entry(data, ApiOrigin(str(arn), str(LIST_RULES))))
            case _:
                gap = first_gap(gap, each.malformed("Arn or Name"))
    wanted = [each for each in sorted(found, key=lambda each: each.at.arn) if _may_concern_us(each)]
    return Inventory(caller.each(partial(_rule, caller), wanted), gap)


def _may_concern_us(rule: Entry) -> bool:
    """Say whether events of ours may match, by what the pattern says of their source and kind."""
    match rule.json("EventPattern"):
        case Absent():
            return False
        case Known(Record() as fields, at):
            callers = mapped(fields.get("detail", at), lambda detail: _member(detail, "eventSource"))
            of_trail = _may_be(fields.get("detail-type", at), _BY_TRAIL) and _may_be(callers, _CALLERS)
            return _names(fields.get("source", at)) or (_may_be(fields.get("source", at), _SOURCES) and of_trail)
        case Known() | Unknown():
            return True


def _member(value: Known[Any], key: str) -> Value[Any]:
    return value.value.get(key, value.at) if isinstance(value.value, Record) else Absent(value.at)


def _names(source: Value[Any]) -> bool:
    """Say whether a service of ours is named outright: then its own kinds of events count as well."""
    match source:
        case Known(Items(items)):
            return any(
                isinstance(each, Known) and isinstance(each.value, str) and each.value in _SOURCES for each in items
            )
        case Known() | Absent() | Unknown():
            return False


def _may_be(wanted: Value[Any], texts: frozenset[str]) -> bool:
    """Say whether a list of a pattern admits one of the texts; filters are not looked into."""
    match wanted:
        case Known(Items(items)):
            return any(not isinstance(each, Known) or _is_open(each.value, texts) for each in items)
        case Known() | Absent() | Unknown():
            return True


def _is_open(alternative: object, texts: frozenset[str]) -> bool:
    return alternative in texts if isinstance(alternative, str) else True


def _rule(caller: Caller, entry: Entry) -> EventRule:
    arn = entry.at.arn
    found = caller.all(LIST_TARGETS_BY_RULE, "Targets", arn, {"Rule": entry.data["Name"]})
    at = ApiOrigin(arn, str(LIST_TARGETS_BY_RULE))
    targets = [Entry(each, at).text("Arn") for each in found]
    return EventRule(
        address=arn,
        declaration=arn,
        origin=entry.at,
        name=entry.text("Name"),
        exists=Known(True, entry.at),
        bus=entry.text("EventBusName"),
        enabled=_enabled(entry),
        pattern=record(entry.json("EventPattern"), "EventPattern"),
        targets=listed((*targets, *(() if found.gap is None else (found.gap,))), at=at),
    )


def _enabled(entry: Entry) -> Value[bool]:
    match entry.text("State"):
        case Known(state, at):
            return Known(state != "DISABLED", at)
        case other:
            return other
