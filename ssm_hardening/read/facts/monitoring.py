"""What AWS records and reports: the trails of CloudTrail with their selectors, and rules of EventBridge."""

from collections.abc import Callable
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Value, Why
from ssm_hardening.model import EventRule, Fact, Trail
from ssm_hardening.read.embedded import json_document
from ssm_hardening.read.event_selection import KINDS, OF_READ_ONLY, SSM, UNDERSTOOD, Taken, together
from ssm_hardening.read.facts.arguments import argument_text, default, head_of, mapped, name_of, record, switch
from ssm_hardening.read.facts.attachments import Attachments, attachments
from ssm_hardening.read.facts.gathering import gathered, said, texts
from ssm_hardening.read.graph import Config, Resource, Root

_OTHER_TESTS = ("starts_with", "not_starts_with", "ends_with", "not_ends_with")


def selected(config: Config) -> tuple[Value[Any], Value[Any]]:
    """Return which management events are taken, and whether those of Systems Manager are left out.

    A trail without selectors takes all management events.
    """
    basic, advanced = config.blocks("event_selector"), config.blocks("advanced_event_selector")
    for gap in (basic.gap, advanced.gap):
        if gap is not None:
            return gap, gap
    taken = [*map(_basic, basic), *map(_advanced, advanced)]
    if not taken:
        return Known("All", config.at, defaulted=True), Known(False, config.at, defaulted=True)
    return together(taken, config.at)


def _basic(config: Config) -> Taken:
    kind = mapped(argument_text(config.get("read_write_type"), "read_write_type"), _kind, absent=_everything)
    included = default(switch(config.get("include_management_events"), "include_management_events"), True)
    return Taken(
        mapped(included, lambda known: kind if known.value else Known("None", known.at)),
        _tested(config, "exclude_management_event_sources", lambda sources: SSM in sources),
    )


def _kind(known: Known[Any]) -> Value[Any]:
    return known if known.value in KINDS else Unknown(Why.COMPUTED, known.at, f"read_write_type {known.value}")


def _everything(absent: Absent) -> Value[Any]:
    return Known("All", absent.at, defaulted=True)


def _tested(config: Config, name: str, test: Callable[[set[str]], object]) -> Value[Any]:
    """Return what a test says of a list of literal texts; an absent list is empty."""

    def tested(known: Known[Any]) -> Value[Any]:
        literal = {item.value for item in known.value.items if isinstance(item, Known) and isinstance(item.value, str)}
        if known.value.rest is not None or len(literal) < len(known.value.items):
            return Unknown(Why.COMPUTED, known.at, f"{name}: not all of its texts are known")
        return Known(test(literal), known.at)

    return mapped(
        texts(config.get(name), name), tested, absent=lambda absent: Known(test(set()), absent.at, defaulted=True)
    )


def _advanced(config: Config) -> Taken:
    """Read one advanced selector, whose field selectors must all hold."""
    blocks = config.blocks("field_selector")
    if blocks.gap is not None:
        return Taken(blocks.gap, blocks.gap)
    fields = {_field(each): each for each in blocks}
    category = fields.get("eventCategory")
    if category is None:
        return _unsupported(config, "without eventCategory")
    match _tested(category, "equals", lambda values: "Management" in values):
        case Known(True):
            strange = [name for name in fields if name not in UNDERSTOOD]
            if strange or len(fields) < len(blocks):
                return _unsupported(config, f"by {', '.join(map(str, strange)) or 'one field twice'}")
            return Taken(_read_or_write(fields.get("readOnly"), config), _source(fields.get("eventSource"), config))
        case Unknown() as gap:
            return Taken(gap, gap)
        case Known() | Absent():
            return Taken(Known("None", config.at), Known(False, config.at))


def _unsupported(config: Config, what: str) -> Taken:
    gap = Unknown(Why.UNSUPPORTED, config.at, f"an advanced event selector {what}")
    return Taken(gap, gap)


def _field(config: Config) -> str | None:
    match argument_text(config.get("field"), "field"):
        case Known(str() as name):
            return name
        case Known() | Absent() | Unknown():
            return None


def _read_or_write(field: Config | None, selector: Config) -> Value[Any]:
    if field is None:
        return Known("All", selector.at, defaulted=True)
    kind = _tested(field, "equals", lambda values: OF_READ_ONLY.get(frozenset(values)))
    gap = Unknown(Why.UNSUPPORTED, field.at, "a selector of readOnly")
    return mapped(kind, lambda known: gap if known.value is None else known)


def _source(field: Config | None, selector: Config) -> Value[Any]:
    """Say whether the events of Systems Manager are left out."""
    if field is None:
        return Known(False, selector.at, defaulted=True)
    written = [name for name in ("equals", "not_equals") if not isinstance(field.get(name), Absent)]
    others = [name for name in _OTHER_TESTS if not isinstance(field.get(name), Absent)]
    if len(written) != 1 or others:
        return Unknown(Why.UNSUPPORTED, field.at, "a selector of eventSource")
    wanted = written == ["not_equals"]
    return _tested(field, written[0], lambda values: (SSM in values) is wanted)


TRAIL = "aws_cloudtrail"


def trails_of(root: Root) -> Inventory[tuple[Resource, Trail]]:
    """Return every trail with its resource."""
    resources = root.resources(TRAIL)
    return Inventory(tuple((each, _trail(each)) for each in resources), resources.gap)


def _trail(resource: Resource) -> Trail:
    config = resource.config
    events, excluded = selected(config)
    return Trail(
        **head_of(resource, name_of(resource, "name")),
        multi_region=_switch(config, "is_multi_region_trail", on=False),
        organization=_switch(config, "is_organization_trail", on=False),
        logging=_switch(config, "enable_logging", on=True),
        management_events=events,
        ssm_excluded=excluded,
        validation=_switch(config, "enable_log_file_validation", on=False),
        kms_key=argument_text(config.get("kms_key_id"), "kms_key_id"),
        bucket=argument_text(config.get("s3_bucket_name"), "s3_bucket_name"),
    )


def _switch(config: Config, name: str, *, on: bool) -> Value[Any]:
    return default(switch(config.get(name), name), on)


EVENT_RULE = "aws_cloudwatch_event_rule"
TARGET = "aws_cloudwatch_event_target"

_BUS = "default"


def event_rules_of(root: Root) -> Inventory[tuple[Resource, EventRule]]:
    """Return every rule with its resource."""
    resources = root.resources(EVENT_RULE)
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
