"""What AWS records and reports: the trails of CloudTrail, and the rules of EventBridge with their targets."""

from functools import partial

from ssm_hardening.core.logic import certainly, chained, known_or, mapped
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import EventRule, Trail
from ssm_hardening.read.converting import record
from ssm_hardening.read.live.answers import Description, identified, known_texts, listed
from ssm_hardening.read.live.asking import Answered, AwsApi, Missing
from ssm_hardening.read.live.calls import (
    DESCRIBE_TRAILS,
    GET_EVENT_SELECTORS,
    GET_TRAIL_STATUS,
    LIST_RULES,
    LIST_TARGETS_BY_RULE,
    ApiCall,
)
from ssm_hardening.read.selection import KINDS, OF_READ_ONLY, SSM, UNDERSTOOD, Taken, together

_OTHER_TESTS = ("StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith")


def selected(answer: Description) -> tuple[Value[Text], Value[bool]]:
    """Return which management events are taken, and whether those of Systems Manager are left out.

    `answer` is that of GetEventSelectors: a trail has basic selectors or advanced ones, one at least.
    """
    taken = [*map(_basic, answer.entries("EventSelectors")), *map(_advanced, answer.entries("AdvancedEventSelectors"))]
    if not taken:
        gap = answer.malformed("EventSelectors") if answer.gap is None else answer.gap
        return gap, gap
    return together(taken, answer.at)


def _basic(selector: Description) -> Taken:
    excluded = Known(SSM in _texts(selector, "ExcludeManagementEventSources"), selector.at)
    match selector.flag("IncludeManagementEvents"), selector.text("ReadWriteType"):
        case Known(included), _ if not included:
            return Taken(Known("None", selector.at), excluded)
        case Known(), Known(kind) as known if kind in KINDS:
            return Taken(known, excluded)
        case _:
            return Taken(selector.malformed("IncludeManagementEvents or ReadWriteType"), excluded)


def _advanced(selector: Description) -> Taken:
    """Read one advanced selector, whose field selectors must all hold."""
    tests = selector.entries("FieldSelectors")
    fields = {str(each.data.get("Field")): each for each in tests}
    category = fields.get("eventCategory")
    if category is None:
        return _unsupported(selector, "without eventCategory")
    if "Management" not in _texts(category, "Equals"):
        return Taken(Known("None", selector.at), Known(False, selector.at))
    strange = sorted(fields.keys() - UNDERSTOOD)
    if strange or len(fields) < len(tests):
        return _unsupported(selector, f"by {', '.join(strange) or 'one field more than once'}")
    return Taken(_read_or_write(fields.get("readOnly"), selector), _source(fields.get("eventSource"), selector))


def _read_or_write(field: Description | None, selector: Description) -> Value[Text]:
    if field is None:
        return Known("All", selector.at, defaulted=True)
    kind = OF_READ_ONLY.get(_texts(field, "Equals"))
    return _strange(field, "readOnly") if kind is None or _is_tested_otherwise(field) else Known(kind, field.at)


def _source(field: Description | None, selector: Description) -> Value[bool]:
    """Say whether the events of Systems Manager are left out."""
    if field is None:
        return Known(False, selector.at, defaulted=True)
    equal, unequal = _texts(field, "Equals"), _texts(field, "NotEquals")
    if bool(equal) == bool(unequal) or _is_tested_otherwise(field):
        return _strange(field, "eventSource")
    return Known(SSM in unequal if unequal else SSM not in equal, field.at)


def _is_tested_otherwise(field: Description) -> bool:
    return any(_texts(field, test) for test in _OTHER_TESTS)


def _texts(entry: Description, key: str) -> frozenset[str]:
    return frozenset(known_texts(entry.texts(key)))


def _unsupported(selector: Description, what: str) -> Taken:
    gap = _strange(selector, what)
    return Taken(gap, gap)


def _strange(entry: Description, what: str) -> Unknown:
    return Unknown(Why.UNSUPPORTED, entry.at, f"{entry.at.call}: an advanced event selector {what}")


def trails(aws: AwsApi) -> Inventory[Trail]:
    """Return every trail that records this Region: those of other home Regions and the organization's among them."""
    answer = aws.all(DESCRIBE_TRAILS, "trailList", aws.who.root, {"includeShadowTrails": True})
    found = identified(answer, DESCRIBE_TRAILS.at(aws.who.root), "TrailARN", arn=lambda _, arn: arn)
    ordered = sorted(found, key=lambda each: each.at.arn)
    return Inventory(aws.each(partial(_trail, aws), ordered), found.gap)


def _trail(aws: AwsApi, entry: Description) -> Trail:
    status = _asked(aws, GET_TRAIL_STATUS, entry, "Name")
    events, excluded = selected(_asked(aws, GET_EVENT_SELECTORS, entry, "TrailName"))
    return Trail(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=entry.text("Name"),
        exists=Known(True, entry.at),
        multi_region=entry.flag("IsMultiRegionTrail"),
        organization=entry.flag("IsOrganizationTrail"),
        logging=status.flag("IsLogging"),
        management_events=events,
        ssm_excluded=excluded,
        validation=entry.flag("LogFileValidationEnabled"),
        kms_key=entry.text_or_absent("KmsKeyId"),
        bucket=entry.text("S3BucketName"),
    )


def _asked(aws: AwsApi, call: ApiCall, trail: Description, parameter: str) -> Description:
    """Ask about a trail in its home Region: other Regions show it, and know no more of it."""
    arn = trail.at.arn
    match aws.ask(call, arn, {parameter: arn}, region=_home(trail)):
        case Answered(data, at):
            return Description(data, at)
        case Missing(at):
            return Description({}, at)
        case Unknown() as gap:
            return Description({}, call.at(arn), gap)


def _home(trail: Description) -> str | None:
    region = known_or(trail.text("HomeRegion"), None)
    return region if isinstance(region, str) else None


_SERVICES = ("ssm", "kms", "cloudtrail")
_SOURCES = frozenset(f"aws.{name}" for name in _SERVICES)
_SERVICES_OF_CALLS = frozenset(f"{name}.amazonaws.com" for name in _SERVICES)
_BY_TRAIL = frozenset({"AWS API Call via CloudTrail"})


def event_rules(aws: AwsApi) -> Inventory[EventRule]:
    """Return the rules that events of Systems Manager, KMS or CloudTrail may match; targets are asked of those alone.

    AWS's own events arrive on the default bus; another bus has only what a rule of the default one sends there.
    """
    answer = aws.all(LIST_RULES, "Rules", aws.who.root)
    found = identified(answer, LIST_RULES.at(aws.who.root), "Arn", "Name", arn=lambda _, arn: arn)
    wanted = [each for each in sorted(found, key=lambda each: each.at.arn) if _may_concern_us(each)]
    return Inventory(aws.each(partial(_rule, aws), wanted), found.gap)


def _may_concern_us(rule: Description) -> bool:
    """Say whether events of ours may match, by what the pattern says of their source and kind."""
    pattern = rule.json("EventPattern")
    if isinstance(pattern, Absent):
        return False
    if isinstance(pattern, Unknown) or not isinstance(pattern.value, Record):
        return True
    source, kind, detail = (pattern.value.get(key, pattern.at) for key in ("source", "detail-type", "detail"))
    called = chained(detail, lambda known: _member(known, "eventSource"))
    of_trail = _may_be(kind, _BY_TRAIL) and _may_be(called, _SERVICES_OF_CALLS)
    return _names(source) or (_may_be(source, _SOURCES) and of_trail)


def _member(value: Known[Datum], key: str) -> Value[Datum]:
    return value.value.get(key, value.at) if isinstance(value.value, Record) else Absent(value.at)


def _names(source: Value[Datum]) -> bool:
    """Say whether a service of ours is named outright: then its own kinds of events count as well."""
    alternatives = known_or(source, None)
    if not isinstance(alternatives, Items):
        return False
    return any(certainly(each, lambda name: isinstance(name, str) and name in _SOURCES) for each in alternatives.items)


def _may_be(wanted: Value[Datum], texts: frozenset[str]) -> bool:
    """Say whether a list of a pattern admits one of the texts; filters are not looked into."""
    alternatives = known_or(wanted, None)
    if not isinstance(alternatives, Items):
        return True
    return any(not isinstance(each, Known) or _is_open(each.value, texts) for each in alternatives.items)


def _is_open(alternative: object, texts: frozenset[str]) -> bool:
    return alternative in texts if isinstance(alternative, str) else True


def _rule(aws: AwsApi, entry: Description) -> EventRule:
    arn = entry.at.arn
    found = aws.all(LIST_TARGETS_BY_RULE, "Targets", arn, {"Rule": entry.data["Name"]})
    at = LIST_TARGETS_BY_RULE.at(arn)
    targets = [Description(each, at).text("Arn") for each in found]
    return EventRule(
        address=arn,
        declaration=arn,
        origin=entry.at,
        name=entry.text("Name"),
        exists=Known(True, entry.at),
        bus=entry.text("EventBusName"),
        enabled=mapped(entry.text("State"), lambda state: state != "DISABLED"),
        pattern=record(entry.json("EventPattern"), "EventPattern"),
        targets=listed(targets, found.gap, at=at),
    )
