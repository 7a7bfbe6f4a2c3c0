"""Do a document, its switches and the stores beside it agree: PREF-14."""

from collections.abc import Iterator
from typing import TypeVar

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.model import LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.rules.kit.settings import Check, Problem, hole, text_setting
from ssm_hardening.rules.kit.subjects import session_documents, use_in_doubt
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import (
    Confidence,
    Failed,
    Passed,
    Question,
    Related,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)

F = TypeVar("F", LogBucket, LogGroup)

_WORDS = ("ssm", "session")


@rule(
    id="PREF-14",
    title="Document, switches and stores agree",
    severity=Severity.MEDIUM,
    confidence=Confidence.REPORTED,
    over=session_documents,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual="only the owner knows whether the switch or the name is the mistake",
)
def pref_14(document: SessionDocument, context: Context) -> Verdict:
    """A switch without a destination does nothing, and a log store that no document names stays empty.

    Seen in real code: encryption flags that are true beside empty names, and a document that names another bucket or
    log group than the one that was created for it. That a store was made for sessions is taken from its name
    ("ssm", "session"), so this is a report to look at, not a certainty.

    It cannot tell where a destination, a switch or the use of such a store is not known.

    Reference: AWS Systems Manager User Guide, "Logging session activity".
    """
    problems: list[Problem] = []
    related: list[Related] = []
    gaps: list[Unknown] = []
    for check in _checks(document, context):
        match check:
            case Problem():
                problems.append(check)
            case Related():
                related.append(check)
            case Unknown():
                gaps.append(check)
    if problems:
        others = (Related(other.at, other.text) for other in problems[1:])
        text = "; ".join(problem.text for problem in problems)
        return Failed(problems[0].at, text, related=(*others, *related))
    if gaps:
        return Undecided(document.origin, gaps[0], "whether the document and the log stores agree cannot be told")
    return Passed(document.origin, "the document's switches and destinations agree with the stores beside it")


def _checks(document: SessionDocument, context: Context) -> Iterator[Check | Related]:
    bucket, group = text_setting(document.s3_bucket), text_setting(document.cloudwatch_log_group)
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
    match switch:
        case Known(flag, at):
            if flag:
                yield from _missing(destination, Problem(at, f"{key} is on, but no {what} is set"))
        case Unknown():
            if not isinstance(destination, Known):
                yield switch
        case Absent():
            return


def _missing(destination: Value[Text], problem: Problem) -> Iterator[Check]:
    match destination:
        case Absent():
            yield problem
        case Unknown():
            yield destination
        case Known():
            return


def _another(name: Value[Text], inventory: Inventory[F], what: str) -> Iterator[Check | Related]:
    """Look for a store that seems made for sessions while the document names one that is not declared here."""
    match name:
        case Absent():
            return
        case Known(Reference()):
            return
        case Known() | Unknown():
            pass
    match join(name, inventory):
        case Found():
            return
        case Uncertain(gap):
            if inventory.gap is not None or any(_made_for_sessions(item) is not False for item in inventory.items):
                yield gap
        case Elsewhere(read):
            problem = Problem(name.at, f"the document names the {what} {read}, not the one declared here")
            yield from _lookalikes(problem, inventory)


def _lookalikes(problem: Problem, inventory: Inventory[F]) -> Iterator[Check | Related]:
    answers = [(item, _made_for_sessions(item)) for item in inventory.items]
    certain = [item for item, answer in answers if answer is True]
    if certain:
        yield problem
        yield from (
            Related(item.origin, f"{item.address} looks made for sessions, and none uses it") for item in certain
        )
    yield from (answer for _, answer in answers if isinstance(answer, Unknown))
    if inventory.gap is not None:
        yield inventory.gap


def _made_for_sessions(store: LogBucket | LogGroup) -> bool | Unknown:
    """Say whether the store exists, looks made for sessions, and is used by no document."""
    return _all_of(_exists(store), _unused(store), _looks_so(store))


def _all_of(*answers: bool | Unknown) -> bool | Unknown:
    if any(answer is False for answer in answers):
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _exists(store: LogBucket | LogGroup) -> bool | Unknown:
    match store.exists:
        case Known(flag, _):
            return flag
        case Absent():
            return False
        case Unknown() as gap:
            return gap


def _unused(store: LogBucket | LogGroup) -> bool | Unknown:
    match store.used_by:
        case Known(Items(items=(), rest=None)) | Absent():
            return True
        case Known() | Unknown():
            doubt = use_in_doubt(store)
            return False if doubt is None else doubt


def _looks_so(store: LogBucket | LogGroup) -> bool | Unknown:
    if _has_word(store.address):
        return True
    match store.name:
        case Known(text, at):
            return _name_looks_so(text, at)
        case Absent():
            return False
        case Unknown() as gap:
            return gap


def _name_looks_so(text: Text, at: Origin) -> bool | Unknown:
    match text:
        case str():
            return _has_word(text)
        case Template(parts):
            written = any(_has_word(part) for part in parts if isinstance(part, str))
            return True if written else hole(parts, at)
        case Reference():
            return Unknown(Why.COMPUTED, at, f"{text}, known after apply")


def _has_word(text: str) -> bool:
    return any(word in text.lower() for word in _WORDS)
