"""Which management events the selectors of a trail take: basic ones, or advanced ones."""

from collections.abc import Callable
from typing import Any

from ssm_hardening.sources.event_selection import KINDS, OF_READ_ONLY, SSM, UNDERSTOOD, Taken, together
from ssm_hardening.sources.terraform.facts.gathering import texts
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, mapped, switch
from ssm_hardening.sources.terraform.resources import Config
from ssm_hardening.values import Absent, Known, Unknown, Value, Why

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
