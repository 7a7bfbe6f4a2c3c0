"""Who may change what sessions are recorded by: OPER-06."""

from collections.abc import Iterator

from ssm_hardening.access.requests import may, on_document, request
from ssm_hardening.core.logic import is_no, is_yes
from ssm_hardening.core.values import Unknown
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.model import PREFERENCES_NAME
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.people.operators import (
    JudgedPerson,
    administrator,
    by_statement,
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
def changes_no_preferences(subject: JudgedPerson, context: Context) -> Verdict:
    """One call switches every recording off, or plants a shell profile that runs as each user: few should hold it.

    Asked are creating, changing, sharing and deleting the document SSM-SessionManagerRunShell, and Systems Manager's
    service settings. Those whom the standard names in `preference_administrators` pass. An administrator, whose
    policies grant everything, fails here and in no other rule over people: medium in the baseline, since every account
    has some, and the standard should name them. A guard over the whole account is a service control policy.

    It cannot tell where a statement, a condition or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Grant or deny a user permissions to update Session Manager preferences".
    """
    named = is_among(subject, context.thresholds.preference_administrators)
    if is_yes(named):
        return Passed(subject.origin, "the standard names it as an administrator of the preferences")
    verdict = _judged(subject, context)
    if isinstance(named, Unknown) and isinstance(verdict, Passed | Failed):
        return Undecided(subject.origin, named, verdict.message)
    return verdict


def _judged(subject: JudgedPerson, context: Context) -> Verdict:
    everything = administrator(subject.person, context.account)
    # What may be an administrator's is judged as mildly as an administrator: never worse than it is.
    severity = None if context.thresholds.administrators_named or is_no(everything) else Severity.MEDIUM
    if is_yes(everything):
        text = "administrator: its policies grant everything, changing the session preferences too"
        return Failed(everything.at, f"{text}{upstream(subject)}", severity=severity)
    text = "its policies grant changing the session preferences"
    return concluded(
        subject,
        by_statement(
            _changes(subject, context), lambda at, actions: Problem(at, f"{text}: {', '.join(actions)}", severity)
        ),
        passed="its policies grant no change of the session preferences",
        undecided=_UNTOLD,
    )


def _changes(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    account, who = context.account, subject.person.fact
    for action in _DOCUMENT:
        yield from granted(may(subject.person, on_document(account, who, action, PREFERENCES_NAME)), action)
    setting = "servicesetting/ssm/documents/console/public-sharing-permission"
    for action in _SETTING:
        asked = request(account, who, action, own_arn("ssm", setting, account.account, account.region))
        yield from granted(may(subject.person, asked), action)
