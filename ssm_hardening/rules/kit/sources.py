"""What a source can show at all: code holds nothing of an account's past, nor of what is declared elsewhere."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ssm_hardening.access.settings import told
from ssm_hardening.core.logic import Answer, ask, every, negated, some, text_of
from ssm_hardening.core.values import Inventory, Unknown, Why
from ssm_hardening.model import LIVE, Account, Fact
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import gaps
from ssm_hardening.verdicts.findings import NotApplicable

if TYPE_CHECKING:
    from ssm_hardening.model import Instance

__all__ = [
    "declares_nothing",
    "has_nodes",
    "only_live",
    "only_windows",
    "silent",
    "told",
    "unless_declared",
    "unsaid",
    "with_told_people",
]

T = TypeVar("T")


def unsaid(account: Account, what: str) -> Unknown:
    """Return why code does not show `what`."""
    return Unknown(Why.OUT_OF_SCOPE, account.at, f"code does not show {what}; audit the live account")


def silent(account: Account, what: str) -> NotApplicable:
    """Return the verdict on an account whose code declares nothing that would show `what`."""
    gap = unsaid(account, what)
    return NotApplicable(account.at, gap.detail, gap=gap)


def only_live(what: str) -> Callable[[Account], Unknown | None]:
    """Return the silence of a selector whose subjects only the live account can show."""
    return lambda account: None if account.source == LIVE else unsaid(account, what)


def unless_declared(of: Callable[[Account], Inventory[T]], what: str) -> Callable[[Account], Unknown | None]:
    """Return the silence of a selector whose subjects code may declare, and here does not."""
    return lambda account: unsaid(account, what) if declares_nothing(account, of(account)) else None


def declares_nothing(account: Account, *inventories: Inventory[T]) -> bool:
    """Say whether this is code that declares none of these things, as far as it was read."""
    kept = [told(account, inventory) for inventory in inventories]
    return account.source != LIVE and all(not each.items and each.gap is None for each in kept)


def with_told_people(account: Account) -> Account:
    """Return the account; that code does not hold all of its roles, users and groups, is no gap of code."""
    return replace(
        account,
        roles=told(account, account.roles),
        users=told(account, account.users),
        groups=told(account, account.groups),
    )


F = TypeVar("F", bound=Fact)


def has_nodes(account: Account) -> Answer:
    """Say whether there is anything to open a session on: an instance or hybrid node, or a session of the history."""
    there = (*_existence(account.instances), *_existence(account.sessions))
    return some(there, account.at)


def _existence(inventory: Inventory[F]) -> Iterator[Answer]:
    yield from (exists(item) for item in inventory.items)
    yield from gaps(inventory.gap)


def only_windows(account: Account) -> Answer:
    """Say whether there are nodes, all of them Windows."""
    nodes = account.instances
    others = (every((exists(node), negated(_is_windows(node))), node.origin) for node in nodes.items)
    none_else = negated(some((*others, *gaps(nodes.gap)), account.at))
    return every((some(_existence(nodes), account.at), none_else), account.at)


def _is_windows(node: "Instance") -> Answer:
    return ask(text_of(node.platform), lambda name: name == "Windows", absent=False)
