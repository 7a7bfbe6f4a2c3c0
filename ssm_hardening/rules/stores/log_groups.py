"""The log group sessions are streamed to: CW-01 to CW-03."""

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import ask, certainly, is_yes, known_or, mapped, setting, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Unknown, Value
from ssm_hardening.model import DELIVERY, LogGroup, SessionDocument
from ssm_hardening.model.placeholders import fixed_setting
from ssm_hardening.rules.keys.keys import MANAGED, is_customers
from ssm_hardening.rules.kit.checks import gaps, shown
from ssm_hardening.rules.kit.regions import InAnotherRegion, another_region
from ssm_hardening.rules.kit.subjects import log_groups, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.stores import judge_store, misnamed, refusing
from ssm_hardening.verdicts.findings import Failed, Passed, Related, Severity, Undecided, Verdict


@rule(
    id="CW-01",
    title="Log group exists in the Region",
    headline="Log group for sessions does not exist",
    severity=Severity.HIGH,
    over=session_documents,
    manual="only the owner knows whether the name is wrong or the log group is managed elsewhere",
)
def names_a_group_that_exists(document: SessionDocument, context: Context) -> Verdict:
    """The agent does not create the log group: if it is missing, sessions are not recorded, with at most a warning.

    With cloudWatchEncryptionEnabled on, such sessions are refused instead. A group that is declared in the same code as
    the document is known to exist. The document must give the name of the group, not its ARN.

    Undecided when the name is unknown, or when the group is declared in other code: add the path that declares it, or
    audit the live account.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon CloudWatch Logs".
    """
    name = fixed_setting(document.cloudwatch_log_group)
    wrongly = misnamed(name, "log group")
    if wrongly is not None:
        return wrongly
    there = another_region(name, lambda a: a.log_groups, context, "log group") if isinstance(name, Known) else None
    if isinstance(there, Unknown):
        return Undecided(document.origin, there, "whether the log group is in the Region of the document is unknown")
    if there is not None:
        related = () if there.at is None else (Related(there.at, "the log group is declared here"),)
        return Failed(name.at, there.unusable(), headline="Log group is in another Region", related=related)
    return judge_store(document, document.cloudwatch_log_group, context.account.log_groups, context, "log group")


@rule(
    id="CW-02",
    title="Log group is encrypted with a customer managed key",
    headline="Log group has no customer managed key",
    severity=Severity.MEDIUM,
    may=(Severity.HIGH,),
    over=log_groups,
    remedy="log-group",
)
def has_a_customer_key(group: LogGroup, context: Context) -> Verdict:
    """With cloudWatchEncryptionEnabled on, the agent refuses every session if the log group has no KMS key.

    The default encryption of CloudWatch Logs does not count. With a customer managed key, reading the recordings also
    requires permission to use the key.

    Undecided when the key of the group is unknown, or when a data source looks it up.

    Reference: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    match setting(group.kms_key):
        case Known(str() as text, at) if MANAGED.search(text):
            return Failed(at, f"the log group has the AWS managed key {shown(text)}, which log groups cannot use")
        case Known(text, at) as key:
            whose, there = is_customers(text, at), another_region(key, lambda a: a.keys, context, "key")
            for gap in gaps(whose, there):
                return Undecided(group.origin, gap, "whether the key of the log group can be used is unknown")
            if isinstance(there, InAnotherRegion):
                return Failed(at, there.unusable("log groups"), headline="Key of the log group is in another Region")
            return Passed(at, f"the log group is encrypted with the key {shown(text)}")
        case Absent(at):
            return _without_key(group, at, context)
        case Unknown() as gap:
            return Undecided(group.origin, gap, "whether the log group has a key is unknown")


def _without_key(group: LogGroup, at: Origin, context: Context) -> Verdict:
    key = "cloudWatchEncryptionEnabled"
    refused = refusing(group.used_by, context, lambda each: each.cloudwatch_encryption_enabled, key)
    if refused:
        message = "the log group has no KMS key, but a session document requires one, so sessions are refused"
        return Failed(at, message, severity=Severity.HIGH, related=refused)
    return Failed(at, "the log group has no KMS key")


@rule(
    id="CW-03",
    title="Log group has a sufficient retention period",
    headline="Log group deletes recordings too early",
    severity=Severity.MEDIUM,
    over=log_groups,
    remedy="log-group",
)
def retains_recordings_long_enough(group: LogGroup, context: Context) -> Verdict:
    """Incidents are often discovered months later; a shorter retention period destroys the evidence.

    A log group without a retention period keeps recordings, and incurs costs, indefinitely. A log group of the class
    DELIVERY keeps log events for one day, whatever its retention period. An account-level retention policy replaces the
    retention period of the log groups that it applies to; in code, it counts only if the code declares it.

    Undecided when the retention period or the class is unknown.

    Reference: Amazon CloudWatch Logs User Guide, "Working with log groups and log streams" (change log data retention).
    """
    least, days = context.thresholds.retention_days_min, group.retention_days
    fleeting = ask(text_of(group.log_class), lambda name: name == DELIVERY, absent=False)
    if is_yes(fleeting) and least > 1:
        text = f"the class DELIVERY keeps recordings for one day, whatever the retention period (minimum: {least})"
        return Failed(fleeting.at, text, headline="Log group class keeps recordings for one day")
    if isinstance(days, Absent):
        text = "recordings never expire, because no retention period is set, and costs grow indefinitely"
        return Failed(days.at, text, headline="Log group keeps recordings indefinitely")
    if certainly(days, lambda number: number < least):
        return Failed(days.at, f"recordings are deleted after {_kept(days)} (minimum: {least})")
    for gap in gaps(days, fleeting):
        return Undecided(group.origin, gap, "how long recordings are kept is unknown")
    return Passed(days.at, f"recordings are kept for {_kept(days)}")


def _kept(days: Value[int]) -> str:
    return known_or(mapped(days, lambda number: counted(number, "day")), "some time")
