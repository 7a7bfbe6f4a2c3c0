"""Compares what code says with what AWS says once the code is applied, fact by fact, origins aside.

References in code stand for texts that Terraform's state knows. Marks of defaults, and of how a value was spelled,
count as little as origins; the order of lists means nothing in any fact.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import chain
from typing import Any, get_origin

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown
from ssm_hardening.model import Account, Fact, GroupRule, Key, SecurityGroup
from ssm_hardening.model.facts import hints_of

State = Mapping[str, Mapping[str, Any]]

NOT_COMPARED = {"address", "declaration", "origin", "name"}
"""How a source addresses a fact and where it read it differ by nature; by its name it is found."""

NO_FACTS = {"usage_signs", "holdings", "owners"}
"""Lists of something that is said about facts."""

KINDS = tuple(
    name for name, hint in hints_of(Account).items() if get_origin(hint) is Inventory and name not in NO_FACTS
)
"""The names of an account's lists of facts."""

UNKNOWN = "\N{WHITE QUESTION MARK ORNAMENT}"
"""Stands for what a source cannot tell, in whatever is compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field on which code and account disagree, as plain data."""

    fact: str
    field: str
    code: Any
    live: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was found of one kind. `open_in_code` names the fields that code leaves open, by the fact's address."""

    differences: tuple[Difference, ...]
    open_in_code: Mapping[str, frozenset[str]]
    only_in_code: frozenset[str]
    only_live: frozenset[str]


def state_of(shown: Mapping[str, Any]) -> State:
    """Return the attributes of every resource and data source, by address, from `terraform show -json`."""
    return {each["address"]: each["values"] for each in _resources(shown["values"]["root_module"])}


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


class Comparison:
    """One account as code and as it is."""

    def __init__(self, code: Account, live: Account, state: State) -> None:
        self.code, self.live, self._state = code, live, state
        self._twins: dict[str, str] = {}
        for kind in KINDS:
            self._twins.update((fact.address, twin.address) for fact, twin in self._pairs(kind))

    def of(self, kind: str) -> Outcome:
        """Compare all facts of one kind."""
        pairs = list(self._pairs(kind))
        found = [self._fact(fact, twin) for fact, twin in pairs]
        matched = {twin.address for _, twin in pairs}
        return Outcome(
            differences=tuple(chain.from_iterable(differences for differences, _ in found)),
            open_in_code={
                fact.address: frozenset(unknown)
                for (fact, _), (_, unknown) in zip(pairs, found, strict=True)
                if unknown
            },
            only_in_code=frozenset(each.address for each in getattr(self.code, kind)) - {f.address for f, _ in pairs},
            only_live=frozenset(self._title(each) for each in getattr(self.live, kind) if each.address not in matched),
        )

    def _pairs(self, kind: str) -> Iterator[tuple[Fact, Fact]]:
        live = {self._identity(each): each for each in getattr(self.live, kind)}
        for each in getattr(self.code, kind):
            twin = live.get(self._identity(each))
            if twin is not None:
                yield each, twin

    def _identity(self, fact: Fact) -> object:
        """Return what a fact is known by in the account: its name; a key, which has only ids, by its ARN."""
        told = self._state.get(fact.address, {})
        if isinstance(fact, Key):
            return told.get("arn", fact.address)
        name = self.flat(fact.name)
        # A name that the provider completes is in the state alone.
        return told.get("bucket", told.get("name")) if UNKNOWN in str(name) else name

    def _title(self, fact: Fact) -> str:
        """Return what a person would call a fact that code does not declare."""
        return str(self.flat(fact.label) if isinstance(fact, SecurityGroup) else self._identity(fact))

    def _fact(self, fact: Fact, twin: Fact) -> tuple[list[Difference], set[str]]:
        differences: list[Difference] = []
        unknown: set[str] = set()
        for field in fields(fact):
            if field.name in NOT_COMPARED:
                continue
            code, live = (self.flat(getattr(each, field.name)) for each in (fact, twin))
            if _is_open(code):
                unknown.add(field.name)
            if not _agree(code, live):
                differences.append(Difference(fact.address, field.name, code, live))
        return differences, unknown

    def flat(self, thing: object) -> Any:
        """Return a value as plain data; lists sorted, references and addresses as the account has them."""
        match thing:
            case Known(value):
                return self.flat(value)
            case Absent():
                return None
            case Unknown():
                return UNKNOWN
            case Reference() | Template():
                return self._text(thing)
            case Items(items, rest):
                return _sorted([*map(self.flat, items), *([] if rest is None else [UNKNOWN])])
            case Record(members, rest):
                plain = {key: self.flat(member) for key, member in members.items()}
                return plain if rest is None else {**plain, UNKNOWN: UNKNOWN}
            case Inventory(items, gap):
                listed = chain.from_iterable(self._entries(each) for each in items)
                return _sorted([*(each for each in listed if each is not None), *([] if gap is None else [UNKNOWN])])
            case str():
                return self._twins.get(thing, thing)
            case _ if is_dataclass(thing):
                names = (field.name for field in fields(thing) if field.name != "at")
                return {name: self.flat(getattr(thing, name)) for name in names}
            case _:
                return thing

    def _entries(self, entry: object) -> Iterable[Any]:
        """Return an entry of a list; a group's rule once for each peer, since AWS keeps it so."""
        if not isinstance(entry, GroupRule):
            return (self.flat(entry),)
        rule = self.flat(entry)
        ends = [(kind, peer) for kind in ("cidrs", "groups", "prefix_lists") for peer in rule.pop(kind)]
        return [{**rule, "kind": kind, "peer": peer} for kind, peer in ends]

    def _text(self, text: Reference | Template) -> str | None:
        """Return a text whose holes are filled from the state; None for the mention of an object as such."""
        match text:
            case Reference(address, "") if address in self._state:
                return None
            case Reference(address, attribute):
                found = self._state.get(address, {}).get(attribute)
                return str(text) if found is None else str(found)
            case Template(parts):
                return "".join(each if isinstance(each, str) else str(self.flat(each)) for each in parts)


def _is_open(code: Any) -> bool:
    return UNKNOWN in code if isinstance(code, str | list | dict) else False


def _agree(code: Any, live: Any) -> bool:
    """Say whether what code tells is so: there may be anything in place of what it leaves open."""
    if code == UNKNOWN:
        return True
    if isinstance(code, list) and isinstance(live, list) and UNKNOWN in code:
        return all(each in live for each in code if each != UNKNOWN)
    if isinstance(code, str) and isinstance(live, str):
        return re.fullmatch(re.escape(code).replace(re.escape(UNKNOWN), ".*"), live) is not None
    return bool(code == live)


def _sorted(plain: list[Any]) -> list[Any]:
    return sorted(plain, key=repr)
