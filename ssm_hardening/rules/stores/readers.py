"""Who may read recordings, what copies them, and who writes them: S3-09, S3-10 and CW-04."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.readers import (
    Entitled,
    about_group,
    group_destroyers,
    recording_erasers,
    recording_readers,
    recording_writers,
    stream_readers,
)
from ssm_hardening.core.errors import counted
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Items, Unknown, Value, Why
from ssm_hardening.iam.analysis import open_to_accounts, open_to_everybody
from ssm_hardening.iam.examples import counterexample
from ssm_hardening.iam.texts import glob, members
from ssm_hardening.model import LIVE, Account, Key, LogBucket, LogGroup
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, exposed, headed, wrong
from ssm_hardening.rules.kit.sources import unsaid, with_told_people
from ssm_hardening.rules.kit.subjects import log_buckets, log_groups
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Passed, Requirement, Severity, Verdict

_MOST_NAMES = 6


@rule(
    id="S3-09",
    title="Few identities can read or delete recordings in S3, and nothing copies them elsewhere",
    headline="Too many identities can read S3 recordings",
    severity=Severity.HIGH,
    over=log_buckets,
    also=(Requirement.ACCESS_CONTROL,),
    manual="only the owner knows who needs to read the recordings, and why",
)
def bucket_is_read_by_few(bucket: LogBucket, context: Context) -> Verdict:
    """Transcripts contain what was typed and displayed, including secrets: anyone who reads them gets those secrets.

    The rule counts roles (including those of nodes and services, because a shell on a node acts as its role),
    permission sets, users, and groups whose policies, together with the bucket policy, grant s3:GetObject or
    s3:GetObjectVersion on the recordings, and principals of other accounts that the bucket policy allows. Separately,
    it counts those that can delete recordings or change what keeps them: the retention, versions, and replication, or
    the policy and the ACL of the bucket (`ssm-harden rules --powers` lists all of them). It fails if there are more
    than recording_readers_max (strict 3, baseline 5). Identities that match recording_readers (patterns of names or
    ARNs) are not counted: list your administrators and auditors there. Replication to a bucket that recording_copies
    does not match also fails. Permission to decrypt is not checked, and session policies are not read.

    Undecided when a policy that may grant access is unknown, when the bucket policy allows more principals than can be
    counted (everyone, see S3-07; an organization; another account as a whole), or when the bucket has an access point,
    whose policy is not read. Code never passes, because it does not contain all roles of an account.

    Reference: Amazon S3 User Guide, "Identity and access management for Amazon S3".
    """
    account, limits = with_told_people(context.account), context.thresholds
    checks = [
        *few(
            recording_readers(bucket, account, limits.recording_readers), "read the recordings", bucket.origin, context
        ),
        *headed(
            "Too many identities can delete recordings",
            few(
                recording_erasers(bucket, account, limits.recording_readers),
                "delete the recordings or change what keeps them",
                bucket.origin,
                context,
            ),
        ),
        *headed(
            "Recordings in S3 are copied elsewhere",
            copied(bucket.replicates_to, "replication copies the recordings to", limits.recording_copies),
        ),
        *_doors(bucket, limits.recording_copies),
    ]
    return judged(
        bucket, checks, context, "few identities can read or delete the recordings, and nothing copies them elsewhere"
    )


@rule(
    id="CW-04",
    title="Few identities can read or delete CloudWatch recordings, and nothing sends them elsewhere",
    headline="Too many identities can read CloudWatch logs",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=log_groups,
    also=(Requirement.ACCESS_CONTROL,),
    manual="only the owner knows who needs to read or delete the recordings, and why",
)
def group_is_read_by_few(group: LogGroup, context: Context) -> Verdict:
    """Anyone who reads the log group sees every secret that was displayed; a subscription forwards them unnoticed.

    As in S3-09 (recording_readers_max, recording_readers), the rule counts identities whose policies let them read,
    query, follow, unmask, export, or forward what the group contains and, separately, those that can delete it or its
    streams, change its retention, protection, or key, or mask what it shows. `ssm-harden rules --powers` lists the
    actions, such as logs:GetLogEvents, StartQuery, StartLiveTail, and PutSubscriptionFilter. A subscription filter
    of the group or the account to a destination that recording_copies does not match also fails. So does a resource
    policy of CloudWatch Logs, for the Region or for the log group, that names everyone without a limiting condition
    (medium): these policies apply to AWS services only, and every service may then write to the log group on behalf of
    any account. Grants to named services are fine.

    Undecided when a policy that may grant access, the subscriptions, or a resource policy is unknown, when a resource
    policy names another account as a whole, or when policies name the group by its ARN without the :* that IAM
    requires. Code never passes, because it does not contain all roles of an account.

    Reference: Amazon CloudWatch Logs User Guide, "Overview of managing access permissions to your CloudWatch Logs
    resources".
    """
    account, limits = with_told_people(context.account), context.thresholds
    accepted = limits.recording_readers
    checks = [
        *few(stream_readers(group, account, accepted), "read the recordings", group.origin, context),
        *headed(
            "Too many identities can delete recordings",
            few(group_destroyers(group, account, accepted), "delete the recordings", group.origin, context),
        ),
        *headed("Logs resource policy names everyone", _named_by_resource_policies(group, account)),
        *headed(
            "CloudWatch recordings are sent elsewhere",
            copied(group.copied_to, "a subscription sends the recordings to", limits.recording_copies),
        ),
    ]
    return judged(
        group, checks, context, "few identities can read or delete the recordings, and nothing sends them elsewhere"
    )


def _named_by_resource_policies(group: LogGroup, account: Account) -> Iterator[Check]:
    """Yield the grants to everyone, and what leaves open whether there are some."""
    about = about_group(group, account)
    for check in exposed(open_to_everybody(about), "a resource policy of CloudWatch Logs grants everyone access"):
        yield replace(check, severity=Severity.MEDIUM) if isinstance(check, Problem) else check
    for grant in open_to_accounts(about, account.account).grants:
        detail = f"whether CloudWatch Logs applies a grant to {grant.principal}, which is not an AWS service"
        yield Unknown(Why.OUT_OF_SCOPE, grant.statement.at, detail)


def few(holders: Entitled, what: str, at: Origin, context: Context) -> Iterator[Check]:
    """Yield a problem where more hold a right than the standard accepts, the doubt where more may."""
    most = context.thresholds.recording_readers_max
    if len(holders.named) > most:
        listed = ", ".join(holders.named[:_MOST_NAMES])
        more = f" and {len(holders.named) - _MOST_NAMES} more" if len(holders.named) > _MOST_NAMES else ""
        text = f"{counted(len(holders.named), 'identity', 'identities')} can {what} (maximum: {most}): {listed}{more}"
        sure = len(holders.named) - len(holders.unless) > most
        example = None if holders.example is None else counterexample(holders.example)
        yield Problem(at, text, unless=None if sure else next(iter(holders.unless), None), example=example)
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
            yield Unknown(Why.UNSUPPORTED, item.at, f"who the policy of the access point {item.value} grants access to")


def judged(fact: LogBucket | LogGroup | Key, checks: list[Check], context: Context, passed: str) -> Verdict:
    """Make one verdict of the checks; code, which does not hold a whole account's people, never passes."""
    verdict = conclude(
        fact.origin,
        checks,
        passed=Passed(fact.origin, passed),
        undecided="who has access to the recordings or their key is unknown",
    )
    if context.account.source == LIVE or not isinstance(verdict, Passed):
        return verdict
    gap = unsaid(context.account, "who else in the account has access to the recordings")
    return NotApplicable(fact.origin, gap.detail, gap=gap)


@rule(
    id="S3-10",
    title="Few identities other than nodes can write recordings",
    headline="Too many identities can write recordings",
    severity=Severity.HIGH,
    over=log_buckets,
    manual="only the owner knows what else writes to the bucket, and why",
)
def is_written_by_nodes_alone(bucket: LogBucket, context: Context) -> Verdict:
    """Anyone else who can write to the place where recordings are kept can forge or replace a recording.

    As in S3-09 (recording_readers_max, recording_readers), the rule counts identities other than the roles of nodes
    whose policies, together with the bucket policy, grant s3:PutObject under the prefix of the recordings.

    Undecided when a policy that may grant access is unknown, or when it is unknown whether a role belongs to nodes.
    Code never passes, because it does not contain all roles of an account.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon S3".
    """
    account, accepted = with_told_people(context.account), context.thresholds.recording_readers
    writers = recording_writers(bucket, account, accepted)
    checks = [*few(writers, "write recordings in addition to the nodes", bucket.origin, context)]
    return judged(
        bucket, checks, context, "few identities other than the nodes can write under the prefix of the recordings"
    )
