"""Code beside the account: what is declared and deployed, declared only, deployed only, or cannot be told.

Objects are matched by identity: the kind, the account and Region, and the name that AWS knows them by. What both sides
know of a pair is compared as data (`equality`); where either does not know, that key stays open.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Inventory, Known, Template, Unknown, Value, Why
from ssm_hardening.judge.equality import KINDS, Difference, Matches, compared, resolved
from ssm_hardening.model import LIVE, Account, Fact, Key, Role
from ssm_hardening.model.identity import is_only_named
from ssm_hardening.model.joins import names
from ssm_hardening.model.scope import IAM, by_account, with_whole_iam

_GLOBAL = frozenset({"log_buckets", "roles"})
"""Kinds whose names hold in every Region."""

_NOWHERE = CodeOrigin("", 0)
"""Where an inventory that this kind of source does not read at all has its gap."""


class Drift(StrEnum):
    """How an object stands between code and account."""

    EQUAL = "equal"
    DIFFERS = "differs"
    DECLARED_ONLY = "declared_only"
    DEPLOYED_ONLY = "deployed_only"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One object, as code and account know it.

    `kind` is the inventory's name, `root` and `live_root` are the roots of the two accounts ("" where there is none).
    `unread` lists keys that cannot be compared. `doubt` says why it cannot be told whether the two are one object.
    """

    kind: str
    declared: Fact | None = None
    root: str = ""
    deployed: Fact | None = None
    live_root: str = ""
    differences: tuple[Difference, ...] = ()
    unread: tuple[str, ...] = ()
    doubt: Unknown | None = None

    @property
    def standing(self) -> Drift:
        """How the object stands; two that may be one are uncertain."""
        if self.doubt is not None:
            return Drift.UNCERTAIN
        if self.deployed is None:
            return Drift.DECLARED_ONLY
        if self.declared is None:
            return Drift.DEPLOYED_ONLY
        return Drift.DIFFERS if self.differences else Drift.EQUAL


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairs of some code and some accounts."""

    pairs: tuple[Pair, ...] = ()

    def of_deployed(self, fact: Fact, live_root: str) -> Pair | None:
        """Return the pair of an object of the account; None where it was not compared."""
        # What belongs to an account as a whole is compared once; its ARN says which account that is.
        pairs = (each for each in self.pairs if each.live_root == live_root or each.kind in IAM)
        return next((each for each in pairs if each.deployed and each.deployed.address == fact.address), None)


@dataclass(frozen=True, slots=True)
class _Side:
    """The objects of one kind in one account."""

    account: Account
    kind: str
    facts: tuple[Fact, ...]
    gap: Unknown | None


def compare(accounts: Sequence[Account]) -> Comparison:
    """Compare the code among the accounts with the live ones; nothing where either is missing."""
    code = [account for account in accounts if account.source != LIVE]
    live = [account for account in accounts if account.source == LIVE]
    if not code or not live:
        return Comparison()
    matches = Matches()
    for kind in KINDS:
        for left in _sides(code, kind):
            for right in _sides(live, kind):
                _match(left, right, matches, alone=len(live) == 1)
    return Comparison(tuple(pair for kind in KINDS for pair in _pairs(code, live, kind, matches)))


def _sides(accounts: Iterable[Account], kind: str) -> Iterator[_Side]:
    pictures = accounts if kind not in IAM else (with_whole_iam(group)[0] for group in by_account(accounts))
    for account in pictures:
        inventory: Inventory[Fact] = getattr(account, kind)
        own = (each for each in inventory.items if _is_compared(each) and each.address not in account.guests)
        yield _Side(account, kind, tuple(own), inventory.gap)


def _is_compared(fact: Fact) -> bool:
    """Say whether it may exist; of a role that code only names, it declares nothing."""
    return known_or(fact.exists, True) and not (isinstance(fact, Role) and is_only_named(fact))


def _match(left: _Side, right: _Side, matches: Matches, *, alone: bool) -> None:
    here = same_place(left.account, right.account, left.kind, alone=alone)
    if here is False:
        return
    for fact in left.facts:
        key = (left.account.root, fact.address)
        for other in right.facts:
            answer = _is_same(fact, other, left.account)
            if answer is True and here is True:
                matches.certain.setdefault(key, (right.account.root, other))
            elif answer is not False:
                matches.possible.setdefault(key, []).append((right.account.root, other))


def same_place(code: Account, live: Account, kind: str, *, alone: bool) -> bool | None:
    """Say whether code is meant for this account and Region; code that does not say means the only one there is."""
    answers = [_agree(code.account, live.account)]
    if kind not in _GLOBAL:
        answers.append(_agree(code.region, live.region))
    if False in answers:
        return False
    return True if alone or None not in answers else None


def _agree(one: Value[Any], other: Value[Any]) -> bool | None:
    left, right = literal(one), literal(other)
    return None if left is None or right is None else left == right


def _is_same(fact: Fact, other: Fact, code: Account) -> bool | None:
    """Say whether a declared object is the deployed one; None where its name cannot be told."""
    answers = [_names(name, other, code) for name in _known_as(fact)]
    if True in answers:
        return True
    return None if None in answers else False


def _known_as(fact: Fact) -> Iterator[Value[Any]]:
    """Yield what AWS knows the object by; a key's id is AWS's choice, so code knows it by its aliases."""
    if isinstance(fact, Key) and fact.aliases.items:
        yield from (Known(alias, fact.origin) for alias in fact.aliases.items)
    else:
        yield fact.name


def _names(name: Value[Any], other: Fact, code: Account) -> bool | None:
    text = resolved(name, code)
    return names(text, other) if isinstance(text, Known) and isinstance(text.value, str | Template) else None


def _pairs(code: Sequence[Account], live: Sequence[Account], kind: str, matches: Matches) -> Iterator[Pair]:
    taken: set[tuple[str, str]] = set()
    for side in _sides(code, kind):
        for fact in side.facts:
            pair = _pair(side, fact, matches)
            if pair.deployed is not None:
                taken.add((pair.live_root, pair.deployed.address))
            yield pair
    for side in _sides(live, kind):
        rest = [fact for fact in side.facts if (side.account.root, fact.address) not in taken]
        for fact in rest:
            doubt = _doubt(fact, side, code, matches)
            yield Pair(kind=kind, deployed=fact, live_root=side.account.root, doubt=doubt)


def _pair(side: _Side, fact: Fact, matches: Matches) -> Pair:
    key = (side.account.root, fact.address)
    root = side.account.root
    if key in matches.certain:
        live_root, other = matches.certain[key]
        found = tuple(compared(side.account, fact, other, matches))
        differences = tuple(each for each in found if isinstance(each, Difference))
        unread = tuple(each for each in found if isinstance(each, str))
        return Pair(
            kind=side.kind, declared=fact, root=root, deployed=other, live_root=live_root,
            differences=differences, unread=unread,
        )  # fmt: skip
    possible = matches.possible.get(key, [])
    if not possible:
        return Pair(kind=side.kind, declared=fact, root=root)
    candidates = ", ".join(other.address for _, other in possible[:3])
    doubt = Unknown(Why.COMPUTED, fact.origin, f"{fact.address} may be {candidates}: its name or its Region is unknown")
    if len(possible) == 1:
        live_root, other = possible[0]
        return Pair(kind=side.kind, declared=fact, root=root, deployed=other, live_root=live_root, doubt=doubt)
    return Pair(kind=side.kind, declared=fact, root=root, doubt=doubt)


def _doubt(fact: Fact, side: _Side, code: Sequence[Account], matches: Matches) -> Unknown | None:
    """Say why an object of the account may be declared after all; None where it is in nobody's code."""
    for (root, address), others in matches.possible.items():
        certain = matches.certain.get((root, address))
        if certain is None and any(other.address == fact.address for _, other in others):
            return Unknown(Why.COMPUTED, fact.origin, f"{address} in {root} may declare it: its name is unknown")
    for account in code:
        gap = getattr(account, side.kind).gap
        if (
            gap is not None
            and gap.at != _NOWHERE
            and same_place(account, side.account, side.kind, alone=True) is not False
        ):
            return Unknown(gap.why, gap.at, f"{account.root} may declare it in a part that was not read: {gap.detail}")
    return None
