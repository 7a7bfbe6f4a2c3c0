"""Who reaches a log bucket, and how: S3-06 to S3-08."""

from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.iam.analysis import open_to_accounts, open_to_everybody
from ssm_hardening.model import LogBucket
from ssm_hardening.rules.kit.checks import conclude, expect_text, exposed, wrong
from ssm_hardening.rules.kit.subjects import log_buckets
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Undecided, Verdict

_OWNERSHIP = "BucketOwnerEnforced"


@rule(
    id="S3-06",
    title="Log bucket refuses requests without TLS",
    severity=Severity.MEDIUM,
    over=log_buckets,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
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
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
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
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
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
