"""When session logs expire: the lifecycle rules that code writes for a bucket."""

from typing import Any

from ssm_hardening.core.values import Absent, Known, Unknown, Value, Why
from ssm_hardening.read.facts.arguments import argument_text, mapped, nested, number, switch
from ssm_hardening.read.graph import Config
from ssm_hardening.read.lifecycle import Expiry, ExpiryRule, Prefixes, expiry, shortest

__all__ = ["Prefixes", "expiration_inline", "expiration_of_split"]

_FILTERS = ("tag", "and", "object_size_greater_than", "object_size_less_than")


def expiration_of_split(config: Config, prefixes: Prefixes) -> Value[Any]:
    """Return the shortest expiry that reaches session logs, by an `aws_s3_bucket_lifecycle_configuration`."""
    rules = config.blocks("rule")
    if rules.gap is not None:
        return rules.gap
    return shortest((_split_rule(rule, prefixes) for rule in rules), Absent(config.at))


def expiration_inline(config: Config, prefixes: Prefixes) -> Value[Any]:
    """Return the same by the bucket's own `lifecycle_rule` blocks."""
    rules = config.blocks("lifecycle_rule")
    if rules.gap is not None:
        return rules.gap
    return shortest((_inline_rule(rule, prefixes) for rule in rules), Absent(config.at))


def _split_rule(rule: Config, prefixes: Prefixes) -> Expiry | None:
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


def _inline_rule(rule: Config, prefixes: Prefixes) -> Expiry | None:
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
) -> Expiry | None:
    days = number(nested(rule, "expiration", "days"), "days")
    date = nested(rule, "expiration", "date")
    written = ExpiryRule(enabled=enabled, days=days, date=date, prefix=prefix, narrower=narrower)
    return expiry(written, prefixes)
