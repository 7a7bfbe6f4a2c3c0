"""A resource control policy that keeps strangers out takes from what a bucket policy grants to everyone."""

from tests.rules.builders_live import LOG_BUCKET, bare, live_bucket
from tests.rules.builders_people import allow, control, deny

STRANGERS = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ["o-abcdefghij"]}}
ANYBODY = {"AWS": ["*"]}
OPEN = allow(["s3:GetObject"], principals=ANYBODY)

ACCOUNT = bare(
    log_buckets=[
        live_bucket(address=LOG_BUCKET, statements=[OPEN])
    ],  # expect: S3-07 undecided arn:aws:s3:::example-session-logs
    guardrails=[
        control("Perimeter", deny(["s3:*"], principals=ANYBODY, conditions=STRANGERS), kind="resource"),
    ],
)
