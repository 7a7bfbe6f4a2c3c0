"""EventBridge rules with their targets."""

from typing import Any

from ssm_hardening.model import EventRule, Fact
from ssm_hardening.sources.terraform.facts.attachments import Attachments, attachments
from ssm_hardening.sources.terraform.facts.gathering import gathered, said
from ssm_hardening.sources.terraform.facts.naming import head_of, name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, mapped, record, switch
from ssm_hardening.sources.terraform.facts.texts import json_document
from ssm_hardening.sources.terraform.resources import Config, Resource, Root
from ssm_hardening.values import Inventory, Known, Unknown, Value, Why

TYPE = "aws_cloudwatch_event_rule"
TARGET = "aws_cloudwatch_event_target"

_BUS = "default"


def event_rules_of(root: Root) -> Inventory[tuple[Resource, EventRule]]:
    """Return every rule with its resource."""
    resources = root.resources(TYPE)
    targets = attachments(root.resources(TARGET), "rule")
    return Inventory(tuple((each, _event_rule(each, targets)) for each in resources), resources.gap)


def _event_rule(resource: Resource, targets: Attachments) -> EventRule:
    head = head_of(resource, name_of(resource, "name"))
    bus = _bus(resource.config)
    found = targets.of(Fact(**head))
    own = Inventory(tuple(each for each in found if _may_be(bus, _bus(each.resource.config))), found.gap)
    arns = said(own, lambda config: argument_text(config.get("arn"), "arn"))
    return EventRule(
        **head,
        bus=bus,
        enabled=_enabled(resource.config),
        pattern=record(json_document(resource.config.get("event_pattern")), "event_pattern"),
        targets=gathered(arns, resource.at),
    )


def _bus(config: Config) -> Value[Any]:
    return default(argument_text(config.get("event_bus_name"), "event_bus_name"), _BUS)


def _may_be(one: Value[Any], other: Value[Any]) -> bool:
    """Say whether two buses may be the same: names of rules are unique within a bus only."""
    match one, other:
        case Known(str() as left), Known(str() as right):
            return left == right
        case _:
            return True


def _enabled(config: Config) -> Value[Any]:
    """Return whether the rule is on, by `state` or the older `is_enabled`."""
    state = argument_text(config.get("state"), "state")
    older = default(switch(config.get("is_enabled"), "is_enabled"), True)
    return mapped(state, _is_on, absent=lambda _: older)


def _is_on(state: Known[Any]) -> Value[Any]:
    match state.value:
        case str() as text:
            return Known(text != "DISABLED", state.at)
        case other:
            return Unknown(Why.COMPUTED, state.at, f"state {other}")
