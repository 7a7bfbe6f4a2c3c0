"""Is a session document what AWS and the agent accept: PREF-02."""

from collections.abc import Iterator

from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value
from ssm_hardening.model import SessionDocument
from ssm_hardening.rules.kit.settings import Check, Problem, conclude, literal, shown
from ssm_hardening.rules.kit.subjects import is_preferences, name_in_doubt, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict

_SESSION_TYPES = ("Standard_Stream", "Port", "InteractiveCommands", "NonInteractiveCommands")


@rule(
    id="PREF-02",
    title="Session document well formed",
    severity=Severity.HIGH,
    may=(Severity.LOW,),
    over=session_documents,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    remedy="session-preferences",
)
def pref_02(document: SessionDocument, _context: Context) -> Verdict:
    """A document that AWS or the agent does not accept in full refuses sessions, or opens them without its settings.

    It must be of type Session and schema 1.0, of a session type there is, with keys AWS knows, an idle timeout of 1 to
    60 minutes and a maximum duration of 1 to 1440. A switch written as text is ignored for live streaming; the agent
    accepts it for the other switches since version 3.0.655.0, so that is low.

    It cannot tell where the content, or one of these values, is not known.

    Reference: AWS Systems Manager User Guide, "Session document schema".
    """
    return conclude(
        document.origin,
        _checks(document),
        passed=Passed(document.origin, "the document is well formed"),
        undecided="whether AWS accepts the document cannot be told",
    )


def _checks(document: SessionDocument) -> Iterator[Check]:
    yield from _one_of(document.document_type, "the document's type", ("Session",))
    yield from _content(document)
    yield from _unknown_keys(document)
    yield from _minutes(document.idle_session_timeout, "idleSessionTimeout", 60)
    yield from _minutes(document.max_session_duration, "maxSessionDuration", 1440)
    yield from _streaming(document.cloudwatch_streaming_enabled)
    yield from _switch(document.s3_encryption_enabled, "s3EncryptionEnabled")
    yield from _switch(document.cloudwatch_encryption_enabled, "cloudWatchEncryptionEnabled")
    yield from _switch(document.run_as_enabled, "runAsEnabled")


def _content(document: SessionDocument) -> Iterator[Check]:
    """Yield what AWS would refuse in the content, else what its head says wrong (which that would include)."""
    match document.content_error:
        case Known(text, at):
            yield Problem(at, text)
            return
        case Unknown() as gap:
            yield gap
        case Absent():
            pass
    yield from _one_of(document.schema_version, "schemaVersion", ("1.0",))
    yield from _session_type(document)


def _one_of(value: Value[Text], what: str, accepted: tuple[str, ...]) -> Iterator[Check]:
    match value:
        case Known(text, at):
            known = literal(value)
            if isinstance(known, Unknown):
                yield known
            elif known not in accepted:
                yield Problem(at, f"{what} is {shown(text)}, not {' or '.join(accepted)}")
        case Absent(at):
            yield Problem(at, f"{what} is not set (it must be {' or '.join(accepted)})")
        case Unknown():
            yield value


def _session_type(document: SessionDocument) -> Iterator[Check]:
    """Check for a type there is; the preferences can only be a Standard_Stream."""
    problems = tuple(_one_of(document.session_type, "sessionType", _SESSION_TYPES))
    yield from problems
    if problems or is_preferences(document) is False:
        return
    stream = tuple(_one_of(document.session_type, "sessionType", _SESSION_TYPES[:1]))
    doubt = name_in_doubt(document)
    yield from stream if doubt is None or not stream else (doubt,)


def _unknown_keys(document: SessionDocument) -> Iterator[Check]:
    match document.unknown_keys:
        case Known(keys):
            for item in keys.items:
                match item:
                    case Known(key, at):
                        yield Problem(at, f"AWS knows no key {shown(key)}")
                    case Unknown():
                        yield item
                    case Absent():
                        continue
            if keys.rest is not None:
                yield keys.rest
        case Unknown() as gap:
            yield gap
        case Absent():
            return


def _minutes(value: Value[int], key: str, most: int) -> Iterator[Check]:
    match value:
        case Known(minutes, at):
            if not 1 <= minutes <= most:
                yield Problem(at, f"{key} is {minutes} minutes (AWS takes 1 to {most})")
        case Unknown():
            yield value
        case Absent():
            return


def _streaming(value: Value[bool]) -> Iterator[Check]:
    match value:
        case Known(_, at, raw=raw):
            if raw is not None:
                yield Problem(
                    at, f"cloudWatchStreamingEnabled is the text {shown(raw)}: the agent takes only a boolean"
                )
        case Unknown():
            yield value
        case Absent():
            return


def _switch(value: Value[bool], key: str) -> Iterator[Check]:
    match value:
        case Known(_, at, raw=raw):
            if raw is not None:
                yield Problem(at, f"{key} is the text {shown(raw)}, not a boolean", Severity.LOW)
        case Unknown():
            yield value
        case Absent():
            return
