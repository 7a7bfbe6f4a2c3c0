"""What a session document says: is it accepted, when do its sessions end, what runs first (PREF-02, 07, 08, 12)."""

import re
from collections.abc import Iterator

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import each, is_no, known_or, mapped, setting, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.secret_kinds import PATTERNS
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value
from ssm_hardening.model import SessionDocument
from ssm_hardening.model.placeholders import written
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, shown, wrong
from ssm_hardening.rules.kit.subjects import is_preferences, name_in_doubt, preferences_in_force, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Requirement, Severity, Undecided, Verdict

_SESSION_TYPES = ("Standard_Stream", "Port", "InteractiveCommands", "NonInteractiveCommands")


@rule(
    id="PREF-02",
    title="Session document is well formed",
    headline="Session document has schema errors",
    severity=Severity.HIGH,
    may=(Severity.LOW,),
    over=session_documents,
    remedy="session-preferences",
)
def is_well_formed(document: SessionDocument, _context: Context) -> Verdict:
    """If AWS or the agent rejects part of a document, sessions are refused, or they open without its settings.

    The document must have the type Session, schema version 1.0, a valid session type, no unknown keys, at most 64 KB,
    an idle timeout of 1 to 60 minutes, and a maximum duration of 1 to 1440 minutes. If the live streaming switch is a
    string, every session fails. Since version 3.0.655.0, the agent accepts strings for the other switches, so those are
    low; it reads an empty string as false.

    Undecided when the content, or one of these values, is unknown, when a timeout is a number instead of a string (AWS
    accepts it, but whether the limit applies is not documented), or when a key occurs twice with different values.

    Reference: AWS Systems Manager User Guide, "Session document schema".
    """
    return conclude(
        document.origin,
        _checks(document),
        passed=Passed(document.origin, "the document is well formed"),
        undecided="whether AWS accepts the document is unknown",
    )


def _checks(document: SessionDocument) -> Iterator[Check]:
    yield from _one_of(document.document_type, "the document type", ("Session",))
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
        absent=f"{what} is not set (expected {wanted})",
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
        yield from wrong(key, lambda name: f"{shown(name)} is not a key of session documents")


def _minutes(value: Value[int], key: str, most: int) -> Iterator[Check]:
    return wrong(
        value,
        lambda minutes: (
            "" if 1 <= minutes <= most else f"{key} is {counted(minutes, 'minute')} (AWS accepts 1 to {most})"
        ),
    )


def _switch(value: Value[bool], key: str) -> Iterator[Check]:
    """Check that a switch is not written as a text; for live streaming, the agent takes none."""
    yield from gaps(value)
    if isinstance(value, Known) and value.raw is not None:
        text = f"{key} is the string {shown(value.raw)}, not a boolean"
        if key == "cloudWatchStreamingEnabled":
            yield Problem(value.at, f"{text}: the agent rejects it, and every session fails")
        else:
            yield Problem(value.at, f"{text}: the agent reads it as {str(value.value).lower()}", Severity.LOW)


_DEFAULT_IDLE_MINUTES = 20


@rule(
    id="PREF-07",
    title="Idle sessions time out",
    headline="Idle sessions stay open too long",
    severity=Severity.MEDIUM,
    over=preferences_in_force,
    remedy="session-preferences",
)
def ends_idle_sessions(document: SessionDocument, context: Context) -> Verdict:
    """Anyone who walks up to an unattended shell can use it under the name of the person who left it open.

    By default, AWS ends a session after 20 idle minutes. Some security standards allow 15 minutes at most.

    Undecided when the value is unknown.

    Reference: AWS Systems Manager User Guide, "Specify an idle session timeout value".
    """
    limit = context.thresholds.idle_minutes_max
    match document.idle_session_timeout:
        case Known(minutes, at, defaulted=defaulted):
            return _idle(at, minutes, limit, defaulted=defaulted)
        case Absent(at):
            return _idle(at, _DEFAULT_IDLE_MINUTES, limit, defaulted=True)
        case Unknown() as gap:
            return Undecided(
                document.origin, gap, f"whether idle sessions end within {counted(limit, 'minute')} is unknown"
            )


def _idle(at: Origin, minutes: int, limit: int, *, defaulted: bool) -> Verdict:
    text = f"idle sessions end after {counted(minutes, 'minute')}{', the AWS default' if defaulted else ''}"
    if minutes < 1:
        return Failed(at, f"{text} (minimum: 1)", headline="Idle timeout is invalid")
    return Passed(at, f"{text} (maximum: {limit})") if minutes <= limit else Failed(at, f"{text} (maximum: {limit})")


@rule(
    id="PREF-08",
    title="Sessions have a maximum duration",
    headline="Active sessions have no time limit",
    severity=Severity.MEDIUM,
    over=preferences_in_force,
    remedy="session-preferences",
)
def bounds_duration(document: SessionDocument, context: Context) -> Verdict:
    """Without a maximum, a session lasts as long as someone types, even after their permission has been revoked.

    Permissions are checked only when a session starts. Jobs that run longer need a higher limit, or another way to run.

    Undecided when the value is unknown.

    Reference: AWS Systems Manager User Guide, "Specify maximum session duration".
    """
    limit = context.thresholds.duration_minutes_max
    match document.max_session_duration:
        case Known(minutes, at):
            return _duration(at, minutes, limit)
        case Absent(at):
            return Failed(at, f"sessions have no maximum duration (the longest allowed is {counted(limit, 'minute')})")
        case Unknown() as gap:
            return Undecided(document.origin, gap, f"whether sessions end within {counted(limit, 'minute')} is unknown")


def _duration(at: Origin, minutes: int, limit: int) -> Verdict:
    text = f"sessions end after {counted(minutes, 'minute')}"
    if minutes < 1:
        return Failed(at, f"{text} (minimum: 1)", headline="Session time limit is invalid")
    if minutes > limit:
        return Failed(at, f"{text} (maximum: {limit})", headline="Session time limit is too long")
    return Passed(at, f"{text} (maximum: {limit})")


_SECRETS = {f"contains {kind}": pattern for kind, pattern in PATTERNS.items()}
_PATTERNS = {
    **_SECRETS,
    "pipes a download into a shell": (
        r"\b(?:curl|wget)\b[^\n;]{0,300}\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:\S*/)?(?:ba|z|k|da)?sh\b"
    ),
    "runs downloaded code": (
        r"(?:\beval\b|\bsource\b|(?:^|(?<=[\s;]))\.|\b(?:ba|z|k|da)?sh\b)[^\n;|]{0,300}(?:<\(|\$\(|`)\s*(?:curl|wget)\b"
    ),
    "runs downloaded code (PowerShell)": (
        r"(?i)\b(?:iex|Invoke-Expression)\b[^\n]{0,300}\b(?:DownloadString|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b"
        r"|\b(?:iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadString)\b[^\n]{0,300}\|\s*(?:iex|Invoke-Expression)\b"
    ),
    "turns off the shell history": (
        r"\bunset\s+(?:-v\s+)?HIST\w+|\bHISTFILE=(?:/dev/null|['\"]{2}|\s|$)|\bHIST(?:FILE)?SIZE=0\b"
        r"|\bset\s+\+o\s+history\b|\bhistory\s+-\w*c|(?i:-HistorySaveStyle\s+SaveNothing)"
    ),
    "stops the transcript": r"(?i)\bStop-Transcript\b",
    "stops SSM Agent": (
        r"\b(?:stop|disable|mask|kill|remove)\b[^\n;|&]{0,300}amazon-ssm-agent|\bamazon-ssm-agent\S*\s+stop\b"
        r"|\b(?:pkill|killall|kill)\b[^\n;|&]{0,300}ssm-(?:agent|session|document)|(?i:\bStop-Service\b[^\n;|]{0,300}AmazonSSMAgent)"
    ),
    "stops the system logs": (
        r"\bsystemctl\b[^\n;|&]{0,300}\b(?:stop|disable|mask)\b[^\n;|&]{0,300}\b(?:auditd|rsyslog|systemd-journald)"
        r"|\bauditctl\s+-(?:e\s*0|D)\b"
    ),
    "deletes logs": r"\b(?:rm|shred|truncate)\b[^\n;|&]{0,300}\s(?:/var/log|/var/lib/amazon/ssm)",
}
"""What a shell profile must not do → the pattern that shows it."""


@rule(
    id="PREF-12",
    title="Shell profile is safe",
    headline="Shell profile contains risky commands",
    severity=Severity.MEDIUM,
    over=session_documents,
    also=(Requirement.CROSS_PLATFORM,),
    manual="only the author of the shell profile knows what its lines are for: remove the lines that are listed here",
)
def has_a_harmless_profile(document: SessionDocument, _context: Context) -> Verdict:
    """A shell profile runs in every session as the session's user, and anyone who can read the document can read it.

    It must not contain secrets, run code that it downloads, or tamper with the shell history, the transcript, or the
    agent. Only well-known patterns are checked: a pass means that none of them was found.

    Undecided when a profile, or a part of it, is unknown and the rest shows nothing.

    Reference: AWS Systems Manager User Guide, "Allow configurable shell profiles".
    """
    profiles = {"Linux": document.shell_profile_linux, "Windows": document.shell_profile_windows}
    return conclude(
        document.origin,
        (check for platform, profile in profiles.items() for check in _harms(platform, setting(profile))),
        passed=Passed(document.origin, _what_runs(profiles)),
        undecided="what the shell profile does is unknown",
    )


def _what_runs(profiles: dict[str, Value[Text]]) -> str:
    if any(isinstance(setting(profile), Known) for profile in profiles.values()):
        return "the shell profile shows no secrets, downloads, or tampering"
    return "no shell profile runs at the start of sessions"


def _harms(platform: str, profile: Value[Text]) -> Iterator[Check]:
    text = known_or(mapped(profile, written), "")
    # Patterns take longer to compile than all else that a check does: only for a text.
    for what, pattern in _PATTERNS.items() if text else ():
        found = re.search(pattern, text, re.MULTILINE)
        if found is not None:
            line = text.count("\n", 0, found.start()) + 1
            headline = "Shell profile contains a secret" if what in _SECRETS else ""
            yield Problem(profile.at, f"line {line} of the {platform} profile {what}", headline=headline)
    yield from gaps(text_of(profile))
