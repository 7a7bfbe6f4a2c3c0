"""Session keys and the keys of logs: whether sessions have one, and the state of each."""

import re
from collections.abc import Iterator

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import flag, hole, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Reference, Template, Text, Unknown, Value
from ssm_hardening.model import LIVE, Key, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.model.placeholders import fixed_setting, written
from ssm_hardening.rules.kit.checks import Check, conclude, expect_at_least, expect_text, gaps, headed, shown, unless
from ssm_hardening.rules.kit.regions import InAnotherRegion, another_region
from ssm_hardening.rules.kit.subjects import documents_in_force, keys
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import (
    Failed,
    NotApplicable,
    Passed,
    Related,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)


@rule(
    id="KMS-02",
    title="Key can be used",
    headline="Key cannot encrypt sessions or logs",
    severity=Severity.HIGH,
    over=keys,
    remedy="session-keys",
)
def can_be_used(key: Key, _context: Context) -> Verdict:
    """A disabled key, or a key for signing, blocks every session or log that needs it.

    Session Manager and CloudWatch Logs require symmetric encryption keys (ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT).

    Undecided when the state, usage, or spec of the key is unknown.

    Reference: AWS Key Management Service Developer Guide, "Key states of AWS KMS keys".
    """
    return conclude(
        key.origin,
        _usable(key),
        passed=Passed(key.enabled.at, "the key is an enabled symmetric encryption key"),
        undecided="whether the key can be used is unknown",
    )


def _usable(key: Key) -> Iterator[Check]:
    yield from unless(flag(key.enabled, absent=False), "the key is disabled")
    yield from expect_text(key.usage, "ENCRYPT_DECRYPT", "the key usage")
    yield from expect_text(key.spec, "SYMMETRIC_DEFAULT", "the key spec")


@rule(
    id="KMS-03",
    title="Key rotates and has a long deletion window",
    headline="Key does not rotate",
    severity=Severity.MEDIUM,
    over=keys,
    remedy="session-keys",
)
def rotates_and_outlasts_haste(key: Key, context: Context) -> Verdict:
    """Rotation limits what a leaked key can decrypt; the deletion window is the time to notice that logs will be lost.

    Undecided when rotation or the deletion window is unknown.

    Reference: AWS Key Management Service Developer Guide, "Rotate AWS KMS keys" and "Delete an AWS KMS key".
    """
    least = context.thresholds.deletion_window_days_min
    checks = (
        *unless(flag(key.rotation, absent=False), "key rotation is off"),
        *headed(
            "Key deletion window is too short",
            expect_at_least(key.deletion_window_days, least, "the deletion window", "the key has no deletion window"),
        ),
    )
    return conclude(
        key.origin,
        checks,
        passed=Passed(
            key.rotation.at, f"the key rotates and has a deletion window of at least {counted(least, 'day')}"
        ),
        undecided="the rotation or the deletion window of the key is unknown",
    )


_WITHOUT_INPUTS = {"Port", "InteractiveCommands", "NonInteractiveCommands"}
MANAGED = re.compile(r"(?:^|:)alias/aws/")
"""The names of keys that AWS manages."""

_KEY_ID = re.compile(r"^(?:mrk-[0-9a-f]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.IGNORECASE)
_NAMED = re.compile(r"(?:^|:)(?:key/|alias/(?!aws(?:/|$))[a-zA-Z0-9_])")
_KEY_RESOURCE = re.compile(r"(?:^|\.)aws_kms_(?:key|alias|replica_key|external_key|replica_external_key)\.[^.]+$")
_OWNER = re.compile(r"^arn:[^:]*:kms:[^:]*:([^:]*):")
_UNTOLD = "whether sessions are encrypted with a customer managed key is unknown"


@rule(
    id="KMS-01",
    title="Sessions are encrypted with a customer managed key",
    headline="Sessions have no customer managed key",
    severity=Severity.MEDIUM,
    may=(Severity.HIGH,),
    over=documents_in_force,
    requirement=Requirement.SECURE_ACCESS,
    also=(Requirement.AUDITING,),
    remedy="session-preferences",
)
def encrypts_sessions(document: SessionDocument, context: Context) -> Verdict:
    """TLS always protects a session; a customer managed key also encrypts it between the client and the agent.

    The key is also a second control: nobody can start a session without permission to use it. An empty kmsKeyId counts
    as no key. AWS managed keys (alias/aws/...) cannot be used for sessions. Port sessions ignore the setting. If the
    key no longer exists in a live account, or belongs to another Region, every session is refused (high).

    Undecided when the document, its type, or the key is unknown, or when a data source looks up the key.

    Reference: AWS Systems Manager User Guide, "Turn on KMS key encryption of session data (console)".
    """
    kind, key = text_of(document.session_type), fixed_setting(document.kms_key)
    if isinstance(kind, Known) and kind.value in _WITHOUT_INPUTS:
        return NotApplicable(document.origin, f"documents of type {kind.value} have no session key of their own")
    for gap in gaps(kind, key):
        return Undecided(document.origin, gap, _UNTOLD)
    if isinstance(key, Known):
        return _named(document, key.value, key.at, context)
    return Failed(key.at, "kmsKeyId is not set, so sessions are protected only by TLS")


def _named(document: SessionDocument, key: Text, at: Origin, context: Context) -> Verdict:
    if isinstance(key, str) and not any(form.search(key) for form in (MANAGED, _NAMED, _KEY_ID)):
        return Failed(at, f"kmsKeyId is {shown(key)}, which is not a key ID, ARN, or alias")
    whose = is_customers(key, at)
    if isinstance(whose, Unknown):
        return Undecided(document.origin, whose, _UNTOLD)
    if not whose:
        return Failed(at, f"kmsKeyId is the AWS managed key {shown(key)}, which sessions cannot use")
    name = Known(key, at)
    there = another_region(name, lambda account: account.keys, context, "key")
    if isinstance(there, Unknown):
        return Undecided(document.origin, there, _UNTOLD)
    return _found(document, name, context) if there is None else _elsewhere(name, there)


def _elsewhere(name: Known[Text], there: InAnotherRegion) -> Verdict:
    text, headline = f"{there.unusable()}: every session is refused", "Session key is in another Region"
    related = () if there.at is None else (Related(there.at, "the key is declared here"),)
    return Failed(name.at, text, severity=Severity.HIGH, headline=headline, related=related)


def is_customers(key: Text, at: Origin) -> bool | Unknown:
    """Read a key's name; in one with holes what is written tells a key from an alias, and AWS's from one's own."""
    match key:
        case str():
            return MANAGED.search(key) is None
        case Reference(address, _):
            looked_up = re.search(r"(?:^|\.)data\.", address) is not None
            return hole((key,), at) if looked_up or not _KEY_RESOURCE.search(address) else True
        case Template(parts):
            text = written(key)
            return False if MANAGED.search(text) else True if _NAMED.search(text) else hole(parts, at)


def _found(document: SessionDocument, name: Known[Text], context: Context) -> Verdict:
    encrypted = f"sessions are encrypted with the key {shown(name.value)}"
    match join(name, context.account.keys):
        case Found(key) if context.account.source == LIVE:
            return _live_key(document, name, key, encrypted)
        case Found(key):
            return Passed(name.at, encrypted, (Related(key.origin, f"{key.address} is declared here"),))
        case Uncertain(gap) if context.account.source == LIVE:
            return Undecided(document.origin, gap, f"whether the key {shown(name.value)} exists is unknown")
        case Elsewhere() if context.account.source == LIVE:
            return _not_here(document, name, context.account.account, encrypted)
        case Elsewhere() | Uncertain():
            return Passed(name.at, encrypted)


def _live_key(document: SessionDocument, name: Known[Text], key: Key, encrypted: str) -> Verdict:
    there = exists(key)
    if isinstance(there, Unknown):
        return Undecided(document.origin, there, f"whether the key {shown(name.value)} exists is unknown")
    return Passed(name.at, encrypted, (Related(key.origin, f"this is {key.address}"),)) if there.value else _gone(name)


def _gone(name: Known[Text]) -> Verdict:
    text = f"the key {shown(name.value)} does not exist in this account and Region, so every session is refused"
    return Failed(name.at, text, severity=Severity.HIGH, headline="Session key does not exist")


def _not_here(document: SessionDocument, name: Known[Text], own: Value[Text], encrypted: str) -> Verdict:
    """Judge a key that the live account does not hold: by its ARN it may be another account's."""
    whose = _OWNER.match(name.value) if isinstance(name.value, str) else None
    if whose is None:
        return _gone(name)
    number = text_of(own)
    if isinstance(number, Unknown):
        return Undecided(document.origin, number, _UNTOLD)
    if isinstance(number, Absent):
        return Passed(name.at, encrypted)
    return _gone(name) if number.value == whose[1] else Passed(name.at, f"{encrypted} in another account")
