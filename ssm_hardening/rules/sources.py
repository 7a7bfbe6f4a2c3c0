"""What a source tells of at all: code says nothing of an account's past, nor of what stands elsewhere."""

from collections.abc import Callable
from typing import TypeVar

from ssm_hardening.findings import NotApplicable, Undecided
from ssm_hardening.model import LIVE, Account
from ssm_hardening.values import Inventory, Unknown, Why

T = TypeVar("T")


def unsaid(account: Account, what: str) -> Unknown:
    """Return why code does not tell `what`."""
    return Unknown(Why.OUT_OF_SCOPE, account.at, f"code does not say {what}; audit the account live")


def only_live(what: str) -> Callable[[Account], Unknown | None]:
    """Return the silence of a selector whose subjects only the account itself can tell of."""
    return lambda account: None if account.source == LIVE else unsaid(account, what)


def unless_declared(of: Callable[[Account], Inventory[T]], what: str) -> Callable[[Account], Unknown | None]:
    """Return the silence of a selector whose subjects code may declare, and here does not."""
    return lambda account: unsaid(account, what) if _is_silent(account, of(account)) else None


def told(account: Account, inventory: Inventory[T]) -> Inventory[T]:
    """Return the inventory; that code does not hold everything there is, is no gap of code."""
    return inventory if account.source == LIVE else Inventory(inventory.items, _closed(inventory.gap))


def _is_silent(account: Account, inventory: Inventory[T]) -> bool:
    return account.source != LIVE and not inventory.items and _closed(inventory.gap) is None


def _closed(gap: Unknown | None) -> Unknown | None:
    return None if gap is None or gap.why is Why.OUT_OF_SCOPE else gap


def nothing_found(account: Account, gap: Unknown | None, what: str) -> NotApplicable | Undecided | None:
    """Return what follows where nothing of a kind was found (`gap`: there may be more); None where there is none."""
    if account.source != LIVE and _closed(gap) is None:
        silence = unsaid(account, what)
        return NotApplicable(account.at, silence.detail, gap=silence)
    return None if gap is None else Undecided(account.at, gap, f"{what} cannot be told")
