"""The state of the keys sessions and their logs are encrypted with: KMS-02 and KMS-03."""

from collections.abc import Iterator

from ssm_hardening.findings import Passed, Question, Requirement, Severity, Verdict
from ssm_hardening.model import Key
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.settings import Check, conclude
from ssm_hardening.rules.stores import expect_at_least, expect_on, expect_text
from ssm_hardening.rules.subjects import keys


@rule(
    id="KMS-02",
    title="Key can be used",
    severity=Severity.HIGH,
    over=keys,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    remedy="session-keys",
)
def kms_02(key: Key, _context: Context) -> Verdict:
    """A key that is disabled, or made for signing, stops every session or every log that needs it.

    Session Manager and CloudWatch Logs take symmetric keys for encryption only (ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT).

    It cannot tell where the key's state, usage or kind is not known.

    Reference: AWS Key Management Service Developer Guide, "Key states of AWS KMS keys".
    """
    return conclude(
        key.origin,
        _usable(key),
        passed=Passed(key.enabled.at, "the key is enabled, symmetric, and made for encryption"),
        undecided="whether the key can be used cannot be told",
    )


def _usable(key: Key) -> Iterator[Check]:
    yield from expect_on(key.enabled, "the key is disabled")
    yield from expect_text(key.usage, "ENCRYPT_DECRYPT", "the key's usage")
    yield from expect_text(key.spec, "SYMMETRIC_DEFAULT", "the key's kind")


@rule(
    id="KMS-03",
    title="Key rotates, and is not deleted in haste",
    severity=Severity.MEDIUM,
    over=keys,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    remedy="session-keys",
)
def kms_03(key: Key, context: Context) -> Verdict:
    """Rotation bounds what one leaked key opens; the deletion window is the time to notice that logs go with their key.

    It cannot tell where rotation or the window is not known.

    Reference: AWS Key Management Service Developer Guide, "Rotate AWS KMS keys" and "Delete an AWS KMS key".
    """
    least = context.thresholds.deletion_window_days_min
    checks = (
        *expect_on(key.rotation, "the key does not rotate"),
        *expect_at_least(key.deletion_window_days, least, "the deletion window", "the key has no deletion window"),
    )
    return conclude(
        key.origin,
        checks,
        passed=Passed(key.rotation.at, f"the key rotates, and waits {least} days or more before it is deleted"),
        undecided="whether the key rotates and how long its deletion waits cannot be told",
    )
