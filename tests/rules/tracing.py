"""What a rule reads of an account: every field of every object, noted while the rule judges."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import pytest

from ssm_hardening.core.memory import forget
from ssm_hardening.model import Account


@dataclass(frozen=True, slots=True)
class Reads:
    """Which fields of which objects were read. A rule that never read a field judges alike whatever the field holds."""

    seen: frozenset[tuple[int, str]]
    account: Account
    """Kept, so that no other object comes to have the identity of one of its parts."""

    def __call__(self, thing: object, field: str) -> bool:
        return (id(thing), field) in self.seen


def reads_of(judge: Callable[[Account], object], account: Account, types: Iterable[type] | None = None) -> Reads:
    """Return what is read of the account while it is judged; of many rules on one account, give its types once."""
    seen: set[tuple[int, str]] = set()

    def noted(thing: object, name: str) -> Any:
        seen.add((id(thing), name))
        return object.__getattribute__(thing, name)

    with pytest.MonkeyPatch.context() as patch:
        for each in types_of(account) if types is None else types:
            patch.setattr(each, "__getattribute__", noted)
        # What was kept from another judgement would not be read again.
        forget()
        judge(account)
    return Reads(frozenset(seen), account)


def types_of(account: Account) -> frozenset[type]:
    """Return the types of all dataclasses that make up an account."""
    return frozenset(_types(account))


def _types(thing: object) -> Iterator[type]:
    """Yield the types of all dataclasses that make up a thing, again and again."""
    if is_dataclass(thing):
        yield type(thing)
        for field in fields(thing):
            yield from _types(getattr(thing, field.name))
    elif isinstance(thing, tuple | frozenset):
        for each in thing:
            yield from _types(each)
    elif isinstance(thing, dict):
        for each in thing.values():
            yield from _types(each)
