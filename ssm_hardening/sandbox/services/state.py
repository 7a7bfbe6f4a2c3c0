"""What no AWS call creates, for each account and Region: agents, sessions, settings, trail events; and refusals."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from moto.core.exceptions import ServiceException


class Refusal(ServiceException):
    """An error with AWS's code and message.

    moto looks an error's model up by the module of its class, and finds none for its own base class; for a class of
    ours it takes the model of the service that was called.
    """


Item: TypeAlias = dict[str, Any]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")


@dataclass(slots=True)
class Regional:
    """One account in one Region; every item is in the shape of AWS's own answers."""

    instance_information: list[Item] = field(default_factory=list)
    sessions: list[Item] = field(default_factory=list)
    connection_status: dict[str, str] = field(default_factory=dict)
    commands: list[Item] = field(default_factory=list)
    """Those that were sent, oldest first, each with its invocations by node."""
    command_output: dict[str, Item] = field(default_factory=dict)
    """Node → what of a command's answer there is to be another than ours."""
    settings: dict[str, Item] = field(default_factory=dict)
    activations: list[Item] = field(default_factory=list)
    associations: list[Item] = field(default_factory=list)
    inventory: list[Item] = field(default_factory=list)
    events: list[Item] = field(default_factory=list)
    metadata_defaults: dict[str, Any] = field(default_factory=dict)
    rotation_periods: dict[str, int] = field(default_factory=dict)
    tags: defaultdict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """Of what moto does not tag: (type, id) → tags."""


STATES: defaultdict[tuple[str, str], Regional] = defaultdict(Regional)

_LISTS = ("instance_information", "sessions", "activations", "associations", "inventory", "events")
_MAPPINGS = ("connection_status", "command_output")


def add(state: Regional, items: Mapping[str, Any]) -> None:
    """Add what a test or a seed puts there. Raises ValueError for names or shapes that are not known."""
    for name, given in items.items():
        revived = revive(given)
        match revived:
            case list() if name in _LISTS:
                getattr(state, name).extend(revived)
            case dict() if name in _MAPPINGS:
                getattr(state, name).update(revived)
            case _:
                raise ValueError(
                    f"cannot put {name!r}: expected {', '.join(_LISTS)} (lists), or {', '.join(_MAPPINGS)} (mappings)"
                )


def revive(value: Any) -> Any:
    """Turn texts that are points in time back into such, in nested data; without a zone they mean UTC."""
    match value:
        case str() if _TIME.fullmatch(value):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        case list():
            return [revive(item) for item in value]
        case dict():
            return {key: revive(item) for key, item in value.items()}
        case _:
            return value


def page(items: Sequence[Item], token: str | None, limit: int | None, *, most: int) -> dict[str, Any]:
    """Return one page: {"items": […], "NextToken": …}. `most` is the greatest and the default size."""
    if limit is not None and not 1 <= limit <= most:
        raise Refusal("ValidationException", f"MaxResults must be between 1 and {most}")
    if token and not token.isdecimal():
        raise Refusal("InvalidNextToken", "The specified token is not valid.")
    start = int(token or 0)
    end = start + (limit or most)
    return {"items": list(items[start:end]), "NextToken": str(end) if end < len(items) else None}


def without(items: Iterable[Item], **wanted: str) -> list[Item]:
    """Return the items that do not have all these values."""
    return [item for item in items if any(item.get(key) != value for key, value in wanted.items())]
