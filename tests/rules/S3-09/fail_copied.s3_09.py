"""The bucket is replicated, and an access point opens it."""

from tests.rules.builders_live import live_bucket
from tests.rules.builders_readers import quiet_account

COPIED = live_bucket(replicates_to=["arn:aws:s3:::example-copy"], access_points=["example"])

ACCOUNT = quiet_account(
    log_buckets=[COPIED],  # expect: S3-09 failed high arn:aws:s3:::example-session-logs
    log_groups=[],
    keys=[],
)
