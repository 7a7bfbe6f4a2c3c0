"""Does an EventBridge pattern match an event: what its texts say, and nothing guessed."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from ssm_hardening.iam.logic import Answer, every, negated, some, unanswered, unsupported
from ssm_hardening.origins import Origin
from ssm_hardening.rules.settings import literal
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why

Event: TypeAlias = Mapping[str, "str | Event"]
"""The fields that every event of a kind has, with the texts they all share."""


def matches(pattern: Record, event: Event, at: Origin, *, path: str = "") -> Answer:
    """Say whether the pattern matches all events of a kind.

    A field that such events differ in cannot be told; nor can filters that are not over texts.
    """
    answers = [
        _member(member, event.get(key), f"{path}{key}", at) if key != "$or" else unsupported(at, "$or in a pattern")
        for key, member in pattern.members.items()
    ]
    rest = [] if pattern.rest is None else [unanswered(pattern.rest)]
    return every((*answers, *rest), at)


def _member(member: Value[Any], field: "str | Event | None", path: str, at: Origin) -> Answer:
    match member:
        case Known(Record() as nested, place) if isinstance(field, Mapping):
            return matches(nested, field, place, path=f"{path}.")
        case Known(Items(items, rest), place) if isinstance(field, str):
            answers = [_alternative(item, field, place) for item in items]
            return some((*answers, *(() if rest is None else (unanswered(rest),))), place)
        case Unknown() as gap:
            return unanswered(gap)
        case Known() | Absent():
            return Unknown(Why.OUT_OF_SCOPE, at, f"which events the pattern leaves out by {path}")


def _alternative(item: Value[Any], text: str, at: Origin) -> Answer:
    match item:
        case Known(str() | Reference() | Template()):
            wanted = literal(item)
            return unanswered(wanted) if isinstance(wanted, Unknown) else Known(wanted == text, item.at)
        case Known(Record() as filters, place):
            answers = [_filter(name, of, text, place) for name, of in filters.members.items()]
            return every((*answers, *(() if filters.rest is None else (unanswered(filters.rest),))), place)
        case Unknown() as gap:
            return unanswered(gap)
        case Known() | Absent():
            return Known(False, at)


def _filter(name: str, of: Value[Any], text: str, at: Origin) -> Answer:
    match name, of:
        case _, Unknown() as gap:
            return unanswered(gap)
        case "exists", Known(bool() as flag, place):
            return Known(flag, place)
        case "anything-but", Known(Items(items, rest), place):
            answers = [_alternative(item, text, place) for item in items]
            return negated(some((*answers, *(() if rest is None else (unanswered(rest),))), place))
        case "anything-but", Known():
            return negated(_alternative(of, text, at))
        case _, Known(str() as wanted, place) if name in _TESTS:
            return Known(_TESTS[name](wanted, text), place)
        case _:
            return unsupported(at, f"the filter {name} in a pattern")


def _like(wanted: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), text, re.DOTALL) is not None


_TESTS = {
    "prefix": lambda wanted, text: text.startswith(wanted),
    "suffix": lambda wanted, text: text.endswith(wanted),
    "equals-ignore-case": lambda wanted, text: text.lower() == wanted.lower(),
    "wildcard": _like,
}
"""EventBridge's filters over texts."""
