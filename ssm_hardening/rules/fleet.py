"""Which nodes a live Region has, as far as rules over settings need to know."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from ssm_hardening.iam.logic import Answer, every, negated, some, unanswered
from ssm_hardening.model import Account, Fact
from ssm_hardening.rules.settings import literal
from ssm_hardening.values import Absent, Inventory, Known, Unknown

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Instance

F = TypeVar("F", bound=Fact)


def exists(fact: Fact) -> Answer:
    """Say whether a fact exists."""
    match fact.exists:
        case Known(flag, at):
            return Known(flag, at)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)


def has_nodes(account: Account) -> Answer:
    """Say whether there is anything to open a session on: an instance or hybrid node, or a session of the history."""
    there = (*_existence(account.instances), *_existence(account.sessions))
    return some(there, account.at)


def _existence(inventory: Inventory[F]) -> Iterator[Answer]:
    yield from (exists(item) for item in inventory.items)
    yield from _gaps(inventory)


def _gaps(inventory: Inventory[F]) -> Iterator[Unknown]:
    if inventory.gap is not None:
        yield unanswered(inventory.gap)


def only_windows(account: Account) -> Answer:
    """Say whether there are nodes, all of them Windows."""
    nodes = account.instances
    others = (every((exists(node), negated(_is_windows(node))), node.origin) for node in nodes.items)
    none_else = negated(some((*others, *_gaps(nodes)), account.at))
    return every((some(_existence(nodes), account.at), none_else), account.at)


def _is_windows(node: "Instance") -> Answer:
    match node.platform:
        case Known() as platform:
            text = literal(platform)
            return unanswered(text) if isinstance(text, Unknown) else Known(text == "Windows", platform.at)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)
