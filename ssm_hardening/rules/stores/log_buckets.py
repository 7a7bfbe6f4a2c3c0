"""The bucket sessions are recorded in, its settings, and who reaches it by its policy: S3-01 to S3-08."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.guardrails import beside_guardrails
from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import flag, known_or, mapped, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Unknown, Value, Why
from ssm_hardening.iam.analysis import open_to_accounts, open_to_everybody
from ssm_hardening.iam.conditions import bounds_told
from ssm_hardening.iam.resource_policies import spared_from_tls
from ssm_hardening.model import LogBucket, SessionDocument
from ssm_hardening.rules.kit.checks import (
    Check,
    Problem,
    conclude,
    expect_at_least,
    expect_text,
    exposed,
    headed,
    shown,
    unless,
    wrong,
)
from ssm_hardening.rules.kit.subjects import log_buckets, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.stores import ENFORCED, granted_by_acl, judge_store, refusing, versions_kept
from ssm_hardening.verdicts.findings import Failed, Passed, Requirement, Severity, Undecided, Verdict

_ENCRYPTIONS = {"AES256": "with S3 managed keys (AES256)", "aws:kms": "with KMS keys (aws:kms)"}
_DSSE = "aws:kms:dsse"
_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


@rule(
    id="S3-01",
    title="Log bucket exists in this account",
    headline="Log bucket does not exist in this account",
    severity=Severity.HIGH,
    over=session_documents,
    manual="only the owner knows whether the name is wrong or the bucket is managed elsewhere",
)
def names_a_bucket_that_exists(document: SessionDocument, context: Context) -> Verdict:
    """Bucket names are global: anyone can claim a name that is not taken, and then receives the recorded sessions.

    If the bucket no longer exists, sessions are not recorded, or are refused where encryption is enforced. A bucket
    that is declared in the same code as the document is known to be yours.

    Undecided when the name is unknown, or when the bucket is declared in other code: add the path that declares it, or
    audit the live account.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon S3".
    """
    return judge_store(document, document.s3_bucket, context.account.log_buckets, context, "bucket")


@rule(
    id="S3-02",
    title="Log bucket uses encryption that sessions accept",
    headline="Agent treats the log bucket as unencrypted",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=log_buckets,
    remedy="log-bucket",
)
def is_encrypted_for_sessions(bucket: LogBucket, context: Context) -> Verdict:
    """The agent treats a bucket as encrypted only if its default encryption is AES256 or aws:kms.

    A bucket with dual-layer encryption (aws:kms:dsse) counts as unencrypted: with s3EncryptionEnabled on, every session
    that uses the document is refused; with it off, turning it on would have that effect (medium). Since January 2023,
    S3 encrypts every bucket with AES256 by default. A customer managed key is better, because reading the logs then
    also requires permission to use the key.

    Undecided when the algorithm is unknown.

    Reference: Amazon S3 User Guide, "Setting default server-side encryption behavior for Amazon S3 buckets".
    """
    encryption = text_of(bucket.encryption)
    if isinstance(encryption, Absent):
        return Failed(encryption.at, "the bucket has no default encryption")
    if isinstance(encryption, Unknown):
        return Undecided(bucket.origin, encryption, "how the bucket is encrypted is unknown")
    if encryption.value == "AES256" and encryption.defaulted:
        text = "S3 encrypts the bucket with AES256, the default since January 2023"
        return Passed(encryption.at, text)
    return _encrypted(bucket, encryption.value, encryption.at, context)


def _encrypted(bucket: LogBucket, algorithm: str, at: Origin, context: Context) -> Verdict:
    if algorithm in _ENCRYPTIONS:
        return Passed(at, f"objects are encrypted {_ENCRYPTIONS[algorithm]} by default")
    if algorithm != _DSSE:
        return Failed(at, f"the default encryption is {shown(algorithm)}, not AES256 or aws:kms")
    refused = refusing(bucket.used_by, context, lambda each: each.s3_encryption_enabled, "s3EncryptionEnabled")
    if refused:
        return Failed(at, f"the default encryption is {_DSSE}, so sessions are refused", related=refused)
    outcome = "the agent treats the bucket as unencrypted, and refuses sessions if s3EncryptionEnabled is on"
    return Failed(at, f"the default encryption is {_DSSE}: {outcome}", severity=Severity.MEDIUM)


@rule(
    id="S3-03",
    title="Log bucket blocks public access",
    headline="Log bucket can be public",
    severity=Severity.CRITICAL,
    over=log_buckets,
    remedy="log-bucket",
)
def blocks_public_access(bucket: LogBucket, _context: Context) -> Verdict:
    """Transcripts contain everything that operators typed and saw, including secrets, so they must never be public.

    All four settings of the public access block must be on, for the bucket or for its account: two apply to ACLs, two
    to bucket policies.

    Undecided when a setting is unknown, or when the settings are not declared: S3 turns on all four for buckets created
    since April 2023, but older buckets may lack them.

    Reference: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
    """
    flags: dict[str, Value[bool]] = {name: getattr(bucket, name) for name in _FLAGS}
    return conclude(
        bucket.origin,
        (check for name, value in flags.items() for check in _blocked(name, value)),
        passed=Passed(bucket.block_public_acls.at, "all four public access settings are on"),
        undecided="whether public access is blocked is unknown",
    )


def _blocked(name: str, value: Value[bool]) -> Iterator[Check]:
    if isinstance(value, Known) and value.value and value.defaulted:
        detail = f"{name}, which is not declared: S3 turns it on only for buckets created since April 2023"
        yield Unknown(Why.OUT_OF_SCOPE, value.at, detail)
    else:
        yield from unless(flag(value, absent=False), f"{name} is off")


@rule(
    id="S3-04",
    title="Recordings cannot be overwritten without a trace",
    headline="Recordings can be replaced or deleted",
    severity=Severity.MEDIUM,
    over=log_buckets,
    remedy="log-bucket",
)
def keeps_what_is_overwritten(bucket: LogBucket, context: Context) -> Verdict:
    """Without versioning, anyone who can write a log can replace it, and the evidence is lost.

    A lifecycle rule that deletes noncurrent versions early has the same effect: a recording that was overwritten or
    deleted must be kept as long as any other (retention_days_min), unless Object Lock protects it. Object Lock with a
    default retention makes logs write-once; in GOVERNANCE mode, a leaked secret can still be purged. The standard
    `strict` requires Object Lock for as long as recordings must be kept; the default standard requires only versioning.

    Undecided when versioning or such a lifecycle rule is unknown, or when Object Lock is required but unknown.

    Reference: Amazon S3 User Guide, "Locking objects with Object Lock".
    """
    required, least = context.thresholds.object_lock_required, context.thresholds.retention_days_min
    checks = [
        *unless(
            flag(bucket.versioning, absent=False),
            "versioning is not enabled, so a log can be overwritten without a trace",
        ),
        *headed("Old versions of recordings are deleted early", versions_kept(bucket, least)),
    ]
    if required:
        missing = "Object Lock has no default retention, so anyone who can delete object versions can delete a log"
        what = "the default retention of Object Lock"
        checks += expect_at_least(bucket.object_lock_days, max(least, 1), what, missing)
    kept = "versioning is enabled, and Object Lock protects every version" if required else "versioning is enabled"
    passed = Passed(bucket.versioning.at, kept)
    return conclude(bucket.origin, checks, passed=passed, undecided="whether logs can be replaced is unknown")


@rule(
    id="S3-05",
    title="Recordings are kept long enough and then expire",
    headline="Recordings are deleted too early",
    severity=Severity.LOW,
    over=log_buckets,
    remedy="log-bucket",
    follows=("S3-04",),
)
def keeps_recordings_long_enough(bucket: LogBucket, context: Context) -> Verdict:
    """Incidents are often discovered months later; a lifecycle rule that expires logs earlier destroys the evidence.

    Logs that never expire keep secrets and personal data, and incur costs, indefinitely. A recording that was
    overwritten or deleted must be kept as long as any other (S3-04).

    Undecided when a lifecycle rule or its number of days is unknown.

    Reference: Amazon S3 User Guide, "Managing the lifecycle of objects".
    """
    least = context.thresholds.retention_days_min
    days = known_or(mapped(bucket.expiration_days, lambda number: counted(number, "day")), "some time")
    checks: Iterator[Check] = expect_at_least(
        bucket.expiration_days, least, "the expiration of logs", "logs never expire: no lifecycle rule applies to them"
    )
    own = tuple(headed("Recordings never expire", checks) if isinstance(bucket.expiration_days, Absent) else checks)
    verdict = conclude(
        bucket.origin,
        (*own, *versions_kept(bucket, least)),
        passed=Passed(bucket.expiration_days.at, f"logs are kept for {days} and then expire"),
        undecided="how long logs are kept is unknown",
    )
    if isinstance(verdict, Failed) and not any(isinstance(each, Problem) for each in own):
        return replace(verdict, follows=(bucket.noncurrent_days.at,))
    return verdict


@rule(
    id="S3-06",
    title="Log bucket denies requests without TLS",
    headline="Log bucket accepts requests without TLS",
    severity=Severity.MEDIUM,
    over=log_buckets,
    also=(Requirement.SECURE_ACCESS,),
    remedy="log-bucket",
)
def refuses_requests_without_tls(bucket: LogBucket, _context: Context) -> Verdict:
    """S3 also accepts plain HTTP; only a bucket policy prevents transcripts from being sent in clear text.

    The policy needs a statement that denies all principals all S3 actions on the bucket and its objects if
    aws:SecureTransport is false, without any other condition that narrows it. NotPrincipal exempts the principals that
    it names.

    Undecided when the policy, or a statement that may deny these requests, is unknown.

    Reference: Amazon S3 User Guide, "Security best practices for Amazon S3" (enforce encryption of data in transit).
    """
    missing = "no statement of the bucket policy denies all requests without TLS to the bucket and its objects"
    spared = [str(each) for each in spared_from_tls(bucket.statements)]
    if spared:
        missing += f" (NotPrincipal exempts {', '.join(spared)})"
    return conclude(
        bucket.origin,
        wrong(
            bucket.tls_only,
            lambda only: "" if only else missing,
            absent="the bucket has no policy, so it accepts requests without TLS",
        ),
        passed=Passed(bucket.tls_only.at, "the bucket policy denies every request without TLS"),
        undecided="whether requests without TLS are denied is unknown",
    )


@rule(
    id="S3-07",
    title="Bucket policy does not grant broad access",
    headline="Bucket policy grants access to everyone",
    severity=Severity.HIGH,
    over=log_buckets,
    manual="removing permissions from an existing policy can lock out someone who needs them",
)
def bucket_policy_admits_few(bucket: LogBucket, context: Context) -> Verdict:
    """Anyone who can write can forge a recording, and anyone who can read can see every secret that was typed.

    A wildcard principal passes if a condition limits who the callers are (an account or an organization that it names
    in full), or the network that requests come from. A grant to another account as a whole, by its number, its ARN, or
    a condition, lets the administrators of that account decide who gets access; grants to named roles are fine. Grants
    in the ACL fail as well, if object ownership allows ACLs: those to the canonical user of another account, and those
    to everyone or to every AWS account, unless public ACLs are ignored. S3-09 and S3-10 check who can read and write
    by all policies together.

    Undecided when a statement, a principal, or a condition is unknown, when an account ID or a canonical user ID in the
    policy may be that of this account, or when it is unknown whether an ACL that grants access to others takes effect.

    Reference: Amazon S3 User Guide, "Bucket policies for Amazon S3".
    """
    statements, grants = bucket.statements, [*granted_by_acl(bucket)]
    if not statements.items and statements.gap is None and not grants:
        return Passed(bucket.origin, "the bucket has no policy, so only the IAM policies of its account grant access")
    limited = beside_guardrails(statements, context.account)
    return conclude(
        bucket.origin,
        [
            *exposed(open_to_everybody(limited), "the bucket policy grants access to everyone"),
            *headed(
                "Bucket policy admits an entire account",
                exposed(
                    open_to_accounts(limited, context.account.account),
                    "the bucket policy grants access to an entire account",
                ),
            ),
            *headed("Bucket ACL grants broad access", grants),
        ],
        passed=Passed(
            bucket.origin,
            f"the bucket policy does not grant access to everyone or to another account as a whole"
            f"{bounds_told(statements)}",
        ),
        undecided="who the bucket policy grants access to is unknown",
    )


@rule(
    id="S3-08",
    title="Bucket owner owns the recordings",
    headline="ACLs are enabled on the log bucket",
    severity=Severity.MEDIUM,
    over=log_buckets,
    remedy="log-bucket",
)
def owns_its_recordings(bucket: LogBucket, _context: Context) -> Verdict:
    """If ACLs are enabled, the uploader may own a recording, and the auditor may be unable to read it.

    BucketOwnerEnforced disables ACLs; uploads by the agent (bucket-owner-full-control) still work.

    Undecided when the setting is unknown or not declared: S3 applies it to buckets created since April 2023, but older
    buckets may still use ACLs.

    Reference: Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
    """
    ownership, undecided = bucket.ownership, "who owns uploads is unknown"
    if isinstance(ownership, Known) and ownership.defaulted and ownership.value == ENFORCED:
        detail = "object ownership, which is not declared: S3 disables ACLs only on buckets created since April 2023"
        return Undecided(bucket.origin, Unknown(Why.OUT_OF_SCOPE, ownership.at, detail), undecided)
    return conclude(
        bucket.origin,
        expect_text(ownership, ENFORCED, "object ownership"),
        passed=Passed(ownership.at, "ACLs are disabled, and the bucket owner owns every log"),
        undecided=undecided,
    )
