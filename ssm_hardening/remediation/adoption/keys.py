"""Keys of the account are not taken over yet: the exact commands for a person, the policy always merged."""

from collections.abc import Iterator
from shlex import quote

from ssm_hardening.core.values import Known
from ssm_hardening.model import Key
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.plan import ManualStep

_WHY = "a key of the account is not taken over: a mistake in its policy locks everybody out of what it has encrypted"


def key_steps(case: Case, key: Key) -> Iterator[ManualStep]:
    """Yield what to do about a finding on a key."""
    rule, message = case.finding.rule.id, getattr(case.finding.verdict, "message", "")
    for command in _commands(rule, key, _place(case, key)):
        what = f"{key.address}: {message}. {command}"
        yield ManualStep(what=what, why=_WHY, at=str(case.finding.verdict.at), closes=(rule,))


def _place(case: Case, key: Key) -> str:
    name = str(key.name.value) if isinstance(key.name, Known) else key.address
    region = str(case.account.region.value) if isinstance(case.account.region, Known) else ""
    return f"--key-id {quote(name)}" + (f" --region {quote(region)}" if region else "")


def _commands(rule: str, key: Key, place: str) -> Iterator[str]:
    disabled = isinstance(key.enabled, Known) and not key.enabled.value
    if rule == "KMS-02" and disabled:
        yield f"Run: aws kms enable-key {place}"
    elif rule == "KMS-02":
        yield "Use another key: symmetric, for encryption (module session-keys makes one)"
    elif rule == "KMS-03":
        yield f"Run: aws kms enable-key-rotation {place}"
    else:
        read = f"aws kms get-key-policy {place} --policy-name default --query Policy --output text > policy.json"
        write = f"aws kms put-key-policy {place} --policy-name default --policy file://policy.json"
        yield f"Run: {read}; change that one statement, keep every other; then: {write}"
