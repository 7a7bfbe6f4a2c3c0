"""Finds what may name an object without comparing everything with everything."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Text, Unknown, Value
from ssm_hardening.model import Fact, Key
from ssm_hardening.model.joins import name_in_arn

T = TypeVar("T")
F = TypeVar("F", bound=Fact)

_UNKNOWN_INSTANCE = "[*]"


class Index(Generic[T]):
    """Things by what they name: a literal text, the address of a reference, or something that must be compared."""

    def __init__(self, named: Iterable[tuple[Value[Any], T]]) -> None:
        self._all = tuple(named)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._open: list[int] = []
        for number, (value, _) in enumerate(self._all):
            self._place(value, number)

    def _place(self, value: Value[Any], number: int) -> None:
        match value:
            case Known(str() as text):
                for name in {text, name_in_arn(text)}:
                    self._by_name[name].append(number)
            case Known(Reference(address=address)) if not address.endswith(_UNKNOWN_INSTANCE):
                self._by_name[address].append(number)
            case Absent():
                pass
            case Known() | Unknown():
                self._open.append(number)

    def candidates(self, fact: Fact) -> list[tuple[Value[Any], T]]:
        """Return all things that may name an object, in their order, and some that do not."""
        names = _names_of(fact)
        if names is None:
            return list(self._all)
        found = {number for name in names for number in self._by_name.get(name, ())}
        return [self._all[number] for number in sorted(found.union(self._open))]


def _names_of(fact: Fact) -> set[str] | None:
    """Return the literal names and the addresses an object goes by; None where they are not all known."""
    aliases: Inventory[Text] = fact.aliases if isinstance(fact, Key) else Inventory()
    texts: list[Text] = list(aliases)
    match fact.name:
        case Known(text):
            texts.append(text)
        case Unknown():
            return None
        case Absent():
            pass
    names = {fact.address}
    for text in texts:
        match text:
            case str():
                names.add(text)
            case Reference(address=address):
                names.add(address)
            case _:
                return None
    return None if aliases.gap is not None or fact.address.endswith(_UNKNOWN_INSTANCE) else names


class Objects(Generic[F]):
    """The other direction: facts by what may name them."""

    def __init__(self, facts: Iterable[F]) -> None:
        self._all = tuple(facts)
        self._by_address = {each.address: each for each in self._all}
        self._by_name: dict[str, list[F]] = defaultdict(list)
        self._open: list[F] = []
        for each in self._all:
            match each.name:
                case Known(str() as name):
                    self._by_name[name].append(each)
                case _:
                    self._open.append(each)

    def candidates(self, value: Value[Any]) -> Sequence[F]:
        """Return all facts that a value may name, and some that it does not."""
        match value:
            case Known(Reference(address=address)) if address in self._by_address:
                return (self._by_address[address],)
            case Known(str() as text):
                named = (each for name in {text: None, name_in_arn(text): None} for each in self._by_name.get(name, ()))
                return (*named, *self._open)
            case _:
                return self._all
