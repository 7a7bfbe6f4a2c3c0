"""Where sessions are recorded, does recording fail closed, and do the stores agree: PREF-03 to PREF-06, PREF-14."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from ssm_hardening.core.logic import Answer, ask, certainly, every, flag, is_no, is_yes, setting, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Text, Unknown, Value
from ssm_hardening.model import Account, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.model.placeholders import fixed_setting, written
from ssm_hardening.model.stores import may_be_used, use_in_doubt
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, shown, when
from ssm_hardening.rules.kit.regions import bucket_refuses, group_refuses, out_of_reach, refusals
from ssm_hardening.rules.kit.subjects import preferences_in_force, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import (
    Confidence,
    Failed,
    NotApplicable,
    Passed,
    Related,
    Severity,
    Undecided,
    Verdict,
)

_BOTH = "whether sessions are both streamed and copied is unknown"


@rule(
    id="PREF-03",
    title="Sessions have a log destination",
    headline="Sessions are recorded nowhere",
    severity=Severity.HIGH,
    over=preferences_in_force,
    remedy="session-preferences",
)
def records_somewhere(document: SessionDocument, _context: Context) -> Verdict:
    """Without a bucket or a log group, there is no record of what happens in a session.

    CloudTrail records that a session started, but not what was typed in it. An empty name counts as no name.

    Undecided when neither name is known and at least one of them may be set, or when the only name is a parameter,
    whose value is chosen when a session starts (PREF-13).

    Reference: AWS Systems Manager User Guide, "Logging session activity".
    """
    settings = {"bucket": fixed_setting(document.s3_bucket), "log group": fixed_setting(document.cloudwatch_log_group)}
    for what, value in settings.items():
        if isinstance(value, Known):
            return Passed(value.at, f"sessions are recorded to the {what} {shown(value.value)}")
    for gap in gaps(*settings.values()):
        return Undecided(document.origin, gap, "whether sessions are recorded anywhere is unknown")
    return Failed(document.origin, "neither a bucket nor a log group is set, so no session is recorded")


@rule(
    id="PREF-04",
    title="Sessions are streamed live, with a copy in S3",
    headline="Sessions are not streamed live",
    severity=Severity.MEDIUM,
    over=preferences_in_force,
    remedy="session-preferences",
)
def streams_with_a_copy(document: SessionDocument, _context: Context) -> Verdict:
    """A log that is uploaded when the session ends is lost if the node is lost first; a stream alone has silent gaps.

    If a node cannot stream, the agent turns streaming off and also skips the upload to the log group at the end. Only a
    bucket next to the stream keeps those sessions.

    Undecided when one of the two names or the streaming switch is unknown and the others are correct.

    Reference: AWS Systems Manager User Guide, "Streaming session data using Amazon CloudWatch Logs".
    """
    bucket, group = fixed_setting(document.s3_bucket), fixed_setting(document.cloudwatch_log_group)
    match bucket, group:
        case Absent(), Absent():
            return NotApplicable(document.origin, "sessions have no log destination (PREF-03)")
        case Known(_, at), Absent():
            return Failed(at, "sessions are not streamed, only copied to S3 when they end: a lost node loses its logs")
        case Absent(at), Known():
            text = "sessions go only to a log group: a session that cannot be streamed is not recorded"
            return Failed(at, text, headline="Sessions have no copy in S3")
        case (Absent() | Unknown(), Unknown() as gap) | (Unknown() as gap, Absent()):
            return Undecided(document.origin, gap, _BOTH)
        case _:
            return _streamed(document, next(gaps(bucket, group), None))


def _streamed(document: SessionDocument, gap: Unknown | None) -> Verdict:
    """Judge the switch where one destination is set, and the other set too or (`gap`) not known."""
    off = "live streaming is off: logs are uploaded when sessions end, so a lost node loses its logs"
    match document.cloudwatch_streaming_enabled:
        case Known(_, at, raw=str() as written):
            text = f"cloudWatchStreamingEnabled is the string {shown(written)}, not a boolean"
            return Failed(at, f"{text}, so no session opens (PREF-02)")
        case Known(flag, at):
            if not flag:
                return Failed(at, off)
            if gap is not None:
                return Undecided(document.origin, gap, _BOTH)
            return Passed(at, "sessions are streamed live and copied to S3 when they end")
        case Absent(at):
            return Failed(at, off)
        case Unknown() as unknown:
            return Undecided(document.origin, unknown, "whether sessions are streamed live is unknown")


@rule(
    id="PREF-05",
    title="Recording to S3 fails closed",
    headline="Sessions open even if S3 logging fails",
    severity=Severity.HIGH,
    over=preferences_in_force,
    remedy="session-preferences",
)
def bucket_recording_fails_closed(document: SessionDocument, context: Context) -> Verdict:
    """With s3EncryptionEnabled, the agent checks the bucket before it opens a shell, and refuses if the check fails.

    Without it, a session opens without being recorded if its bucket is missing or the node has no access to it.
    Failing closed also means that no shell opens while the bucket or its key is unavailable: keep another way to reach
    the node for that case.

    Undecided when the name of the bucket or the switch is unknown.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon S3".
    """
    bucket = fixed_setting(document.s3_bucket)
    related = _refused_by_bucket(bucket, context.account)
    return _fails_closed(document.origin, bucket, document.s3_encryption_enabled, "s3EncryptionEnabled", related)


@rule(
    id="PREF-06",
    title="Recording to CloudWatch Logs fails closed",
    headline="Sessions open if CloudWatch logging fails",
    severity=Severity.HIGH,
    over=preferences_in_force,
    remedy="session-preferences",
)
def group_recording_fails_closed(document: SessionDocument, context: Context) -> Verdict:
    """With cloudWatchEncryptionEnabled, the agent checks the log group before it opens a shell.

    It refuses the session if the group is missing, has no key, or cannot be described. Without the switch, the agent
    only writes a warning to its own log, and the session opens without being recorded. Failing closed also means that
    no shell opens while the log group or its key is unavailable: keep another way to reach the node for that case.

    Undecided when the name of the group or the switch is unknown.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon CloudWatch Logs".
    """
    group = fixed_setting(document.cloudwatch_log_group)
    related = _refused_by_group(group, context.account)
    key = "cloudWatchEncryptionEnabled"
    return _fails_closed(document.origin, group, document.cloudwatch_encryption_enabled, key, related)


def _fails_closed(
    origin: Origin, destination: Value[Text], switch: Value[bool], key: str, related: tuple[Related, ...]
) -> Verdict:
    if isinstance(destination, Absent):
        return NotApplicable(destination.at, f"{key} has no effect: its destination is not set")
    if isinstance(destination, Unknown):
        return Undecided(origin, destination, f"whether {key} has a destination is unknown")
    closed = flag(switch, absent=False)
    if isinstance(closed, Unknown):
        return Undecided(origin, closed, f"whether {key} is on is unknown", related=related)
    if closed.value:
        return Passed(
            closed.at, f"{key} is on: no shell opens while the log destination or its key is unavailable", related
        )
    return Failed(closed.at, f"{key} is off: a shell opens even if it cannot be recorded", related=related)


def _refused_by_bucket(name: Value[Text], account: Account) -> tuple[Related, ...]:
    """Warn of a bucket that the agent takes for unencrypted."""
    refused = "with this switch on, sessions are refused: DSSE-KMS counts as unencrypted (S3-02)"
    unencrypted = bucket_refuses(name, account)
    return (Related(unencrypted.at, refused),) if is_yes(unencrypted) else ()


def _refused_by_group(name: Value[Text], account: Account) -> tuple[Related, ...]:
    """Warn of a log group without a key, which the agent takes for unencrypted."""
    refused = "with this switch on, sessions are refused: the log group has no customer managed key (CW-02)"
    unencrypted = group_refuses(name, account)
    return (Related(unencrypted.at, refused),) if is_yes(unencrypted) else ()


F = TypeVar("F", LogBucket, LogGroup)

_WORDS = ("ssm", "session")


@rule(
    id="PREF-14",
    title="Session document matches its log destinations",
    headline="Logging settings are inconsistent",
    severity=Severity.MEDIUM,
    confidence=Confidence.REPORTED,
    over=session_documents,
    manual="only the owner knows whether the switch or the name is wrong",
    follows=("PREF-03", "CW-02", "S3-02"),
)
def agrees_with_its_stores(document: SessionDocument, context: Context) -> Verdict:
    """A switch without a destination has no effect, and a bucket or log group that no document names stays empty.

    Both occur in real code: encryption switches that are true next to empty names, and a document that names a
    different bucket or log group than the one that was created for it. Whether a store is meant for sessions is guessed
    from its name ("ssm", "session"): review this finding first. A log group or key of another Region also fails, and so
    does an encryption switch next to a store that the agent treats as unencrypted (CW-02, S3-02): sessions are refused.

    Undecided when a destination, a switch, the encryption of the store, or the use of such a store is unknown.

    Reference: AWS Systems Manager User Guide, "Logging session activity".
    """
    found, far = tuple(_checks(document, context)), tuple(out_of_reach(document, context))
    refused = tuple(refusals(document, context.account))
    matched = "the switches and destinations of the document match the buckets and log groups"
    verdict = conclude(
        document.origin,
        (*far, *(each for each in found if not isinstance(each, Related)), *refused),
        passed=Passed(document.origin, matched),
        undecided="whether the document matches its log destinations is unknown",
    )
    if isinstance(verdict, Failed):
        related = (*verdict.related, *(each for each in found if isinstance(each, Related)))
        return replace(verdict, related=related, follows=() if far else _causes(document, found, refused))
    return verdict


def _causes(
    document: SessionDocument, found: tuple[Check | Related, ...], refused: tuple[Check, ...]
) -> tuple[Origin, ...]:
    """Return the places of what everything that was found follows from; none where something does not follow."""
    if any(isinstance(each, Problem) for each in found):
        return _without_destination(document)
    return tuple(each.at for each in refused if isinstance(each, Problem))


def _without_destination(document: SessionDocument) -> tuple[Origin, ...]:
    """Return the document's place where it names no store at all: its switches are then all that can disagree."""
    stores = (document.s3_bucket, document.cloudwatch_log_group)
    return (document.origin,) if all(isinstance(fixed_setting(store), Absent) for store in stores) else ()


def _checks(document: SessionDocument, context: Context) -> Iterator[Check | Related]:
    bucket, group = setting(document.s3_bucket), setting(document.cloudwatch_log_group)
    yield from _pointless(bucket, document.s3_encryption_enabled, "s3EncryptionEnabled", "bucket")
    for key, switch in {
        "cloudWatchEncryptionEnabled": document.cloudwatch_encryption_enabled,
        "cloudWatchStreamingEnabled": document.cloudwatch_streaming_enabled,
    }.items():
        yield from _pointless(group, switch, key, "log group")
    yield from _another(bucket, context.account.log_buckets, "bucket")
    yield from _another(group, context.account.log_groups, "log group")


def _pointless(destination: Value[Text], switch: Value[bool], key: str, what: str) -> Iterator[Check]:
    """Look for a switch that is on without a destination."""
    if not isinstance(destination, Known):
        for check in when(flag(switch, absent=False), f"{key} is on, but no {what} is set"):
            yield destination if isinstance(destination, Unknown) and isinstance(check, Problem) else check


def _another(name: Value[Text], inventory: Inventory[F], what: str) -> Iterator[Check | Related]:
    """Look for a store that seems made for sessions while the document names one that is not declared here."""
    if isinstance(name, Absent) or certainly(name, lambda text: isinstance(text, Reference)):
        return
    match join(name, inventory):
        case Found():
            return
        case Uncertain(gap):
            if inventory.gap is not None or not all(is_no(_made_for_sessions(item)) for item in inventory.items):
                yield gap
        case Elsewhere(read):
            problem = Problem(name.at, f"the document names the {what} {read}, not the one declared here")
            yield from _lookalikes(problem, inventory)


def _lookalikes(problem: Problem, inventory: Inventory[F]) -> Iterator[Check | Related]:
    answers = [(item, _made_for_sessions(item)) for item in inventory.items]
    certain = [item for item, answer in answers if is_yes(answer)]
    if certain:
        yield problem
        yield from (
            Related(item.origin, f"{item.address} seems to be meant for sessions, but no document uses it")
            for item in certain
        )
    yield from gaps(*(answer for _, answer in answers), inventory.gap)


def _made_for_sessions(store: LogBucket | LogGroup) -> Answer:
    """Say whether the store exists, looks made for sessions, and is used by no document."""
    doubt = use_in_doubt(store)
    unused = Known(not may_be_used(store), store.origin) if doubt is None else doubt
    return every((exists(store), unused, _looks_so(store)), store.origin)


def _looks_so(store: LogBucket | LogGroup) -> Answer:
    """Say whether the address or the name has a word of sessions, in what is written of them."""
    if _has_word(store.address) or certainly(store.name, lambda text: _has_word(written(text))):
        return Known(True, store.origin)
    return ask(text_of(store.name), _has_word, absent=False)


def _has_word(text: str) -> bool:
    return any(word in text.lower() for word in _WORDS)
