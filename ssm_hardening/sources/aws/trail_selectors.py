"""Which management events the selectors of a trail take, as CloudTrail says them."""

from typing import Any

from ssm_hardening.sources.aws.entry import Entry
from ssm_hardening.sources.event_selection import KINDS, OF_READ_ONLY, SSM, UNDERSTOOD, Taken, together
from ssm_hardening.values import Known, Unknown, Value, Why

_OTHER_TESTS = ("StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith")


def selected(answer: Entry) -> tuple[Value[Any], Value[Any]]:
    """Return which management events are taken, and whether those of Systems Manager are left out.

    `answer` is that of GetEventSelectors: a trail has basic selectors or advanced ones, one at least.
    """
    taken = [*map(_basic, answer.entries("EventSelectors")), *map(_advanced, answer.entries("AdvancedEventSelectors"))]
    if not taken:
        gap = answer.malformed("EventSelectors") if answer.gap is None else answer.gap
        return gap, gap
    return together(taken, answer.at)


def _basic(selector: Entry) -> Taken:
    excluded = Known(SSM in _texts(selector, "ExcludeManagementEventSources"), selector.at)
    match selector.flag("IncludeManagementEvents"), selector.text("ReadWriteType"):
        case Known(included), _ if not included:
            return Taken(Known("None", selector.at), excluded)
        case Known(), Known(kind) as known if kind in KINDS:
            return Taken(known, excluded)
        case _:
            return Taken(selector.malformed("IncludeManagementEvents or ReadWriteType"), excluded)


def _advanced(selector: Entry) -> Taken:
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
        return _unsupported(selector, f"by {', '.join(strange) or 'one field twice'}")
    return Taken(_read_or_write(fields.get("readOnly"), selector), _source(fields.get("eventSource"), selector))


def _read_or_write(field: Entry | None, selector: Entry) -> Value[Any]:
    if field is None:
        return Known("All", selector.at, defaulted=True)
    kind = OF_READ_ONLY.get(_texts(field, "Equals"))
    return _strange(field, "readOnly") if kind is None or _is_tested_otherwise(field) else Known(kind, field.at)


def _source(field: Entry | None, selector: Entry) -> Value[Any]:
    """Say whether the events of Systems Manager are left out."""
    if field is None:
        return Known(False, selector.at, defaulted=True)
    equal, unequal = _texts(field, "Equals"), _texts(field, "NotEquals")
    if bool(equal) == bool(unequal) or _is_tested_otherwise(field):
        return _strange(field, "eventSource")
    return Known(SSM in unequal if unequal else SSM not in equal, field.at)


def _is_tested_otherwise(field: Entry) -> bool:
    return any(_texts(field, test) for test in _OTHER_TESTS)


def _texts(entry: Entry, key: str) -> frozenset[str]:
    return frozenset(str(each.value) for each in entry.texts(key) if isinstance(each, Known))


def _unsupported(selector: Entry, what: str) -> Taken:
    gap = _strange(selector, what)
    return Taken(gap, gap)


def _strange(entry: Entry, what: str) -> Unknown:
    return Unknown(Why.UNSUPPORTED, entry.at, f"{entry.at.call}: an advanced event selector {what}")
