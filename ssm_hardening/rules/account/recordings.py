"""Was what happened really recorded: REC-01."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from ssm_hardening.core.logic import Answer, ask, certainly, is_no, is_yes, text_of, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.model import PREFERENCES_NAME, Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.placeholders import fixed_setting
from ssm_hardening.model.session import aws_defaults
from ssm_hardening.rules.kit.checks import gaps, is_set, required, shown
from ssm_hardening.rules.kit.effective import in_force
from ssm_hardening.rules.kit.sources import only_live
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Failed,
    NotApplicable,
    Passed,
    Question,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    from ssm_hardening.model import Session

_TUNNEL = re.compile(r"AWS-Start(?:SSHSession|PortForwarding\w*)")
"""AWS's own documents of type Port."""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The session carried a connection, of which nothing can be recorded; `document` names what it ran with."""

    document: str


Ran: TypeAlias = Tunnel | SessionDocument | Unknown


def document_of(session: "Session", account: Account) -> Ran:
    """Return what a session ran with; a document stands for its content of today."""
    name = text_of(session.document)
    if isinstance(name, Absent):
        return _preferences(account, name.at)
    return name if isinstance(name, Unknown) else _named(name.value, account, name.at)


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
    return next(gaps(*(answer for _, answer in answers), account.session_documents.gap), otherwise)


def _is_named(document: SessionDocument, name: str) -> Answer:
    if name == document.address:
        return exists(document)
    named = ask(text_of(document.name), lambda text: text == name, absent=False)
    return exists(document) if is_yes(named) else named


def _tunnel_or(document: SessionDocument) -> Ran:
    kind = text_of(document.session_type)
    if isinstance(kind, Unknown):
        return kind
    return Tunnel(document.address) if certainly(kind, lambda word: word == "Port") else document


def changed_since(session: "Session", document: SessionDocument) -> Answer:
    """Say whether the document's content is younger than the session."""
    at = document.changed.at
    if isinstance(document.changed, Absent):
        return Known(False, at)
    started, changed = moment(session.started), moment(document.changed)
    if isinstance(started, Unknown):
        return started
    return changed if isinstance(changed, Unknown) else Known(started < changed, at)


def moment(time: Value[Text]) -> datetime | Unknown:
    """Return a time of the history."""
    text = required(text_of(time), Why.UNPARSEABLE, "a time that should be there")
    return text if isinstance(text, Unknown) else _parsed(text.value, text.at)


def _parsed(text: str, at: Origin) -> datetime | Unknown:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return Unknown(Why.UNPARSEABLE, at, f"{text[:40]!r} is no time")
    return Unknown(Why.UNPARSEABLE, at, f"{text} has no time zone") if parsed.tzinfo is None else parsed


_UNTOLD = "whether the session was recorded cannot be told"

history: "Selector[Session]" = Selector(
    "sessions in the history", lambda account: account.sessions, silence=only_live("which sessions there were")
)


@rule(
    id="REC-01",
    title="Ended session was recorded",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=history,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual=(
        "a recording that is missing cannot be made again: look for the upload's error in the agent's log on the node "
        "(amazon-ssm-agent.log), and at its role's rights to the stores"
    ),
)
def was_recorded(session: "Session", context: Context) -> Verdict:
    """Configured is not recorded: a failed upload is a line in the agent's own log, and the session went on.

    Each session of the last 30 days is looked for in the stores its document names, by listing alone: the object
    `<prefix>/<id>.log` and the log stream. It has to be in all of them; in one of two is medium. A session whose
    document names no store was not recorded. A tunnel (SSH, port forwarding) cannot be, and a session that still runs
    or never started need not be: those are not judged here. A recording that has expired counts as missing.

    It cannot tell where a store could not be listed, or the session's document is not known or was changed after the
    session began.

    Reference: AWS Systems Manager User Guide, "Logging session activity"; API reference, DescribeSessions.
    """
    early = _too_early(session)
    if early is not None:
        return early
    document = document_of(session, context.account)
    match document:
        case Tunnel(name):
            return NotApplicable(session.origin, f"a tunnel cannot be recorded ({name}); ACCT-05 counts it")
        case Unknown() as gap:
            return Undecided(session.origin, gap, _UNTOLD)
        case SessionDocument():
            return _looked_for(session, document)


def _too_early(session: "Session") -> Verdict | None:
    """Return what there is to say of a session that never started or has not ended; None of an ended one."""
    match session.status:
        case Known("Failed", at):
            return NotApplicable(at, "the session never started, so there is nothing to record")
        case Unknown() as gap:
            return Undecided(session.origin, gap, _UNTOLD)
        case Known() | Absent():
            pass
    match session.ended:
        case Absent(at):
            return NotApplicable(at, "the session is still running")
        case Unknown() as gap:
            return Undecided(session.origin, gap, _UNTOLD)
        case Known():
            return None


@dataclass(frozen=True, slots=True)
class _Store:
    """A store that the document names or may name, and whether it holds the session."""

    text: str
    at: Origin
    holds: Answer


def _looked_for(session: "Session", document: SessionDocument) -> Verdict:
    doubt = _doubt(session, document)
    stores = tuple(_stores(session, document, doubt))
    if not stores and doubt is None:
        return Failed(session.origin, "the session was recorded nowhere: no bucket and no log group is set for it")
    missing = [store for store in stores if is_no(store.holds)]
    if missing:
        severity = Severity.MEDIUM if len(missing) < len(stores) else None
        text = f"the session is not in {' nor in '.join(store.text for store in missing)}"
        return Failed(missing[0].at, text, severity=severity)
    for gap in gaps(*(store.holds for store in stores), *(() if stores else (doubt,))):
        return Undecided(session.origin, gap, _UNTOLD)
    return Passed(stores[0].at, f"the session is in {' and in '.join(store.text for store in stores)}")


def _doubt(session: "Session", document: SessionDocument) -> Unknown | None:
    """Say why today's document may not name the stores of the session's day."""
    changed = changed_since(session, document)
    if isinstance(changed, Unknown):
        return changed
    why = f"where {document.address} sent sessions before it was changed"
    return Unknown(Why.OUT_OF_SCOPE, changed.at, why) if changed.value else None


def _stores(session: "Session", document: SessionDocument, doubt: Unknown | None) -> Iterator[_Store]:
    for what, setting, found in (
        ("bucket", document.s3_bucket, session.recording_object),
        ("log group", document.cloudwatch_log_group, session.recording_stream),
    ):
        match fixed_setting(setting):
            case Known(text):
                holds = doubt if isinstance(found, Absent) and doubt is not None else is_set(found)
                yield _Store(f"the {what} {shown(text)}", found.at, holds)
            case Unknown() as gap:
                yield _Store(f"the {what}", gap.at, unanswered(gap))
            case Absent():
                continue
