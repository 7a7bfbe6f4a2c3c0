"""Remedies for session documents: what each rule asks of the content."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from ssm_hardening.core.logic import certainly, known_or
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value
from ssm_hardening.model import Fact, SessionDocument
from ssm_hardening.model.joins import Found, join
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import (
    ByHand,
    Change,
    FromOwner,
    NeedPart,
    New,
    Output,
    Part,
    Phase,
    Plain,
    RemoveArgument,
    SetArgument,
    SetContent,
    is_preferences,
    known_text,
)
from ssm_hardening.remediation.stores import give_key, replace_dsse
from ssm_hardening.verdicts.findings import Failed

F = TypeVar("F", bound=Fact)

_MODULES = (Part.SESSION_KEY, Part.BUCKET_KEY, Part.LOGS_KEY, Part.BUCKET, Part.GROUP, Part.PREFERENCES)

IDLE_MINUTES = 15
LONGEST_MINUTES = 60
PREFIX = "session-logs"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes changes of one document's content."""

    document: SessionDocument

    def set(self, key: str, value: New, read: Value[Any], relies_on: tuple[str, ...] = ()) -> SetContent:
        """Set a key of `inputs` whose present value is `read`."""
        path = ("inputs", key)
        return SetContent(fact=self.document, path=path, value=value, read_at=read.at, relies_on=relies_on)


def document_of(case: Case) -> SessionDocument:
    """Return the session document that a case is about."""
    if not isinstance(case.fact, SessionDocument):
        raise TypeError(f"{case.rule} is about a session document, not {case.finding.subject}")
    return case.fact


def no_preferences(case: Case) -> Iterator[Change]:
    """PREF-01: all modules, with the document last."""
    if case.account.session_documents.gap is not None or _may_be_there(case):
        return
    yield from (NeedPart(part) for part in _MODULES)


def only_adds(_case: Case) -> bool:
    """Say that the modules may be proposed before it is known whether there are preferences: they add, and ask."""
    return True


def _may_be_there(case: Case) -> bool:
    """Say whether a document that is declared here may be the preferences after all."""
    return any(not _is_other(document) for document in case.account.session_documents.items)


def _is_other(document: SessionDocument) -> bool:
    return certainly(document.exists, lambda exists: not exists) or known_text(document.name) is not None


def no_destination(case: Case) -> Iterator[Change]:
    """PREF-03: a bucket and a log group, and the document names both."""
    document = document_of(case)
    yield from _bucket(document)
    yield from _group(document)


def disagreement(case: Case) -> Iterator[Change]:
    """PREF-14: switches get a destination, stores the encryption that is asked for; of two names the owner decides."""
    document = document_of(case)
    if _is_empty(document.s3_bucket) and _is_empty(document.cloudwatch_log_group):
        yield from no_destination(case)
        return
    if isinstance(case.finding.verdict, Failed) and case.finding.verdict.follows:
        group = _joined(document.cloudwatch_log_group, case.account.log_groups)
        bucket = _joined(document.s3_bucket, case.account.log_buckets)
        yield from () if bucket is None else replace_dsse(bucket)
        yield from give_key(group) if group is not None and _is_empty(group.kms_key) else ()
        return
    what = f"make the document and its stores consistent: {case.message}"
    why = "only the owner knows whether the switch or the name is wrong"
    yield ByHand(what=what, why=why, at=case.at, phase=Phase.PREFERENCES)


def not_both(case: Case) -> Iterator[Change]:
    """PREF-04: the destination that is missing, and live streaming."""
    document = document_of(case)
    if _is_empty(document.s3_bucket):
        yield from _bucket(document)
    if _is_empty(document.cloudwatch_log_group):
        yield from _group(document)
    else:
        streaming = document.cloudwatch_streaming_enabled
        yield from _unless_on(document, "cloudWatchStreamingEnabled", streaming)


def _unless_on(document: SessionDocument, key: str, value: Value[bool]) -> Iterator[Change]:
    """Set the switch, unless it is on; the agent may take the text "true" for off."""
    if not (certainly(value, bool) and isinstance(value, Known) and value.raw is None):
        yield Writer(document).set(key, Plain(True), value)


def _bucket(document: SessionDocument) -> Iterator[Change]:
    yield from (NeedPart(part) for part in (Part.BUCKET_KEY, Part.BUCKET))
    writer = Writer(document)
    yield writer.set("s3BucketName", Output.BUCKET_NAME, document.s3_bucket)
    if _is_empty(document.s3_key_prefix):
        yield writer.set("s3KeyPrefix", Output.KEY_PREFIX, document.s3_key_prefix)
    yield from _unless_on(document, "s3EncryptionEnabled", document.s3_encryption_enabled)


def _group(document: SessionDocument) -> Iterator[Change]:
    yield from (NeedPart(part) for part in (Part.LOGS_KEY, Part.GROUP))
    yield Writer(document).set("cloudWatchLogGroupName", Output.GROUP_NAME, document.cloudwatch_log_group)
    yield from _unless_on(document, "cloudWatchEncryptionEnabled", document.cloudwatch_encryption_enabled)
    yield from _unless_on(document, "cloudWatchStreamingEnabled", document.cloudwatch_streaming_enabled)


def _is_empty(value: Value[Any]) -> bool:
    return certainly(value, lambda content: content == "", absent=True)


def bucket_fails_open(case: Case) -> Iterator[Change]:
    """PREF-05: the switch, once the bucket is one that the agent accepts."""
    document = document_of(case)
    bucket = _joined(document.s3_bucket, case.account.log_buckets)
    first = () if bucket is None else tuple(replace_dsse(bucket))
    yield from first
    relies_on = (bucket.address,) if first and bucket is not None else ()
    yield Writer(document).set("s3EncryptionEnabled", Plain(True), document.s3_encryption_enabled, relies_on)


def group_fails_open(case: Case) -> Iterator[Change]:
    """PREF-06: the switch, once the log group has a key; the agent refuses every session without."""
    document = document_of(case)
    group = _joined(document.cloudwatch_log_group, case.account.log_groups)
    first = tuple(give_key(group)) if group is not None and _is_empty(group.kms_key) else ()
    yield from first
    relies_on = (group.address,) if first and group is not None else ()
    switch = document.cloudwatch_encryption_enabled
    yield Writer(document).set("cloudWatchEncryptionEnabled", Plain(True), switch, relies_on)


def _joined(name: Value[Text], inventory: Inventory[F]) -> F | None:
    joined = None if isinstance(name, Absent) else join(name, inventory)
    return joined.fact if isinstance(joined, Found) else None


def no_idle_limit(case: Case) -> Iterator[Change]:
    """PREF-07: 15 minutes, or less where the standard asks for it."""
    document = document_of(case)
    minutes = min(IDLE_MINUTES, case.thresholds.idle_minutes_max)
    yield Writer(document).set("idleSessionTimeout", Plain(str(minutes)), document.idle_session_timeout)


def no_maximum(case: Case) -> Iterator[Change]:
    """PREF-08: what the standard allows; one hour where nothing was set."""
    document = document_of(case)
    allowed = case.thresholds.duration_minutes_max
    minutes = min(LONGEST_MINUTES, allowed) if _is_empty(document.max_session_duration) else allowed
    yield Writer(document).set("maxSessionDuration", Plain(str(minutes)), document.max_session_duration)


def no_session_key(case: Case) -> Iterator[Change]:
    """KMS-01: a key of one's own for the channel."""
    document = document_of(case)
    yield NeedPart(Part.SESSION_KEY)
    yield Writer(document).set("kmsKeyId", Output.SESSION_KEY, document.kms_key)


def no_run_as(case: Case) -> Iterator[Change]:
    """RUNAS-01: the switch, and a default user where none is set that may be used."""
    document = document_of(case)
    writer = Writer(document)
    match document.run_as_default_user:
        case Known(str() as user) if user and user not in case.thresholds.run_as_forbidden_users:
            pass
        case Known() | Absent() | Unknown() as read:
            yield writer.set("runAsDefaultUser", FromOwner.RUN_AS_USER, read)
    yield writer.set("runAsEnabled", Plain(True), document.run_as_enabled)


def privileged_run_as(case: Case) -> Iterator[Change]:
    """RUNAS-02: another default user, whom only the owner can name; what a node or a tag says, no document changes."""
    document = document_of(case)
    if case.at != document.run_as_default_user.at:
        why = (
            "the value comes from outside the document; before sessions run as this user, create the user on the "
            "nodes (run_as_user of module host-baseline), remove its privileges there, or remove the tag"
        )
        yield ByHand(what=case.told, why=why, at=case.at, phase=Phase.RUN_AS)
        return
    yield Writer(document).set("runAsDefaultUser", FromOwner.RUN_AS_USER, document.run_as_default_user)


def shared(case: Case) -> Iterator[Change]:
    """PREF-10: the argument `permissions` goes."""
    yield RemoveArgument(fact=document_of(case), name="permissions", phase=Phase.PREFERENCES)


def unguarded(case: Case) -> Iterator[Change]:
    """PREF-15: prevent_destroy."""
    document = document_of(case)
    path, at = ("lifecycle", "prevent_destroy"), document.prevent_destroy.at
    yield SetArgument(fact=document, path=path, value=Plain(True), phase=Phase.PREFERENCES, read_at=at)


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
        why = "the intended setting is unknown, because AWS does not define this key or structure"
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
