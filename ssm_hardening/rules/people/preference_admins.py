"""Who may change what sessions are recorded by: OPER-06."""

from collections.abc import Iterator

from ssm_hardening.access.requests import may, on_document, request
from ssm_hardening.core.logic import is_no, is_yes
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Unknown
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.model import PREFERENCES_NAME
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.people.operators import (
    Caller,
    administrator,
    concluded,
    everybody,
    granted,
    is_among,
    upstream,
)
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Question, Requirement, Severity, Undecided, Verdict

_DOCUMENT = (
    "ssm:CreateDocument",
    "ssm:UpdateDocument",
    "ssm:UpdateDocumentDefaultVersion",
    "ssm:DeleteDocument",
    "ssm:ModifyDocumentPermission",
)
_SETTING = ("ssm:UpdateServiceSetting", "ssm:ResetServiceSetting")
_UNTOLD = "whether its policies grant changing the session preferences cannot be told"


@rule(
    id="OPER-06",
    title="Only named administrators change session preferences",
    severity=Severity.CRITICAL,
    over=everybody,
    question=Question.ACCESS,
    requirement=Requirement.AUDITING,
    also=(Requirement.ACCESS_CONTROL,),
    may=(Severity.MEDIUM,),
    remedy="operator-role",
)
def changes_no_preferences(caller: Caller, context: Context) -> Verdict:
    """One call switches every recording off, or plants a shell profile that runs as each user: few should hold it.

    Asked are creating, changing, sharing and deleting the document SSM-SessionManagerRunShell, and Systems Manager's
    service settings. Those whom the standard names in `preference_administrators` pass. An administrator, whose
    policies grant everything, fails here and in no other rule over people: medium in the baseline, since every account
    has some, and the standard should name them. A guard over the whole account is a service control policy.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Grant or deny a user permissions to update Session Manager preferences".
    """
    named = is_among(caller, context.thresholds.preference_administrators)
    if is_yes(named):
        return Passed(caller.origin, "the standard names it as an administrator of the preferences")
    verdict = _judged(caller, context)
    if isinstance(named, Unknown) and isinstance(verdict, Passed | Failed):
        return Undecided(caller.origin, named, verdict.message)
    return verdict


def _judged(caller: Caller, context: Context) -> Verdict:
    everything = administrator(caller.person, context.account)
    # What may be an administrator's is judged as mildly as an administrator: never worse than it is.
    severity = None if context.thresholds.administrators_named or is_no(everything) else Severity.MEDIUM
    if is_yes(everything):
        text = "administrator: its policies grant everything, changing the session preferences too"
        return Failed(everything.at, f"{text}{upstream(caller)}", severity=severity)
    return concluded(
        caller,
        _told_once(_changes(caller, context), severity),
        passed="its policies grant no change of the session preferences",
        undecided=_UNTOLD,
    )


def _changes(caller: Caller, context: Context) -> Iterator[Check]:
    account, who = context.account, caller.person.fact
    for action in _DOCUMENT:
        yield from granted(may(caller.person, on_document(account, who, action, PREFERENCES_NAME)), action)
    setting = "servicesetting/ssm/documents/console/public-sharing-permission"
    for action in _SETTING:
        asked = request(account, who, action, own_arn("ssm", setting, account.account, account.region))
        yield from granted(may(caller.person, asked), action)


def _told_once(checks: Iterator[Check], severity: Severity | None) -> Iterator[Check]:
    found: dict[Origin, list[str]] = {}
    for check in checks:
        if isinstance(check, Unknown):
            yield check
        else:
            found.setdefault(check.at, []).append(check.text)
    for at, actions in found.items():
        yield Problem(at, f"its policies grant changing the session preferences: {', '.join(actions)}", severity)
