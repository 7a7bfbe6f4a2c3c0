"""What AWS records and reports: the trails of CloudTrail with their selectors, and rules of EventBridge."""

from collections.abc import Callable
from typing import TypeVar

from ssm_hardening.core.logic import is_yes, literal
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.model import EventRule, Trail
from ssm_hardening.read.converting import by_branch, default, json_document, or_else, record
from ssm_hardening.read.facts.arguments import named_fact, read_each, switch_in, text_in, texts_in
from ssm_hardening.read.facts.attachments import Attachments, attachments, gathered, said
from ssm_hardening.read.graph import Config, Resource, Root
from ssm_hardening.read.selection import KINDS, OF_READ_ONLY, SSM, UNDERSTOOD, Taken, together

T = TypeVar("T")

TRAIL = "aws_cloudtrail"


def trails_of(root: Root) -> Inventory[tuple[Resource, Trail]]:
    """Return every trail with its resource."""
    return read_each(root.resources(TRAIL), _trail)


def _trail(resource: Resource) -> Trail:
    config, fact = resource.config, named_fact(resource, "name")
    events, excluded = _selected(config)
    return Trail(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        multi_region=default(switch_in(config, "is_multi_region_trail"), False),
        organization=default(switch_in(config, "is_organization_trail"), False),
        logging=default(switch_in(config, "enable_logging"), True),
        management_events=events,
        ssm_excluded=excluded,
        validation=default(switch_in(config, "enable_log_file_validation"), False),
        kms_key=text_in(config, "kms_key_id"),
        bucket=text_in(config, "s3_bucket_name"),
    )


_OTHER_TESTS = ("starts_with", "not_starts_with", "ends_with", "not_ends_with")


def _selected(config: Config) -> tuple[Value[Text], Value[bool]]:
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
    kind = by_branch(default(text_in(config, "read_write_type"), "All"), _kind)
    included = default(switch_in(config, "include_management_events"), True)
    return Taken(
        by_branch(included, lambda known: kind if known.value else Known("None", known.at)),
        _tested(config, "exclude_management_event_sources", lambda sources: SSM in sources),
    )


def _kind(known: Known[Text]) -> Value[Text]:
    return known if known.value in KINDS else Unknown(Why.COMPUTED, known.at, f"read_write_type {known.value}")


def _tested(config: Config, name: str, test: Callable[[set[str]], T]) -> Value[T]:
    """Return what a test says of a list of literal texts; an absent list is empty."""

    def tested(known: Known[Items]) -> Value[T]:
        literal = {item.value for item in known.value.items if isinstance(item, Known) and isinstance(item.value, str)}
        if known.value.rest is not None or len(literal) < len(known.value.items):
            return Unknown(Why.COMPUTED, known.at, f"{name}: some of its strings are unknown")
        return Known(test(literal), known.at)

    return by_branch(
        texts_in(config, name), tested, absent=lambda absent: Known(test(set()), absent.at, defaulted=True)
    )


def _advanced(config: Config) -> Taken:
    """Read one advanced selector, whose field selectors must all hold."""
    blocks = config.blocks("field_selector")
    if blocks.gap is not None:
        return Taken(blocks.gap, blocks.gap)
    fields = {literal(text_in(each, "field")): each for each in blocks}
    category = fields.get("eventCategory")
    if category is None:
        return _unsupported(config, "without eventCategory")
    managed = _tested(category, "equals", lambda values: "Management" in values)
    if isinstance(managed, Unknown):
        return Taken(managed, managed)
    if isinstance(managed, Absent) or not is_yes(managed):
        return Taken(Known("None", config.at), Known(False, config.at))
    strange = [name for name in fields if name not in UNDERSTOOD]
    if strange or len(fields) < len(blocks):
        return _unsupported(config, f"by {', '.join(map(str, strange)) or 'one field more than once'}")
    return Taken(_read_or_write(fields.get("readOnly"), config), _source(fields.get("eventSource"), config))


def _unsupported(config: Config, what: str) -> Taken:
    gap = Unknown(Why.UNSUPPORTED, config.at, f"an advanced event selector {what}")
    return Taken(gap, gap)


def _read_or_write(field: Config | None, selector: Config) -> Value[Text]:
    if field is None:
        return Known("All", selector.at, defaulted=True)
    gap = Unknown(Why.UNSUPPORTED, field.at, "a field selector for readOnly")
    kind = _tested(field, "equals", lambda values: OF_READ_ONLY.get(frozenset(values)))
    return by_branch(kind, lambda known: gap if known.value is None else Known(known.value, known.at))


def _source(field: Config | None, selector: Config) -> Value[bool]:
    """Say whether the events of Systems Manager are left out."""
    if field is None:
        return Known(False, selector.at, defaulted=True)
    written = [name for name in ("equals", "not_equals") if not isinstance(field.get(name), Absent)]
    others = [name for name in _OTHER_TESTS if not isinstance(field.get(name), Absent)]
    if len(written) != 1 or others:
        return Unknown(Why.UNSUPPORTED, field.at, "a field selector for eventSource")
    wanted = written == ["not_equals"]
    return _tested(field, written[0], lambda values: (SSM in values) is wanted)


EVENT_RULE = "aws_cloudwatch_event_rule"
TARGET = "aws_cloudwatch_event_target"

_BUS = "default"


def event_rules_of(root: Root) -> Inventory[tuple[Resource, EventRule]]:
    """Return every rule with its resource."""
    targets = attachments(root.resources(TARGET), "rule")
    return read_each(root.resources(EVENT_RULE), lambda each: _event_rule(each, targets))


def _event_rule(resource: Resource, targets: Attachments) -> EventRule:
    config, fact = resource.config, named_fact(resource, "name")
    bus = _bus(config)
    found = targets.of(fact)
    own = Inventory(tuple(each for each in found if _may_be(bus, _bus(each.resource.config))), found.gap)
    return EventRule(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        bus=bus,
        enabled=_enabled(config),
        pattern=record(json_document(config.get("event_pattern")), "event_pattern"),
        targets=gathered(said(own, lambda target: text_in(target, "arn")), resource.at),
    )


def _bus(config: Config) -> Value[Text]:
    return default(text_in(config, "event_bus_name"), _BUS)


def _may_be(one: Value[Text], other: Value[Text]) -> bool:
    """Say whether two buses may be the same: names of rules are unique within a bus only."""
    names = {literal(one), literal(other)}
    return len(names) == 1 or None in names


def _enabled(config: Config) -> Value[bool]:
    """Return whether the rule is on, by `state` or the older `is_enabled`."""
    older = default(switch_in(config, "is_enabled"), True)
    return or_else(by_branch(text_in(config, "state"), _is_on), older)


def _is_on(state: Known[Text]) -> Value[bool]:
    if isinstance(state.value, str):
        return Known(state.value != "DISABLED", state.at)
    return Unknown(Why.COMPUTED, state.at, f"state {state.value}")
