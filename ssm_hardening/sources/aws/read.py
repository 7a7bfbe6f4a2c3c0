"""What a collector returns: facts, what of them exists for adoption, and whose they are."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ssm_hardening.model import Fact, Holding, Ownership
from ssm_hardening.values import Inventory

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Generic[F]):
    """Facts of one kind, the holdings that make them up, and one ownership for each fact that could be adopted."""

    facts: Inventory[F]
    holdings: Inventory[Holding] = field(default_factory=Inventory)
    owners: Inventory[Ownership] = field(default_factory=Inventory)
