"""Is a session document what AWS and the agent accept, and when do its sessions end: PREF-02, PREF-07, PREF-08."""

from collections.abc import Iterator

from ssm_hardening.core.logic import each, is_no, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value
from ssm_hardening.model import SessionDocument
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, shown, wrong
from ssm_hardening.rules.kit.effective import preferences_in_force
from ssm_hardening.rules.kit.subjects import is_preferences, name_in_doubt, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Question, Requirement, Severity, Undecided, Verdict

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
def is_well_formed(document: SessionDocument, _context: Context) -> Verdict:
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
    yield from _switch(document.cloudwatch_streaming_enabled, "cloudWatchStreamingEnabled")
    yield from _switch(document.s3_encryption_enabled, "s3EncryptionEnabled")
    yield from _switch(document.cloudwatch_encryption_enabled, "cloudWatchEncryptionEnabled")
    yield from _switch(document.run_as_enabled, "runAsEnabled")


def _content(document: SessionDocument) -> Iterator[Check]:
    """Yield what AWS would refuse in the content, else what its head says wrong (which that would include)."""
    yield from wrong(document.content_error, str)
    if not isinstance(document.content_error, Known):
        yield from _one_of(document.schema_version, "schemaVersion", ("1.0",))
        yield from _session_type(document)


def _one_of(value: Value[Text], what: str, accepted: tuple[str, ...]) -> Iterator[Check]:
    wanted = " or ".join(accepted)
    return wrong(
        text_of(value),
        lambda text: "" if text in accepted else f"{what} is {shown(text)}, not {wanted}",
        absent=f"{what} is not set (it must be {wanted})",
    )


def _session_type(document: SessionDocument) -> Iterator[Check]:
    """Check for a type there is; the preferences can only be a Standard_Stream."""
    problems = tuple(_one_of(document.session_type, "sessionType", _SESSION_TYPES))
    yield from problems
    if problems or is_no(is_preferences(document)):
        return
    stream = tuple(_one_of(document.session_type, "sessionType", _SESSION_TYPES[:1]))
    doubt = name_in_doubt(document)
    yield from stream if doubt is None or not stream else (doubt,)


def _unknown_keys(document: SessionDocument) -> Iterator[Check]:
    for key in each(document.unknown_keys):
        yield from wrong(key, lambda name: f"AWS knows no key {shown(name)}")


def _minutes(value: Value[int], key: str, most: int) -> Iterator[Check]:
    return wrong(
        value,
        lambda minutes: "" if 1 <= minutes <= most else f"{key} is {minutes} minutes (AWS takes 1 to {most})",
    )


def _switch(value: Value[bool], key: str) -> Iterator[Check]:
    """Check that a switch is not written as a text; for live streaming the agent takes none."""
    yield from gaps(value)
    if isinstance(value, Known) and value.raw is not None:
        text = f"{key} is the text {shown(value.raw)}"
        if key == "cloudWatchStreamingEnabled":
            yield Problem(value.at, f"{text}: the agent takes only a boolean")
        else:
            yield Problem(value.at, f"{text}, not a boolean", Severity.LOW)


_DEFAULT_IDLE_MINUTES = 20


@rule(
    id="PREF-07",
    title="Idle sessions end",
    severity=Severity.MEDIUM,
    over=preferences_in_force,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    remedy="session-preferences",
)
def ends_idle_sessions(document: SessionDocument, context: Context) -> Verdict:
    """An unattended shell belongs to whoever comes by, under the name of the one who left it.

    AWS ends sessions after 20 idle minutes where nobody says otherwise; some bodies ask for 15 at most.

    It cannot tell where the value is not known.

    Reference: AWS Systems Manager User Guide, "Specify an idle session timeout value".
    """
    limit = context.thresholds.idle_minutes_max
    match document.idle_session_timeout:
        case Known(minutes, at, defaulted=defaulted):
            return _idle(at, minutes, limit, defaulted=defaulted)
        case Absent(at):
            return _idle(at, _DEFAULT_IDLE_MINUTES, limit, defaulted=True)
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether idle sessions end within {limit} minutes cannot be told")


def _idle(at: Origin, minutes: int, limit: int, *, defaulted: bool) -> Verdict:
    text = f"sessions end after {minutes} idle minutes{' (the default of AWS)' if defaulted else ''}"
    if 1 <= minutes <= limit:
        return Passed(at, f"{text}; {limit} are allowed")
    return Failed(at, f"{text}; it must be 1 to {limit}")


@rule(
    id="PREF-08",
    title="Sessions have a maximum duration",
    severity=Severity.MEDIUM,
    over=preferences_in_force,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    remedy="session-preferences",
)
def bounds_duration(document: SessionDocument, context: Context) -> Verdict:
    """Without a maximum a session lasts as long as somebody types, even when the right to it has long ended.

    Rights are checked when a session starts, never again. Jobs that run longer belong elsewhere, or need a higher
    limit.

    It cannot tell where the value is not known.

    Reference: AWS Systems Manager User Guide, "Specify maximum session duration".
    """
    limit = context.thresholds.duration_minutes_max
    match document.max_session_duration:
        case Known(minutes, at):
            if 1 <= minutes <= limit:
                return Passed(at, f"sessions end after {minutes} minutes; {limit} are allowed")
            return Failed(at, f"sessions may last {minutes} minutes; it must be 1 to {limit}")
        case Absent(at):
            return Failed(at, f"sessions have no maximum duration; {limit} minutes are allowed")
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether sessions end within {limit} minutes cannot be told")
