"""When session logs expire: the lifecycle rules of a bucket that reach them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssm_hardening.sources.terraform.facts.reading import argument_text, either, mapped, nested, number, switch
from ssm_hardening.sources.terraform.resources import Config
from ssm_hardening.values import Absent, Inventory, Known, Unknown, Value, Why

Prefixes: TypeAlias = Sequence[Value[Any]]
"""The key prefixes of the documents that write into a bucket; Absent where one writes to the bucket's root."""

_FILTERS = ("tag", "and", "object_size_greater_than", "object_size_less_than")


@dataclass(frozen=True, slots=True)
class _Expiry:
    """After how many days a rule deletes; `doubt` says why it may not reach session logs."""

    days: Value[Any]
    doubt: Unknown | None


def expiration_of_split(config: Config, prefixes: Prefixes) -> Value[Any]:
    """Return the shortest expiry that reaches session logs, by an `aws_s3_bucket_lifecycle_configuration`."""
    rules = config.blocks("rule")
    return _shortest([_split_rule(rule, prefixes) for rule in rules], rules, config)


def expiration_inline(config: Config, prefixes: Prefixes) -> Value[Any]:
    """Return the same by the bucket's own `lifecycle_rule` blocks."""
    rules = config.blocks("lifecycle_rule")
    return _shortest([_inline_rule(rule, prefixes) for rule in rules], rules, config)


def _shortest(expiries: Iterable[_Expiry | None], rules: Inventory[Config], config: Config) -> Value[Any]:
    if rules.gap is not None:
        return rules.gap
    reaching = [each for each in expiries if each is not None]
    shortest = _least([each.days for each in reaching if each.doubt is None], Absent(config.at))
    for each in reaching:
        if each.doubt is not None:
            shortest = either(each.doubt, (shortest, _least([each.days], shortest)))
    return shortest


def _least(values: Iterable[Value[Any]], least: Value[Any]) -> Value[Any]:
    """Return the smallest number; an unknown one may be smaller than all others."""
    for value in values:
        match value, least:
            case Unknown(), _:
                return value
            case Known(days), Known(shorter) if days >= shorter:
                pass
            case Known(), Known() | Absent():
                least = value
            case _:
                pass
    return least


def _split_rule(rule: Config, prefixes: Prefixes) -> _Expiry | None:
    status = argument_text(rule.get("status"), "status")
    enabled = mapped(status, lambda known: Known(known.value == "Enabled", known.at))
    return _expiry(rule, enabled, _split_prefix(rule), _narrower(rule), prefixes)


def _split_prefix(rule: Config) -> Value[Any]:
    """Return the prefix, wherever the rule writes it."""
    value: Value[Any] = Absent(rule.at)
    for path in (("filter", "prefix"), ("filter", "and", "prefix"), ("prefix",)):
        if isinstance(value, Absent):
            value = argument_text(nested(rule, *path), "prefix")
    return value


def _inline_rule(rule: Config, prefixes: Prefixes) -> _Expiry | None:
    tags = rule.get("tags")
    narrower = None if isinstance(tags, Absent) else Unknown(Why.UNSUPPORTED, tags.at, "a rule for objects with tags")
    enabled = switch(rule.get("enabled"), "enabled")
    return _expiry(rule, enabled, argument_text(rule.get("prefix"), "prefix"), narrower, prefixes)


def _narrower(rule: Config) -> Unknown | None:
    """Say what but the prefix may keep a rule from session logs."""
    filters = rule.blocks("filter")
    if filters.gap is not None:
        return filters.gap
    for each in filters:
        for name in _FILTERS:
            blocks = each.blocks(name)
            if blocks.items or blocks.gap is not None or not isinstance(each.get(name), Absent):
                return Unknown(Why.UNSUPPORTED, each.at, f"a rule that filters by {name}")
    return None


def _expiry(
    rule: Config, enabled: Value[Any], prefix: Value[Any], narrower: Unknown | None, prefixes: Prefixes
) -> _Expiry | None:
    days = _days(rule)
    if isinstance(days, Absent):
        return None
    reached = _reaches(prefix, prefixes)
    if reached is False:
        return None
    if reached is None and narrower is None:
        narrower = Unknown(Why.UNSUPPORTED, prefix.at, "whether the rule's prefix reaches session logs")
    match enabled:
        case Known(flag):
            return _Expiry(days, narrower) if flag else None
        case Unknown() as gap:
            return _Expiry(days, gap)
        case Absent():
            return None


def _days(rule: Config) -> Value[Any]:
    days = number(nested(rule, "expiration", "days"), "days")
    date = nested(rule, "expiration", "date")
    match days, date:
        case ((Absent() | Known(0)), Absent()):
            return Absent(days.at)
        case ((Absent() | Known(0)), _):
            return Unknown(Why.UNSUPPORTED, date.at, "expiry at a date")
        case _:
            return days


def _reaches(prefix: Value[Any], prefixes: Prefixes) -> bool | None:
    """Say whether a rule for keys with this prefix is about session logs; None where that cannot be told."""
    if isinstance(prefix, Absent):
        return True
    answers = {_covers(prefix, folder) for folder in prefixes}
    if answers == {False}:
        return False
    return True if True in answers else None


def _covers(prefix: Value[Any], folder: Value[Any]) -> bool | None:
    """Compare with the keys `<folder>/<session id>.log`; session ids have no slash."""
    match prefix, folder:
        case Known(str() as wanted), Known(str() as written):
            return _covers_keys(wanted, written.strip("/") + "/")
        case Known(str() as wanted), Absent():
            return _covers_keys(wanted, "")
        case Known(wanted), Known(written) if wanted == written:
            return True
        case _:
            return None


def _covers_keys(wanted: str, start: str) -> bool | None:
    if start.startswith(wanted):
        return True
    return None if wanted.startswith(start) and "/" not in wanted[len(start) :] else False
