"""Who may read recordings, what copies them, and who writes them: S3-09, S3-10 and CW-04."""

from collections.abc import Iterator

from ssm_hardening.access.readers import (
    Entitled,
    group_destroyers,
    recording_readers,
    recording_writers,
    stream_readers,
)
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Items, Unknown, Value, Why
from ssm_hardening.iam.texts import glob, members
from ssm_hardening.model import LIVE, Key, LogBucket, LogGroup
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, wrong
from ssm_hardening.rules.kit.sources import unsaid, with_told_people
from ssm_hardening.rules.kit.subjects import log_buckets, log_groups
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Passed, Requirement, Severity, Verdict

_MOST_NAMES = 6


@rule(
    id="S3-09",
    title="Recordings in S3 are readable by few, and copied nowhere else",
    severity=Severity.HIGH,
    over=log_buckets,
    also=(Requirement.ACCESS_CONTROL,),
    manual="whose right to read is needed, and for what, only its owner knows",
)
def bucket_is_read_by_few(bucket: LogBucket, context: Context) -> Verdict:
    """Transcripts hold what was typed and shown, secrets among it: whoever reads them has those secrets.

    Counted are roles (of nodes and services too, as a shell on a node acts as its role), permission sets, users and
    groups whose policies, together with the bucket's own, grant s3:GetObject or GetObjectVersion on the recordings, and
    whom the bucket's policy admits from outside. More than recording_readers_max (strict 3, baseline 5) fail. Those
    that recording_readers names (patterns of names or ARNs) are not counted: that is the place for administrators and
    auditors. A replication to a bucket that recording_copies does not name fails too. Whether a reader can decrypt what
    he reads is not asked, and neither service control policies nor session policies are read.

    It cannot tell where a policy that may grant the right is not known, where the bucket's admits more than can be
    counted (everybody, which S3-07 judges, an organization, another account as a whole), or where there is an access
    point, whose policy is not read. Code never passes: it does not hold all of an account's roles.

    Reference: Amazon S3 User Guide, "Identity and access management for Amazon S3".
    """
    account, limits = with_told_people(context.account), context.thresholds
    checks = [
        *few(
            recording_readers(bucket, account, limits.recording_readers), "read the recordings", bucket.origin, context
        ),
        *copied(bucket.replicates_to, "replication copies the recordings to", limits.recording_copies),
        *_doors(bucket, limits.recording_copies),
    ]
    return judged(bucket, checks, context, "few may read the recordings, and nothing copies them elsewhere")


@rule(
    id="CW-04",
    title="Recordings in CloudWatch Logs are readable and erasable by few, and copied nowhere else",
    severity=Severity.HIGH,
    over=log_groups,
    also=(Requirement.ACCESS_CONTROL,),
    manual="whose right to read or delete is needed, and for what, only its owner knows",
)
def group_is_read_by_few(group: LogGroup, context: Context) -> Verdict:
    """Whoever reads the log group has every secret that was shown; a subscription hands it on silently, as it comes.

    Counted as in S3-09 (recording_readers_max, recording_readers) are those whose policies grant logs:GetLogEvents,
    FilterLogEvents, StartQuery, StartLiveTail, Unmask, CreateExportTask or PutSubscriptionFilter on the group, and
    apart from them those who may delete it or its streams or change its retention. A subscription filter, the group's
    or the account's, to a destination that recording_copies does not name fails. Service control policies are not read.

    It cannot tell where a policy that may grant a right, or the subscriptions, are not known, or where policies name
    the group by its ARN without the :* that IAM asks for. Code never passes: it does not hold all of the account's
    roles.

    Reference: Amazon CloudWatch Logs User Guide, "Overview of managing access permissions to your CloudWatch Logs
    resources".
    """
    account, limits = with_told_people(context.account), context.thresholds
    accepted = limits.recording_readers
    checks = [
        *few(stream_readers(group, account, accepted), "read the recordings", group.origin, context),
        *few(group_destroyers(group, account, accepted), "erase the recordings", group.origin, context),
        *copied(group.copied_to, "a subscription hands the recordings to", limits.recording_copies),
    ]
    return judged(group, checks, context, "few may read or erase the recordings, and nothing hands them on")


def few(holders: Entitled, what: str, at: Origin, context: Context) -> Iterator[Check]:
    """Yield a problem where more hold a right than the standard accepts, the doubt where more may."""
    most = context.thresholds.recording_readers_max
    if len(holders.named) > most:
        listed = ", ".join(holders.named[:_MOST_NAMES])
        more = f" and {len(holders.named) - _MOST_NAMES} more" if len(holders.named) > _MOST_NAMES else ""
        text = f"their policies let {len(holders.named)} {what}, more than {most}: {listed}{more}"
        yield Problem(at, text)
    elif holders.gap is not None:
        yield holders.gap
    elif len(holders.named) + len(holders.doubts) > most:
        yield holders.doubts[0]


def copied(value: Value[Items], problem: str, accepted: tuple[str, ...]) -> Iterator[Check]:
    """Yield a problem for each destination that is not accepted, and what is not known of them."""
    for item in members(value):
        yield from wrong(item, lambda name: "" if _is_accepted(name, accepted) else f"{problem} {name}")


def _is_accepted(name: object, accepted: tuple[str, ...]) -> bool:
    return any(glob(pattern, str(name)) for pattern in accepted)


def _doors(bucket: LogBucket, accepted: tuple[str, ...]) -> Iterator[Check]:
    for item in members(bucket.access_points):
        if isinstance(item, Unknown):
            yield item
        elif not _is_accepted(item.value, accepted):
            yield Unknown(Why.UNSUPPORTED, item.at, f"whom the policy of the access point {item.value} admits")


def judged(fact: LogBucket | LogGroup | Key, checks: list[Check], context: Context, passed: str) -> Verdict:
    """Make one verdict of the checks; code, which does not hold a whole account's people, never passes."""
    verdict = conclude(
        fact.origin,
        checks,
        passed=Passed(fact.origin, passed),
        undecided="who holds rights over the recordings cannot be told",
    )
    if context.account.source == LIVE or not isinstance(verdict, Passed):
        return verdict
    gap = unsaid(context.account, "who else of the account has rights over the recordings")
    return NotApplicable(fact.origin, gap.detail, gap=gap)


@rule(
    id="S3-10",
    title="Recordings are written by nodes",
    severity=Severity.HIGH,
    over=log_buckets,
    manual="what else writes to the bucket, and why, only its owner knows",
)
def is_written_by_nodes_alone(bucket: LogBucket, context: Context) -> Verdict:
    """Whoever else may write where recordings are can forge one, or put another in its place.

    Counted as in S3-09 (recording_readers_max, recording_readers) are those whose policies, together with the
    bucket's own, grant s3:PutObject under the prefix of the recordings, the roles of nodes aside. Service control
    policies are not read.

    It cannot tell where a policy that may grant the right is not known, or what a role is for. Code never passes: it
    does not hold all of an account's roles.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon S3".
    """
    account, accepted = with_told_people(context.account), context.thresholds.recording_readers
    writers = recording_writers(bucket, account, accepted)
    checks = [*few(writers, "write recordings beside the nodes", bucket.origin, context)]
    return judged(bucket, checks, context, "few write under the prefix of the recordings beside the nodes")
