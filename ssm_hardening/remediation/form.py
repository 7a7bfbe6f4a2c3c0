"""The remedy for documents that AWS or the agent does not accept in full: types, bounds, and the head."""

from collections.abc import Iterator

from ssm_hardening.core.logic import certainly, known_or
from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import SessionDocument
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import ByHand, Change, Phase, Plain, SetContent, is_preferences
from ssm_hardening.remediation.documents import IDLE_MINUTES, LONGEST_MINUTES, Writer, document_of

_SWITCHES = {
    "s3_encryption_enabled": "s3EncryptionEnabled",
    "cloudwatch_encryption_enabled": "cloudWatchEncryptionEnabled",
    "cloudwatch_streaming_enabled": "cloudWatchStreamingEnabled",
    "run_as_enabled": "runAsEnabled",
}
_DURATIONS = {
    "idle_session_timeout": ("idleSessionTimeout", 60, IDLE_MINUTES),
    "max_session_duration": ("maxSessionDuration", 1440, LONGEST_MINUTES),
}


_OTHER_TYPES = ("Port", "InteractiveCommands", "NonInteractiveCommands")
"""Session types that somebody meant, even where they are wrong: what the document should say instead is not known."""


def malformed(case: Case) -> Iterator[Change]:
    """PREF-02: switches as booleans, durations as texts within AWS's bounds, and the two keys of the head."""
    document = document_of(case)
    found = [*_head(document), *_switches(document), *_durations(document, case)]
    yield from found
    if not found or _has_more(document) or _is_refused(document, found):
        message = case.message
        why = "what the author meant cannot be told from a key or a structure that AWS does not define"
        yield ByHand(what=f"correct the document: {message}", why=why, at=document.origin, phase=Phase.PREFERENCES)


def _has_more(document: SessionDocument) -> bool:
    keys = known_or(document.unknown_keys, None)
    if keys is None:
        return isinstance(document.content_error, Unknown)
    return bool(keys.items) or keys.rest is not None


def _is_refused(document: SessionDocument, found: list[Change]) -> bool:
    """Say whether AWS refuses the content for something that the changes do not mend."""
    mended = {each.path[-1] for each in found if isinstance(each, SetContent)}
    return certainly(
        document.content_error, lambda text: not all(any(key in part for key in mended) for part in text.split("; "))
    )


def _head(document: SessionDocument) -> Iterator[Change]:
    for value, key, right in (
        (document.schema_version, "schemaVersion", "1.0"),
        (document.session_type, "sessionType", "Standard_Stream"),
    ):
        wrong = isinstance(value, Known) and value.value != right and value.value not in _OTHER_TYPES
        if isinstance(value, Absent) or (wrong and (key == "schemaVersion" or is_preferences(document))):
            yield SetContent(fact=document, path=(key,), value=Plain(right), read_at=value.at)


def _switches(document: SessionDocument) -> Iterator[Change]:
    for name, key in _SWITCHES.items():
        match getattr(document, name):
            case Known(bool() as flag, raw=str()) as read:
                yield Writer(document).set(key, Plain(flag), read)
            case _:
                pass


def _durations(document: SessionDocument, case: Case) -> Iterator[Change]:
    allowed = {
        "idleSessionTimeout": case.thresholds.idle_minutes_max,
        "maxSessionDuration": case.thresholds.duration_minutes_max,
    }
    for name, (key, most, usual) in _DURATIONS.items():
        match getattr(document, name):
            case Known(int() as minutes, raw=raw, defaulted=False) as read if (
                raw is not None or not 1 <= minutes <= most
            ):
                right = minutes if 1 <= minutes <= allowed[key] else min(usual, allowed[key])
                yield Writer(document).set(key, Plain(str(right)), read)
            case _:
                pass
