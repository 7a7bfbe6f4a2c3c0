"""Which pictures are of one AWS account: people, roles and policies belong to the account, all else to a Region."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.values import Inventory, Items, Known, Unknown, Value
from ssm_hardening.model.account import HOST, LIVE, Account
from ssm_hardening.model.facts import Fact

GLOBAL = "global"
"""The Region of what belongs to an AWS account as a whole."""

IAM = ("roles", "users", "groups", "policies")
"""The kinds that every picture of an AWS account holds alike."""

_OF_SESSIONS = ("session_documents", "instances", "activations", "sessions", "hosts")

F = TypeVar("F", bound=Fact)


def by_account(pictures: Iterable[Account]) -> tuple[tuple[Account, ...], ...]:
    """Return the pictures, those of one AWS account together, in the order in which they came.

    Code is of one account as far as its provider configurations say so (`Account.identity`); one of which that cannot
    be told is taken with the account that it may be.
    """
    found: dict[object, list[Account]] = {}
    for picture in pictures:
        found.setdefault(_whose(picture), []).append(picture)
    return tuple(map(tuple, found.values()))


def _whose(picture: Account) -> tuple[str, str, str]:
    if picture.source in {LIVE, HOST}:
        number = literal(picture.account)
        return picture.source, "" if number else picture.root, number or ""
    return picture.source, picture.root, identity_of(picture)


def identity_of(picture: Account) -> str:
    """Return the provider configuration that stands for the picture's AWS account; empty where nothing tells it."""
    match picture.identity:
        case Known(str() as name) | Unknown(one_of=(Known(str() as name),)):
            return name
        case _:
            return ""


def region_of(picture: Account) -> str:
    """Return the Region of a picture as findings name it: empty where it is not known."""
    return str(known_or(picture.region, ""))


def in_use(pictures: Sequence[Account]) -> tuple[Account, ...]:
    """Return the pictures of an account whose Regions it uses for sessions, or may use; one at least."""
    return tuple(each for each in pictures if is_used(each)) or tuple(pictures[:1])


def is_used(picture: Account) -> bool:
    """Say whether a Region is used for sessions, or may be."""
    # A live Region tells its settings whether anybody set them or not.
    kinds = _OF_SESSIONS if picture.source == LIVE else (*_OF_SESSIONS, "settings")
    if any(getattr(picture, kind).items for kind in kinds):
        return True
    gaps = (picture.session_documents.gap, picture.instances.gap)
    return picture.source == LIVE and any(gap is not None for gap in gaps)


def with_whole_iam(pictures: Sequence[Account]) -> tuple[Account, ...]:
    """Return the pictures of one account, each with all that any of them knows of IAM."""
    if len(pictures) == 1 or all(_is_alike(pictures[0], each) for each in pictures):
        return tuple(pictures)
    joined: dict[str, Any] = {kind: _joined([getattr(each, kind) for each in pictures]) for kind in IAM}
    return tuple(replace(each, **joined) for each in pictures)


def _is_alike(one: Account, other: Account) -> bool:
    """Say whether both hold the very same facts of IAM."""
    pairs = ((getattr(one, kind), getattr(other, kind)) for kind in IAM)
    return all(a.gap == b.gap and len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True)) for a, b in pairs)


def _joined(inventories: Sequence[Inventory[F]]) -> Inventory[F]:
    """Return what is in any of these lists, each object once; whole where one of them is."""
    found: dict[str, list[F]] = {}
    for fact in chain.from_iterable(inventories):
        found.setdefault(fact.address, []).append(fact)
    gaps = [each.gap for each in inventories]
    return Inventory(tuple(map(_one, found.values())), None if None in gaps else gaps[0])


def _one(known: Sequence[F]) -> F:
    """Return one object as several Regions know it: what nodes run with a role differs, and what was refused."""
    first = known[0]
    if all(each is first for each in known):
        return first
    names = [name for name in type(first).__dataclass_fields__ if name != "origin"]
    changed: dict[str, Any] = {name: _strongest(name, [getattr(each, name) for each in known]) for name in names}
    return replace(first, **changed)


def _strongest(name: str, values: Sequence[Any]) -> Any:  # noqa: ANN401 - a member of any fact
    match values[0]:
        case str():
            return values[0]
        case Inventory():
            return next((each for each in values if each.gap is None), values[0])
        case _ if name == "kind":
            return _kind(values)
        case _ if name in {"instances", "attached_to", "members"}:
            return _together(values)
        case _:
            return next((each for each in values if not isinstance(each, Unknown)), values[0])


def _kind(values: Sequence[Value[Any]]) -> Value[Any]:
    """Return what a role is for: a node's in one Region is a node's; what one Region leaves open stays open."""
    node = next((each for each in values if literal(each) == "node"), None)
    unknown = next((each for each in values if isinstance(each, Unknown)), None)
    if node is not None:
        return node
    return values[0] if unknown is None else unknown


def _together(values: Sequence[Value[Items]]) -> Value[Items]:
    members: dict[str, Value[Any]] = {}
    rest: Unknown | None = None
    for value in values:
        match value:
            case Known(Items(items, more)):
                members.update({repr(known_or(each, each)): each for each in items})
                rest = more if rest is None else rest
            case Unknown() as gap:
                rest = gap if rest is None else rest
            case _:
                continue
    if not members and rest is not None:
        return rest
    return Known(Items(tuple(members.values()), rest), values[0].at)
