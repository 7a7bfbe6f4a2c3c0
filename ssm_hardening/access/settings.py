"""The service settings of a Region: which one a name means, and what Default Host Management lends its instances."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ssm_hardening.core.logic import Answer, ask, every, is_yes, known_or, text_of, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Template, Text, Unknown, Why
from ssm_hardening.model import LIVE, Account
from ssm_hardening.model.default_management import MANAGEMENT_ROLE, lent_by, path_in
from ssm_hardening.model.facts import exists

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Role, ServiceSetting

T = TypeVar("T")

Found: TypeAlias = "ServiceSetting | Unknown | None"


def told(account: Account, inventory: Inventory[T]) -> Inventory[T]:
    """Return the inventory; that code does not hold everything there is, is no gap of code."""
    gap = inventory.gap
    if account.source == LIVE or gap is None or gap.why is not Why.OUT_OF_SCOPE:
        return inventory
    return Inventory(inventory.items)


def find(account: Account, identifier: str) -> Found:
    """Return the setting of this id, why it is unknown which one it is, or None where code declares no such setting."""
    settings = told(account, account.settings)
    answers = [(setting, _is(setting, identifier)) for setting in settings.items]
    for setting, answer in answers:
        if is_yes(answer):
            return setting
    doubts = [answer for _, answer in answers if isinstance(answer, Unknown)]
    doubt = next(iter(doubts), settings.gap)
    if doubt is None and account.source == LIVE:
        return Unknown(Why.OUT_OF_SCOPE, account.at, f"the setting {identifier} was not read")
    return doubt


def _is(setting: "ServiceSetting", identifier: str) -> Answer:
    """Compare the name, which code may give as an ARN that ends in the id."""
    named = ask(setting.name, lambda text: _ends_in(text, identifier, setting.name.at), absent=False)
    return every((named, exists(setting)), setting.origin)


def _ends_in(text: Text, identifier: str, at: Origin) -> bool | Unknown:
    match text:
        case str():
            return text == identifier or text.endswith(f":servicesetting{identifier}")
        case Template(parts=(*_, str() as tail)):
            return tail.endswith(identifier)
        case Reference() | Template():
            return Unknown(Why.COMPUTED, at, f"{text}, known after apply")


_NAMES = "the setting of Default Host Management names"
_LENDS = "whether Default Host Management provides a role"


def lent_role(account: Account) -> Known[Text] | Absent | Unknown:
    """Return the name of the role that Default Host Management lends instances; Absent where it surely lends none.

    Where code declares no such setting, somebody else may have made it.
    """
    found = find(account, MANAGEMENT_ROLE)
    if found is None:
        return Unknown(Why.OUT_OF_SCOPE, account.at, _LENDS)
    if isinstance(found, Unknown):
        return _lends(found)
    match lent_by(found.value):
        case Unknown() as gap:
            return _lends(gap)
        case Known() | Absent() as lent:
            return lent


def other_path(account: Account, role: "Role") -> str | Unknown | None:
    """Return that the role of this name is none that can be lent, because its path is not that of the setting.

    None where it has that path, and of a role that does not exist.
    """
    found = find(account, MANAGEMENT_ROLE)
    if found is None or isinstance(found, Unknown) or isinstance(role.path, Absent):
        return None
    match path_in(found.value), text_of(role.path):
        case Known(named), Known(path):
            setting = known_or(found.value, "")
            return None if named == path else f"{_NAMES} {setting}, but the path of this role is {path}"
        case (Unknown() as gap, _) | (_, Unknown() as gap):
            return replace(unanswered(gap), detail=f"whether {_NAMES} a role that exists: {gap.detail}")
        case _:
            return None


def _lends(gap: Unknown) -> Unknown:
    return replace(gap, detail=f"{_LENDS}: {gap.detail}")
