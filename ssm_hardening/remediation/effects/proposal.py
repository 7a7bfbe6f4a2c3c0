"""What is looked at: the changes that are proposed, and the accounts they are proposed for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ssm_hardening.core.logic import is_no
from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Fact, Instance, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.remediation.advice import Picture
from ssm_hardening.remediation.cases import Effect
from ssm_hardening.remediation.changes import is_preferences, known_text
from ssm_hardening.remediation.plan import ManualStep, ModuleCall
from ssm_hardening.remediation.remedies import effect_of

F = TypeVar("F", bound=Fact)

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The settings and parts that change, the calls that are made, the steps by hand, and what the accounts hold."""

    picture: Picture
    calls: Sequence[ModuleCall]
    steps: Sequence[ManualStep]
    accounts: Sequence[Account]

    def call(self, module: str) -> list[ModuleCall]:
        """Return the calls of a module."""
        return [each for each in self.calls if each.module == module]

    def by_hand(self, *effects: Effect) -> bool:
        """Say whether a step by hand closes a rule with one of these effects."""
        return any(effect_of(rule) in effects for each in self.steps for rule in each.closes)


def there(inventory: Inventory[F]) -> Iterator[F]:
    """Return what is not known to be missing."""
    return (each for each in inventory if not is_no(exists(each)))


def preferences(account: Account) -> SessionDocument | None:
    """Return the preferences of the account, where they are known."""
    return next((each for each in account.session_documents if is_preferences(each)), None)


def unix_nodes(account: Account) -> list[Instance]:
    """Return the nodes on which Run As works, those included whose platform is not known."""
    return [each for each in there(account.instances) if known_text(each.platform) != "Windows"]


def calls_for_roles(calls: Sequence[ModuleCall]) -> str:
    """Return the calls that give rights to roles, with the roles where code does not refer to them."""
    roles = ((each.label, each.inputs.get("role_name")) for each in calls)
    return ", ".join(
        f"module.{label} ({role})" if isinstance(role, str) else f"module.{label}" for label, role in roles
    )


def named(facts: Sequence[Fact]) -> str:
    """Return the names of objects as a person would list them."""
    return shown([known_text(each.name) or each.address for each in facts])


def shown(names: Sequence[str]) -> str:
    """Return names as a list that stays short."""
    first = ", ".join(dict.fromkeys(names[:_SHOWN]))
    return f"{first} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else first
