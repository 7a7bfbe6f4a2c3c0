"""What names what: finds it without comparing everything with everything, and tells who uses an object."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from ssm_hardening.core.logic import certainly, known_or, literal
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, Key
from ssm_hardening.model.joins import name_in_arn, names, place_in_arn
from ssm_hardening.read.converting import by_branch

T = TypeVar("T")
F = TypeVar("F", bound=Fact)

_UNKNOWN_INSTANCE = "[*]"


class NameIndex(Generic[T]):
    """Things by what they name: a literal text, the address of a reference, or something that must be compared."""

    def __init__(self, named: Iterable[tuple[Value[Text], T]]) -> None:
        self._all = tuple(named)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._open: list[int] = []
        for number, (value, _) in enumerate(self._all):
            if isinstance(value, Absent):
                continue
            found = None if isinstance(value, Unknown) else _lookups(value.value)
            for place in [self._open] if found is None else [self._by_name[name] for name in found]:
                place.append(number)

    def candidates(self, fact: Fact) -> list[tuple[Value[Text], T]]:
        """Return all things that may name an object, in their order, and some that do not."""
        names = _names_of(fact)
        if names is None:
            return list(self._all)
        found = {number for name in names for number in self._by_name.get(name, ())}
        return [self._all[number] for number in sorted(found.union(self._open))]


def _lookups(text: Text) -> set[str] | None:
    """Return what a text that names an object is found by; None where it must be compared."""
    match text:
        case str():
            return {text, name_in_arn(text)}
        case Reference(address=address) if not address.endswith(_UNKNOWN_INSTANCE):
            return {address}
        case _:
            return None


def _names_of(fact: Fact) -> set[str] | None:
    """Return the literal names and the addresses an object goes by; None where they are not all known."""
    aliases: Inventory[Text] = fact.aliases if isinstance(fact, Key) else Inventory()
    if isinstance(fact.name, Unknown) or aliases.gap is not None or fact.address.endswith(_UNKNOWN_INSTANCE):
        return None
    names = {fact.address}
    for text in (*aliases, *([fact.name.value] if isinstance(fact.name, Known) else [])):
        match text:
            case str():
                names.add(text)
            case Reference(address=address):
                names.add(address)
            case _:
                return None
    return names


class Objects(Generic[F]):
    """The other direction: facts by what may name them."""

    def __init__(self, facts: Iterable[F]) -> None:
        self._all = tuple(facts)
        self._by_address = {fact.address: fact for fact in self._all}
        self._by_name: dict[str, list[F]] = defaultdict(list)
        self._open: list[F] = []
        for fact in self._all:
            name = literal(fact.name)
            (self._open if name is None else self._by_name[name]).append(fact)

    def candidates(self, value: Value[Text]) -> Sequence[F]:
        """Return all facts that a value may name, and some that it does not."""
        match known_or(value, None):
            case Reference(address=address) if address in self._by_address:
                return (self._by_address[address],)
            case str() as text:
                found = (fact for name in {text: None, name_in_arn(text): None} for fact in self._by_name.get(name, ()))
                return (*found, *self._open)
            case _:
                return self._all


def does_not_exist(exists: Value[bool]) -> bool:
    """Say whether an object is known not to exist."""
    return certainly(exists, lambda there: not there)


def means(value: Value[Text], fact: Fact) -> bool | None:
    """Say whether a value names an object; None where that cannot be told."""
    if isinstance(value, Absent):
        return False
    if isinstance(value, Known) or not value.one_of:
        return names(value, fact)
    answers = {means(branch, fact) for branch in value.one_of}
    return answers.pop() if len(answers) == 1 else None


@dataclass(frozen=True, slots=True)
class ProviderRegion:
    """A provider configuration of the root and, where a resource names a Region of its own, that Region."""

    provider: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """An object names another one: `user` is its address, `value` what it names; `doubt` says why it may not count."""

    user: str
    place: ProviderRegion
    value: Known[Text] | Unknown
    doubt: Unknown | None = None


def use(user: Fact, place: ProviderRegion, value: Value[Text]) -> list[Use]:
    """Return the use; none where nothing is named, or the user does not exist."""
    if isinstance(value, Absent) or does_not_exist(user.exists):
        return []
    return [Use(user.address, place, value)]


Spots: TypeAlias = Mapping[ProviderRegion, tuple[str, str]]
"""The Region and the account of each place; empty where they are not known."""


def used_by(
    fact: Fact, place: ProviderRegion, uses: NameIndex[Use], *, everywhere: bool = False, spots: Spots | None = None
) -> Value[Items]:
    """Return the users' addresses; unknown, or open-ended, where somebody names what may be this object.

    A name means an object of the same place only, an ARN one of the place that it names (as far as `spots` tells), a
    reference any object of the root; `everywhere` lifts that for buckets, whose names are global.
    """
    users: dict[str, Known[str]] = {}
    doubt: Unknown | None = None
    for _, each in uses.candidates(fact):
        seen = each.value if everywhere or _is_of(each, place, spots or {}) else _references(each.value)
        answer = means(seen, fact)
        if answer is True and each.doubt is not None:
            doubt = each.doubt if doubt is None else doubt
        elif answer is True:
            users.setdefault(each.user, Known(each.user, each.value.at))
        elif answer is None and doubt is None:
            doubt = _doubt(each, fact)
    if users or doubt is None:
        return Known(Items(tuple(users.values()), doubt), fact.origin)
    return doubt


def _is_of(each: Use, place: ProviderRegion, spots: Spots) -> bool:
    """Say whether a text that is used at one place may mean an object of another one."""
    written = place_in_arn(each.value.value) if isinstance(each.value, Known) else ("", "")
    told = spots.get(place, ("", ""))
    if any(there and here and there != here for there, here in zip(written, told, strict=True)):
        return False
    return each.place == place or (bool(written[0]) and written[0] == told[0])


def _references(value: Known[Text] | Unknown) -> Value[Text]:
    """Return the value as seen from another place, where a text means another object of the same name."""
    if isinstance(value, Unknown) and not value.one_of:
        return Absent(value.at)
    return by_branch(value, lambda known: known if isinstance(known.value, Reference) else Absent(known.at))


def _doubt(each: Use, fact: Fact) -> Unknown:
    value = each.value
    why, named = (value.why, value.detail) if isinstance(value, Unknown) else (Why.COMPUTED, value.value)
    return Unknown(why, value.at, f"whether {each.user} uses {fact.address}: {named}")
