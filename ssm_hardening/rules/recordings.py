"""Was what happened really recorded: REC-01."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssm_hardening.findings import (
    Failed,
    NotApplicable,
    Passed,
    Question,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)
from ssm_hardening.iam.logic import Answer, is_no, unanswered
from ssm_hardening.model import SessionDocument
from ssm_hardening.origins import Origin
from ssm_hardening.rules.placeholders import fixed_setting
from ssm_hardening.rules.ran_with import Tunnel, changed_since, ran_with
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.rules.settings import shown
from ssm_hardening.rules.sources import only_live
from ssm_hardening.values import Absent, Known, Text, Unknown, Value, Why

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Session

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
def rec_01(session: "Session", context: Context) -> Verdict:
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
    document = ran_with(session, context.account)
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
    for gap in (*(store.holds for store in stores), *(() if stores else (doubt,))):
        if isinstance(gap, Unknown):
            return Undecided(session.origin, gap, _UNTOLD)
    return Passed(stores[0].at, f"the session is in {' and in '.join(store.text for store in stores)}")


def _doubt(session: "Session", document: SessionDocument) -> Unknown | None:
    """Say why today's document may not name the stores of the session's day."""
    changed = changed_since(session, document)
    match changed:
        case Known(flag, at):
            why = f"where {document.address} sent sessions before it was changed"
            return Unknown(Why.OUT_OF_SCOPE, at, why) if flag else None
        case Unknown():
            return changed


def _stores(session: "Session", document: SessionDocument, doubt: Unknown | None) -> Iterator[_Store]:
    for what, setting, found in (
        ("bucket", document.s3_bucket, session.recording_object),
        ("log group", document.cloudwatch_log_group, session.recording_stream),
    ):
        match fixed_setting(setting):
            case Known(text):
                yield _Store(f"the {what} {shown(text)}", found.at, _holds(found, doubt))
            case Unknown() as gap:
                yield _Store(f"the {what}", gap.at, unanswered(gap))
            case Absent():
                continue


def _holds(found: Value[Text], doubt: Unknown | None) -> Answer:
    match found:
        case Known(_, at):
            return Known(True, at)
        case Absent(at):
            return Known(False, at) if doubt is None else doubt
        case Unknown() as gap:
            return unanswered(gap)
