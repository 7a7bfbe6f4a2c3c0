"""The bucket sessions are recorded in, its settings, and who reaches it by its policy: S3-01 to S3-08."""

from collections.abc import Iterator

from ssm_hardening.core.logic import flag, known_or, mapped, text_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Unknown, Value, Why
from ssm_hardening.iam.analysis import open_to_accounts, open_to_everybody
from ssm_hardening.model import LogBucket, SessionDocument
from ssm_hardening.rules.kit.checks import Check, conclude, expect_at_least, expect_text, exposed, shown, unless, wrong
from ssm_hardening.rules.kit.subjects import log_buckets, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.stores.stores import judge_store, refusing
from ssm_hardening.verdicts.findings import Failed, Passed, Requirement, Severity, Undecided, Verdict

_ENCRYPTIONS = {"AES256": "with keys of S3's own (AES256)", "aws:kms": "with KMS (aws:kms)"}
_DSSE = "aws:kms:dsse"
_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


@rule(
    id="S3-01",
    title="Log bucket exists in the expected account",
    severity=Severity.HIGH,
    over=session_documents,
    manual="whether the name is wrong or the bucket belongs to other code is known to its owner",
)
def names_a_bucket_that_exists(document: SessionDocument, context: Context) -> Verdict:
    """Bucket names are global: a name that nobody holds can be claimed by a stranger, who then receives the sessions.

    A document that names a bucket which is gone leaves sessions unrecorded, or refuses them where encryption is
    enforced. A bucket that is declared beside the document is known to be one's own.

    It cannot tell where the name is not known, or where code names a bucket that is declared elsewhere: add the path
    that declares it, or audit the account live.

    Reference: AWS Systems Manager User Guide, "Logging session data using Amazon S3".
    """
    return judge_store(document, document.s3_bucket, context.account.log_buckets, context, "bucket")


@rule(
    id="S3-02",
    title="Log bucket is encrypted in a way sessions accept",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=log_buckets,
    remedy="log-bucket",
)
def is_encrypted_for_sessions(bucket: LogBucket, context: Context) -> Verdict:
    """The agent takes a bucket for encrypted only where its default is AES256 or aws:kms.

    A bucket with dual-layer encryption (aws:kms:dsse) counts as unencrypted: with s3EncryptionEnabled on, every session
    that uses the document is refused; with it off, that is what comes of switching it on (medium). S3 itself encrypts
    every bucket with AES256 since January 2023; a customer key is better, since reading the logs then takes a right to
    the key as well.

    It cannot tell where the algorithm is not known.

    Reference: Amazon S3 User Guide, "Setting default server-side encryption behavior for Amazon S3 buckets".
    """
    encryption = text_of(bucket.encryption)
    if isinstance(encryption, Absent):
        return Failed(encryption.at, "the bucket has no default encryption")
    if isinstance(encryption, Unknown):
        return Undecided(bucket.origin, encryption, "how the bucket is encrypted cannot be told")
    if encryption.value == "AES256" and encryption.defaulted:
        text = "S3 encrypts every bucket with AES256 since January 2023, where nobody says otherwise"
        return Passed(encryption.at, text)
    return _encrypted(bucket, encryption.value, encryption.at, context)


def _encrypted(bucket: LogBucket, algorithm: str, at: Origin, context: Context) -> Verdict:
    if algorithm in _ENCRYPTIONS:
        return Passed(at, f"objects are encrypted {_ENCRYPTIONS[algorithm]} by default")
    if algorithm != _DSSE:
        return Failed(at, f"the default encryption is {shown(algorithm)}, which is neither AES256 nor aws:kms")
    refused = refusing(bucket.used_by, context, lambda each: each.s3_encryption_enabled, "s3EncryptionEnabled")
    if refused:
        return Failed(at, f"the default encryption is {_DSSE}: sessions would be refused", related=refused)
    outcome = "the agent takes the bucket for unencrypted, and refuses sessions where s3EncryptionEnabled is on"
    return Failed(at, f"the default encryption is {_DSSE}: {outcome}", severity=Severity.MEDIUM)


@rule(
    id="S3-03",
    title="Log bucket blocks public access",
    severity=Severity.CRITICAL,
    over=log_buckets,
    remedy="log-bucket",
)
def blocks_public_access(bucket: LogBucket, _context: Context) -> Verdict:
    """Transcripts hold whatever operators typed and saw, secrets included, so nobody outside may list or read them.

    All four switches of the bucket's public access block have to be on: two against ACLs, two against policies.

    It cannot tell where a switch is not known, or where nobody declares them: S3 sets all four on buckets created since
    April 2023, and older buckets may lack them.

    Reference: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
    """
    flags: dict[str, Value[bool]] = {name: getattr(bucket, name) for name in _FLAGS}
    return conclude(
        bucket.origin,
        (check for name, value in flags.items() for check in _blocked(name, value)),
        passed=Passed(bucket.block_public_acls.at, "all four public-access switches are on"),
        undecided="whether public access is blocked cannot be told",
    )


def _blocked(name: str, value: Value[bool]) -> Iterator[Check]:
    if isinstance(value, Known) and value.value and value.defaulted:
        detail = f"{name} is not declared; S3 sets it on buckets created since April 2023, older ones may lack it"
        yield Unknown(Why.OUT_OF_SCOPE, value.at, detail)
    else:
        yield from unless(flag(value, absent=False), f"{name} is off")


@rule(
    id="S3-04",
    title="Recordings cannot be overwritten unnoticed",
    severity=Severity.MEDIUM,
    over=log_buckets,
    remedy="log-bucket",
)
def keeps_what_is_overwritten(bucket: LogBucket, context: Context) -> Verdict:
    """Without versioning, whoever may write a log may replace it, and the evidence is gone.

    Object Lock with a default retention (GOVERNANCE: a leaked secret can still be purged) makes logs write-once. It is
    asked for by the standard `strict`; the default standard asks for versioning.

    It cannot tell where versioning, or where it is asked for the lock, is not known.

    Reference: Amazon S3 User Guide, "Locking objects with Object Lock".
    """
    required = context.thresholds.object_lock_required
    checks = [
        *unless(
            flag(bucket.versioning, absent=False), "versioning is not enabled: a log can be overwritten without a trace"
        )
    ]
    if required:
        missing = "Object Lock has no default retention: whoever may delete a version may delete a log"
        checks += expect_at_least(bucket.object_lock_days, 1, "the default retention of Object Lock", missing)
    kept = "versioning is enabled, and Object Lock keeps every version" if required else "versioning is enabled"
    passed = Passed(bucket.versioning.at, kept)
    return conclude(bucket.origin, checks, passed=passed, undecided="whether logs can be replaced cannot be told")


@rule(
    id="S3-05",
    title="Recordings are kept long enough, and then expire",
    severity=Severity.LOW,
    over=log_buckets,
    remedy="log-bucket",
)
def keeps_recordings_long_enough(bucket: LogBucket, context: Context) -> Verdict:
    """An incident is often found months later; a lifecycle rule that expires logs sooner destroys the evidence.

    Logs that never expire are hygiene: they hold secrets and personal data, and cost money, without end.

    It cannot tell where a lifecycle rule, or the days it counts, are not known.

    Reference: Amazon S3 User Guide, "Managing the lifecycle of objects".
    """
    least = context.thresholds.retention_days_min
    days = known_or(mapped(bucket.expiration_days, "{} days".format), "for a time")
    checks: Iterator[Check] = expect_at_least(
        bucket.expiration_days, least, "the expiry of logs", "logs never expire: no lifecycle rule reaches them"
    )
    return conclude(
        bucket.origin,
        checks,
        passed=Passed(bucket.expiration_days.at, f"logs are kept {days} and then expire"),
        undecided="how long logs are kept cannot be told",
    )


_OWNERSHIP = "BucketOwnerEnforced"


@rule(
    id="S3-06",
    title="Log bucket refuses requests without TLS",
    severity=Severity.MEDIUM,
    over=log_buckets,
    also=(Requirement.SECURE_ACCESS,),
    remedy="log-bucket",
)
def refuses_requests_without_tls(bucket: LogBucket, _context: Context) -> Verdict:
    """S3 answers plain HTTP as well; only the bucket's policy keeps transcripts from crossing a network in clear.

    Asked for is a statement that denies everybody every S3 action on the bucket and its objects where
    aws:SecureTransport is false, without a further condition that narrows it.

    It cannot tell where the policy, or a statement that may hold this, is not known.

    Reference: Amazon S3 User Guide, "Security best practices for Amazon S3" (enforce encryption of data in transit).
    """
    missing = "no statement denies all requests without TLS on the bucket and its objects"
    return conclude(
        bucket.origin,
        wrong(
            bucket.tls_only,
            lambda only: "" if only else missing,
            absent="the bucket has no policy, so requests without TLS are answered",
        ),
        passed=Passed(bucket.tls_only.at, "the bucket policy denies every request without TLS"),
        undecided="whether requests without TLS are refused cannot be told",
    )


@rule(
    id="S3-07",
    title="Bucket policy admits neither everybody nor whole other accounts",
    severity=Severity.HIGH,
    over=log_buckets,
    manual="taking rights out of an existing policy may cut off somebody who needs them",
)
def bucket_policy_admits_few(bucket: LogBucket, context: Context) -> Verdict:
    """Whoever may write can forge a record, and whoever may read has every secret that was typed.

    A wildcard principal that a condition ties to an account, an organization or a network is bounded and passes.
    Another account as a whole leaves it to that account's administrators who writes; roles by name are fine. Only
    the bucket's own policy is judged: S3-09 and S3-10 ask who reads and writes by all policies together.

    It cannot tell where a statement, a principal or a condition is not known, or whether an account named by its number
    is this one.

    Reference: Amazon S3 User Guide, "Bucket policies for Amazon S3".
    """
    statements = bucket.statements
    if not statements.items and statements.gap is None:
        return Passed(bucket.origin, "the bucket has no policy: IAM policies of its own account decide")
    return conclude(
        bucket.origin,
        [
            *exposed(open_to_everybody(statements), "the bucket policy admits everybody"),
            *exposed(open_to_accounts(statements, context.account.account), "the bucket policy admits a whole account"),
        ],
        passed=Passed(bucket.origin, "the bucket policy admits neither everybody nor another account as a whole"),
        undecided="whom the bucket policy admits cannot be told",
    )


@rule(
    id="S3-08",
    title="Bucket owner owns the recordings",
    severity=Severity.MEDIUM,
    over=log_buckets,
    remedy="log-bucket",
)
def owns_its_recordings(bucket: LogBucket, _context: Context) -> Verdict:
    """With ACLs in force an upload may belong to the uploader, and the auditor cannot read it.

    BucketOwnerEnforced switches ACLs off; the agent's uploads (bucket-owner-full-control) are accepted as before.

    It cannot tell where the setting is not known, or where nobody declares it: S3 sets it on buckets created since
    April 2023, and older buckets may keep ACLs.

    Reference: Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
    """
    ownership, undecided = bucket.ownership, "who owns uploads cannot be told"
    if isinstance(ownership, Known) and ownership.defaulted and ownership.value == _OWNERSHIP:
        detail = "object ownership is not declared; S3 sets it on buckets created since April 2023, not on older ones"
        return Undecided(bucket.origin, Unknown(Why.OUT_OF_SCOPE, ownership.at, detail), undecided)
    return conclude(
        bucket.origin,
        expect_text(ownership, _OWNERSHIP, "object ownership"),
        passed=Passed(ownership.at, "ACLs are off and the bucket owner owns every log"),
        undecided=undecided,
    )
