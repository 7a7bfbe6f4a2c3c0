"""How an object stands between code and account: equal, different, on one side only, or not to be told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ssm_hardening.core.values import Inventory, Unknown, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Fact


class Standing(StrEnum):
    """How an object stands between code and account."""

    EQUAL = "equal"
    DIFFERS = "differs"
    DECLARED_ONLY = "declared_only"
    DEPLOYED_ONLY = "deployed_only"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Difference:
    """A key that code and account know differently."""

    key: str
    declared: Value[Any] | Inventory[Statement]
    deployed: Value[Any] | Inventory[Statement]


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
    def standing(self) -> Standing:
        """How the object stands; two that may be one are uncertain."""
        if self.doubt is not None:
            return Standing.UNCERTAIN
        if self.deployed is None:
            return Standing.DECLARED_ONLY
        if self.declared is None:
            return Standing.DEPLOYED_ONLY
        return Standing.DIFFERS if self.differences else Standing.EQUAL


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairs of some code and some accounts."""

    pairs: tuple[Pair, ...] = ()

    def of_deployed(self, fact: Fact, live_root: str) -> Pair | None:
        """Return the pair of an object of the account; None where it was not compared."""
        pairs = (each for each in self.pairs if each.live_root == live_root)
        return next((each for each in pairs if each.deployed and each.deployed.address == fact.address), None)
