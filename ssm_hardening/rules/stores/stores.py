"""What the rules over log stores share: is the store a document names declared here, and which documents use it."""

from collections.abc import Iterator
from typing import TypeVar

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.model import LIVE, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.rules.kit.placeholders import fixed_setting
from ssm_hardening.rules.kit.settings import Check, Problem, literal, shown
from ssm_hardening.rules.registry import Context
from ssm_hardening.verdicts.findings import Failed, NotApplicable, Passed, Related, Undecided, Verdict

F = TypeVar("F", LogBucket, LogGroup)


def judge_store(
    document: SessionDocument, destination: Value[Text], inventory: Inventory[F], context: Context, what: str
) -> Verdict:
    """Judge whether the store (`what`: bucket, log group) that a document names is one of `inventory`."""
    match fixed_setting(destination):
        case Absent():
            return NotApplicable(document.origin, f"the document names no {what}")
        case Known() | Unknown() as name:
            return _named_store(document, name, inventory, context, what)


def _named_store(
    document: SessionDocument, name: Known[Text] | Unknown, inventory: Inventory[F], context: Context, what: str
) -> Verdict:
    match join(name, inventory):
        case Found(store):
            return (
                _found_live(document, name, store, what)
                if context.account.source == LIVE
                else _found(document, name, store, what)
            )
        case Uncertain(gap):
            return Undecided(document.origin, gap, f"which {what} the document names cannot be told")
        case Elsewhere(read):
            return _elsewhere(document, Known(read, name.at), inventory, context, what)


def _found(document: SessionDocument, name: Known[Text] | Unknown, store: LogBucket | LogGroup, what: str) -> Verdict:
    declared = Related(store.origin, f"{store.address} is declared here")
    match store.exists:
        case Known(flag, at):
            if flag:
                return Passed(name.at, f"the {what} the document names is declared beside it", (declared,))
            gap = Unknown(Why.OUT_OF_SCOPE, at, f"{store.address} is declared, but not created here")
            return Undecided(document.origin, gap, f"whether the {what} exists cannot be told")
        case Absent(at):
            gap = Unknown(Why.OUT_OF_SCOPE, at, f"whether {store.address} is created here")
            return Undecided(document.origin, gap, f"whether the {what} exists cannot be told")
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether the {what} exists cannot be told", related=(declared,))


def _found_live(
    document: SessionDocument, name: Known[Text] | Unknown, store: LogBucket | LogGroup, what: str
) -> Verdict:
    """Judge a store of a live account: one that exists, but in another account, does not exist in this one."""
    match exists(store):
        case Known(flag, at):
            if flag:
                there = Related(store.origin, f"it is {store.address}")
                return Passed(name.at, f"the {what} the document names exists in this account", (there,))
            return Failed(at, f"the {what} {_read(name)} does not exist in this account")
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether the {what} {_read(name)} exists cannot be told")


def _read(name: Known[Text] | Unknown) -> str:
    match name:
        case Known(text):
            return shown(text)
        case Unknown():
            return name.detail


def _elsewhere(
    document: SessionDocument, name: Known[str], inventory: Inventory[F], context: Context, what: str
) -> Verdict:
    if inventory.gap is not None:
        return Undecided(document.origin, inventory.gap, f"whether the {what} {name.value} exists cannot be told")
    if context.account.source == LIVE:
        return Failed(name.at, f"the {what} {name.value} does not exist in this account")
    gap = Unknown(
        Why.OUT_OF_SCOPE, name.at, f"the {what} {name.value} is not declared for this account and Region in this code"
    )
    message = f"whether the {what} exists cannot be told: add the path that declares it, or audit the account live"
    return Undecided(document.origin, gap, message)


def users(used_by: Value[Items], context: Context) -> tuple[SessionDocument, ...]:
    """Return the session documents that are known to use a store."""
    match used_by:
        case Known(Items(items)):
            addresses = {item.value for item in items if isinstance(item, Known) and isinstance(item.value, str)}
            return tuple(item for item in context.account.session_documents.items if item.address in addresses)
        case Absent() | Unknown():
            return ()


def expect_on(value: Value[bool], problem: str) -> Iterator[Check]:
    """Yield the problem where a switch is off or not set, the gap where it cannot be told."""
    match value:
        case Known(flag, at):
            if not flag:
                yield Problem(at, problem)
        case Absent(at):
            yield Problem(at, problem)
        case Unknown() as gap:
            yield gap


def expect_text(value: Value[Text], wanted: str, what: str) -> Iterator[Check]:
    """Yield a problem where a setting (`what`) is another text than `wanted`, the gap where it cannot be told."""
    match value:
        case Known() as known:
            read = literal(known)
            if isinstance(read, Unknown):
                yield read
            elif read != wanted:
                yield Problem(known.at, f"{what} is {shown(read)}, not {wanted}")
        case Absent(at):
            yield Problem(at, f"{what} is not set")
        case Unknown() as gap:
            yield gap


def expect_at_least(value: Value[int], least: int, what: str, missing: str) -> Iterator[Check]:
    """Yield a problem where a number of days is below `least` or (`missing`) there is none."""
    match value:
        case Known(days, at):
            if days < least:
                yield Problem(at, f"{what} is {days} days, below the {least} asked for")
        case Absent(at):
            yield Problem(at, missing)
        case Unknown() as gap:
            yield gap
