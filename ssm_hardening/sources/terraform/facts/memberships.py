"""Who belongs to which group: names of groups become addresses, and groups learn of their members."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ssm_hardening.model import Group, User
from ssm_hardening.sources.terraform.facts.attachments import means
from ssm_hardening.sources.terraform.facts.places import Placed
from ssm_hardening.values import Absent, Items, Known, Unknown, Value


def memberships(users: Placed[User], groups: Placed[Group]) -> tuple[Placed[User], Placed[Group]]:
    """Return both, knowing of each other."""
    known = tuple(group for _, group in groups.items)
    joined = tuple((place, replace(user, groups=_addresses(user.groups, known))) for place, user in users.items)
    people = tuple(user for _, user in joined)
    listed = tuple((place, replace(group, members=_members(group, people, users.gap))) for place, group in groups.items)
    return Placed(joined, users.gap), Placed(listed, groups.gap)


def _addresses(named: Value[Items], groups: tuple[Group, ...]) -> Value[Items]:
    match named:
        case Known(Items(items, rest), at):
            return Known(Items(tuple(_address(each, groups) for each in items), rest), at)
        case Absent() | Unknown():
            return named


def _address(named: Value[Any], groups: tuple[Group, ...]) -> Value[Any]:
    if not isinstance(named, Known):
        return named
    found = next((each for each in groups if means(named, each) is True), None)
    return named if found is None else Known(found.address, named.at)


def _members(group: Group, users: tuple[User, ...], gap: Unknown | None) -> Value[Items]:
    found = tuple(Known(user.address, user.origin) for user in users if group.address in set(_names(user.groups)))
    open_ = next((each.groups for each in users if isinstance(each.groups, Unknown)), gap)
    return Known(Items(found, open_), group.origin)


def _names(value: Value[Items]) -> Iterator[str]:
    match value:
        case Known(Items(items)):
            yield from (str(each.value) for each in items if isinstance(each, Known))
        case Absent() | Unknown():
            return
