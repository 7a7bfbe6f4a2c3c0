"""Who uses a bucket, log group or key: the other direction of the joins."""

from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.values import Absent, Items, Known, Reference, Unknown, Value, Why
from ssm_hardening.model import Fact
from ssm_hardening.read.facts.arguments import mapped
from ssm_hardening.read.facts.attachments import does_not_exist, means
from ssm_hardening.read.facts.index import Index


@dataclass(frozen=True, slots=True)
class Place:
    """A provider configuration of the root and, where a resource names a Region of its own, that Region."""

    provider: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """An object names another one: `user` is its address, `value` what it names."""

    user: str
    place: Place
    value: Value[Any]


def use(user: Fact, place: Place, value: Value[Any]) -> list[Use]:
    """Return the use; none where nothing is named, or the user does not exist."""
    if isinstance(value, Absent) or does_not_exist(user.exists):
        return []
    return [Use(user.address, place, value)]


def used_by(fact: Fact, place: Place, uses: Index[Use], *, everywhere: bool = False) -> Value[Items]:
    """Return the users' addresses; unknown, or open-ended, where somebody names what may be this object.

    A name means an object of the same place only, a reference any object of the root; `everywhere` lifts that for
    buckets, whose names are global.
    """
    users: dict[str, Known[str]] = {}
    doubt: Unknown | None = None
    for _, each in uses.candidates(fact):
        seen = each.value if everywhere or each.place == place else _references(each.value)
        answer = means(seen, fact)
        if answer is True:
            users.setdefault(each.user, Known(each.user, each.value.at))
        elif answer is None and doubt is None:
            doubt = _doubt(each, fact)
    if users or doubt is None:
        return Known(Items(tuple(users.values()), doubt), fact.origin)
    return doubt


def _references(value: Value[Any]) -> Value[Any]:
    """Return the value as seen from another place, where a text means another object of the same name."""
    match value:
        case Unknown(one_of=()):
            return Absent(value.at)
        case _:
            return mapped(value, lambda known: known if isinstance(known.value, Reference) else Absent(known.at))


def _doubt(each: Use, fact: Fact) -> Unknown:
    match each.value:
        case Unknown() as gap:
            return Unknown(gap.why, gap.at, f"whether {each.user} uses {fact.address}: {gap.detail}")
        case Known(name, at):
            return Unknown(Why.COMPUTED, at, f"whether {each.user} uses {fact.address}: {name}")
        case Absent(at):
            return Unknown(Why.COMPUTED, at, f"whether {each.user} uses {fact.address}")
