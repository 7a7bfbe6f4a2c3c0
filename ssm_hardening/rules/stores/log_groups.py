"""The log group sessions are streamed to: CW-01 to CW-03."""

from ssm_hardening.core.logic import setting
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import LogGroup, SessionDocument
from ssm_hardening.rules.keys.keys import MANAGED
from ssm_hardening.rules.kit.checks import shown
from ssm_hardening.rules.kit.subjects import log_groups, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.stores import judge_store, refusing
from ssm_hardening.verdicts.findings import Failed, Passed, Severity, Undecided, Verdict


@rule(
    id="CW-01",
    title="Log group exists in the Region",
    severity=Severity.HIGH,
    over=session_documents,
    manual="whether the name is wrong or the log group belongs to other code is known to its owner",
)
def names_a_group_that_exists(document: SessionDocument, context: Context) -> Verdict:
    """The agent does not create the log group: where it is missing, sessions go unrecorded with a warning at most.

    With cloudWatchEncryptionEnabled on, the session is refused instead. A group that is declared beside the document is
    known to exist.

    It cannot tell where the name is not known, or where code names a group that is declared elsewhere: add the path
    that declares it, or audit the account live.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon CloudWatch Logs".
    """
    return judge_store(document, document.cloudwatch_log_group, context.account.log_groups, context, "log group")


@rule(
    id="CW-02",
    title="Log group is encrypted with a customer key",
    severity=Severity.MEDIUM,
    may=(Severity.HIGH,),
    over=log_groups,
    remedy="log-group",
)
def has_a_customer_key(group: LogGroup, context: Context) -> Verdict:
    """With cloudWatchEncryptionEnabled on, the agent asks for a KMS key on the group and refuses every session without.

    The encryption that CloudWatch Logs applies by itself does not count. A key of one's own also means that reading the
    recordings takes a right to the key.

    It cannot tell where the group's key is not known.

    Reference: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    match setting(group.kms_key):
        case Known(str() as text, at) if MANAGED.search(text):
            return Failed(at, f"the log group names the AWS managed key {shown(text)}, which log groups cannot use")
        case Known(text, at):
            return Passed(at, f"the log group is encrypted with the key {shown(text)}")
        case Absent(at):
            return _without_key(group, at, context)
        case Unknown() as gap:
            return Undecided(group.origin, gap, "whether the log group has a key cannot be told")


def _without_key(group: LogGroup, at: Origin, context: Context) -> Verdict:
    key = "cloudWatchEncryptionEnabled"
    refused = refusing(group.used_by, context, lambda each: each.cloudwatch_encryption_enabled, key)
    if refused:
        message = "the log group has no KMS key, which a document asks for: sessions would be refused"
        return Failed(at, message, severity=Severity.HIGH, related=refused)
    return Failed(at, "the log group has no KMS key")


@rule(
    id="CW-03",
    title="Log group keeps recordings long enough, and not for ever",
    severity=Severity.MEDIUM,
    over=log_groups,
    remedy="log-group",
)
def retains_recordings_long_enough(group: LogGroup, context: Context) -> Verdict:
    """An incident is often found months later; a shorter retention destroys the evidence.

    A group without a retention keeps every recording, and its cost, for ever.

    It cannot tell where the retention is not known.

    Reference: Amazon CloudWatch Logs User Guide, "Working with log groups and log streams" (change log data retention).
    """
    least = context.thresholds.retention_days_min
    match group.retention_days:
        case Known(days, at):
            if days < least:
                return Failed(at, f"recordings are deleted after {days} days, below the {least} asked for")
            return Passed(at, f"recordings are kept for {days} days")
        case Absent(at):
            return Failed(at, "recordings never expire: no retention is set, and the cost grows without end")
        case Unknown() as gap:
            return Undecided(group.origin, gap, "how long recordings are kept cannot be told")
