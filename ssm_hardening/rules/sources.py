"""What a source tells of at all: code says nothing of an account's past, nor of what stands elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ssm_hardening.findings import NotApplicable
from ssm_hardening.model import LIVE, Account
from ssm_hardening.values import Inventory, Unknown, Why

T = TypeVar("T")


def unsaid(account: Account, what: str) -> Unknown:
    """Return why code does not tell `what`."""
    return Unknown(Why.OUT_OF_SCOPE, account.at, f"code does not say {what}; audit the account live")


def silent(account: Account, what: str) -> NotApplicable:
    """Return the verdict on an account whose code declares nothing that would tell `what`."""
    gap = unsaid(account, what)
    return NotApplicable(account.at, gap.detail, gap=gap)


def only_live(what: str) -> Callable[[Account], Unknown | None]:
    """Return the silence of a selector whose subjects only the account itself can tell of."""
    return lambda account: None if account.source == LIVE else unsaid(account, what)


def unless_declared(of: Callable[[Account], Inventory[T]], what: str) -> Callable[[Account], Unknown | None]:
    """Return the silence of a selector whose subjects code may declare, and here does not."""
    return lambda account: unsaid(account, what) if declares_nothing(account, of(account)) else None


def declares_nothing(account: Account, *inventories: Inventory[T]) -> bool:
    """Say whether this is code that declares none of these things, as far as it was read."""
    kept = [told(account, inventory) for inventory in inventories]
    return account.source != LIVE and all(not each.items and each.gap is None for each in kept)


def told(account: Account, inventory: Inventory[T]) -> Inventory[T]:
    """Return the inventory; that code does not hold everything there is, is no gap of code."""
    gap = inventory.gap
    if account.source == LIVE or gap is None or gap.why is not Why.OUT_OF_SCOPE:
        return inventory
    return Inventory(inventory.items)


def with_told_people(account: Account) -> Account:
    """Return the account; that code does not hold all of its roles, users and groups, is no gap of code."""
    return replace(
        account,
        roles=told(account, account.roles),
        users=told(account, account.users),
        groups=told(account, account.groups),
    )
