"""The selectors: which objects of an account a rule is about."""

from collections.abc import Callable
from typing import Any, TypeVar

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.model import PREFERENCES_NAME, Account, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.joins import could_be
from ssm_hardening.rules.registry import Selector

F = TypeVar("F", LogBucket, LogGroup, Key)


def is_preferences(document: SessionDocument) -> bool | None:
    """Say whether this is the Region's preferences document; None where its name cannot be told."""
    match document.name:
        case Known(name, _):
            return _means_preferences(name)
        case Unknown():
            return None
        case Absent():
            return False


def _means_preferences(name: Text) -> bool | None:
    match name:
        case str():
            return name == PREFERENCES_NAME
        case Template():
            return None if could_be(name, PREFERENCES_NAME) else False
        case Reference():
            return None


def _preferences(account: Account) -> Inventory[SessionDocument]:
    """Return the preferences document, with every document that may turn out to be it."""
    documents = account.session_documents
    return Inventory(tuple(item for item in documents.items if is_preferences(item) is not False), documents.gap)


def _sessions(account: Account) -> Inventory[SessionDocument]:
    """Return every document that may be one for sessions, by its type or by the name of the preferences."""
    documents = account.session_documents
    kept = (item for item in documents.items if is_for_sessions(item) is not False or is_preferences(item) is not False)
    return Inventory(tuple(kept), documents.gap)


def _custom(account: Account) -> Inventory[SessionDocument]:
    documents = _sessions(account)
    return Inventory(tuple(item for item in documents.items if is_preferences(item) is not True), documents.gap)


def is_for_sessions(document: SessionDocument) -> bool | None:
    """Say whether the document's type is Session; None where that cannot be told."""
    match document.document_type:
        case Known(str() as text, _):
            return text == "Session"
        case Known() | Unknown():
            return None
        case Absent():
            return False


def _type_in_doubt(document: SessionDocument) -> Unknown | None:
    """Say why it cannot be told whether this is a document for sessions; None where it can."""
    if is_preferences(document):
        return None
    match document.document_type:
        case Unknown() as gap:
            return gap
        case Known("Session", _):
            return None
        case Known(str(), _) | Absent():
            return name_in_doubt(document)
        case Known(text, at):
            return Unknown(Why.COMPUTED, at, f"its type, {text}")


def _custom_in_doubt(document: SessionDocument) -> Unknown | None:
    doubt = name_in_doubt(document)
    return _type_in_doubt(document) if doubt is None else doubt


def name_in_doubt(document: SessionDocument) -> Unknown | None:
    """Say why it cannot be told whether this is the preferences document; None where it can."""
    match document.name:
        case Known(name, at) if _means_preferences(name) is None:
            return Unknown(Why.COMPUTED, at, f"its name, {name}")
        case Unknown() as gap:
            return gap
        case Known() | Absent():
            return None


def use_in_doubt(fact: LogBucket | LogGroup | Key) -> Unknown | None:
    """Say why it cannot be told whether sessions or their logs use this object; None where it can."""
    match fact.used_by:
        case Known(Items(items, rest)):
            return None if any(isinstance(item, Known) for item in items) else _first_gap((*items, rest))
        case Unknown() as gap:
            return gap
        case Absent():
            return None


def _first_gap(values: tuple[Value[Any] | None, ...]) -> Unknown | None:
    return next((value for value in values if isinstance(value, Unknown)), None)


def _is_used(used_by: Value[Items]) -> bool:
    """Leave out only what is known to be used by nothing."""
    match used_by:
        case Known(Items(items=(), rest=None)) | Absent():
            return False
        case Known() | Unknown():
            return True


def _used(inventory: Inventory[F]) -> Inventory[F]:
    return Inventory(tuple(item for item in inventory.items if _is_used(item.used_by)), inventory.gap)


def _named(name: str, of: Callable[[Account], Inventory[F]]) -> Selector[F]:
    return Selector(name, lambda account: _used(of(account)), use_in_doubt)


the_account: Selector[Account] = Selector("accounts", lambda account: Inventory((account,)))
session_documents: Selector[SessionDocument] = Selector("session documents", _sessions, _type_in_doubt)
preferences: Selector[SessionDocument] = Selector("preferences documents", _preferences, name_in_doubt)
custom_documents: Selector[SessionDocument] = Selector("custom session documents", _custom, _custom_in_doubt)
log_buckets: Selector[LogBucket] = _named("session log buckets", lambda a: a.log_buckets)
log_groups: Selector[LogGroup] = _named("session log groups", lambda a: a.log_groups)
keys: Selector[Key] = _named("keys used by sessions or their logs", lambda a: a.keys)
