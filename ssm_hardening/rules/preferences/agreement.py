"""Do a document, its switches and the stores beside it agree: PREF-14."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from ssm_hardening.core.logic import Answer, ask, certainly, every, flag, is_no, is_yes, setting, text_of
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Text, Unknown, Value
from ssm_hardening.model import LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.model.placeholders import written
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, when
from ssm_hardening.rules.kit.subjects import may_be_used, session_documents, use_in_doubt
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import (
    Confidence,
    Failed,
    Passed,
    Question,
    Related,
    Requirement,
    Severity,
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
def agrees_with_its_stores(document: SessionDocument, context: Context) -> Verdict:
    """A switch without a destination does nothing, and a log store that no document names stays empty.

    Seen in real code: encryption flags that are true beside empty names, and a document that names another bucket or
    log group than the one that was created for it. That a store was made for sessions is taken from its name
    ("ssm", "session"), so this is a report to look at, not a certainty.

    It cannot tell where a destination, a switch or the use of such a store is not known.

    Reference: AWS Systems Manager User Guide, "Logging session activity".
    """
    found = tuple(_checks(document, context))
    verdict = conclude(
        document.origin,
        (each for each in found if not isinstance(each, Related)),
        passed=Passed(document.origin, "the document's switches and destinations agree with the stores beside it"),
        undecided="whether the document and the log stores agree cannot be told",
    )
    if isinstance(verdict, Failed):
        return replace(verdict, related=(*verdict.related, *(each for each in found if isinstance(each, Related))))
    return verdict


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
            Related(item.origin, f"{item.address} looks made for sessions, and none uses it") for item in certain
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
