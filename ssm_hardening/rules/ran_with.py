"""What a session of the history ran with: a tunnel, a document of this account, the defaults, or who knows."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from ssm_hardening.iam.logic import Answer, is_yes, unanswered
from ssm_hardening.model import PREFERENCES_NAME, Account, SessionDocument
from ssm_hardening.model.session import aws_defaults
from ssm_hardening.origins import Origin
from ssm_hardening.rules.effective import in_force
from ssm_hardening.rules.fleet import exists
from ssm_hardening.rules.settings import literal
from ssm_hardening.values import Absent, Known, Text, Unknown, Value, Why

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Session

_TUNNEL = re.compile(r"AWS-Start(?:SSHSession|PortForwarding\w*)")
"""AWS's own documents of type Port."""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The session carried a connection, of which nothing can be recorded; `document` names what it ran with."""

    document: str


Ran: TypeAlias = Tunnel | SessionDocument | Unknown


def ran_with(session: "Session", account: Account) -> Ran:
    """Return what a session ran with; a document stands for its content of today."""
    match session.document:
        case Absent(at):
            return _preferences(account, at)
        case Known() as value:
            name = literal(value)
            if isinstance(name, Unknown):
                return name
            return _named(name, account, value.at)
        case Unknown() as gap:
            return gap


def _named(name: str, account: Account, at: Origin) -> Ran:
    if _TUNNEL.fullmatch(name.rpartition("/")[2]):
        return Tunnel(name)
    if name == PREFERENCES_NAME:
        return _preferences(account, at)
    answers = [(document, _is_named(document, name)) for document in account.session_documents.items]
    gone = Unknown(Why.OUT_OF_SCOPE, at, f"what the document {name} holds, which is not one of this account's")
    return _one_of(answers, account, gone)


def _preferences(account: Account, at: Origin) -> Ran:
    answers = [(document, in_force(document)) for document in account.session_documents.items]
    return _one_of(answers, account, aws_defaults(PREFERENCES_NAME, Known(True, at)))


def _one_of(answers: list[tuple[SessionDocument, Answer]], account: Account, otherwise: Ran) -> Ran:
    for document, answer in answers:
        if is_yes(answer):
            return _tunnel_or(document)
    doubts = [answer for _, answer in answers if isinstance(answer, Unknown)]
    gap = account.session_documents.gap
    return next(iter(doubts), otherwise if gap is None else gap)


def _is_named(document: SessionDocument, name: str) -> Answer:
    if name == document.address:
        return exists(document)
    match document.name:
        case Known() as value:
            text = literal(value)
            if isinstance(text, Unknown):
                return unanswered(text)
            return exists(document) if text == name else Known(False, value.at)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)


def _tunnel_or(document: SessionDocument) -> Ran:
    match document.session_type:
        case Known() as value:
            kind = literal(value)
            if isinstance(kind, Unknown):
                return kind
            return Tunnel(document.address) if kind == "Port" else document
        case Unknown() as gap:
            return gap
        case Absent():
            return document


def changed_since(session: "Session", document: SessionDocument) -> Answer:
    """Say whether the document's content is younger than the session."""
    match document.changed:
        case Absent(at):
            return Known(False, at)
        case Known() | Unknown():
            return _before(session.started, document.changed)


def _before(earlier: Value[Text], later: Value[Text]) -> Answer:
    first, second = moment(earlier), moment(later)
    if isinstance(first, Unknown):
        return first
    return second if isinstance(second, Unknown) else Known(first < second, later.at)


def moment(time: Value[Text]) -> datetime | Unknown:
    """Return a time of the history."""
    match time:
        case Known() as value:
            text = literal(value)
            return text if isinstance(text, Unknown) else _parsed(text, value.at)
        case Absent(at):
            return Unknown(Why.UNPARSEABLE, at, "a time that should be there")
        case Unknown() as gap:
            return gap


def _parsed(text: str, at: Origin) -> datetime | Unknown:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return Unknown(Why.UNPARSEABLE, at, f"{text[:40]!r} is no time")
    return Unknown(Why.UNPARSEABLE, at, f"{text} has no time zone") if parsed.tzinfo is None else parsed
