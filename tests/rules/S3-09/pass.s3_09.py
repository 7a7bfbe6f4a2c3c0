"""Three roles may read the recordings in the bucket, and nothing copies them."""

from tests.rules.builders_readers import READ, crowd, quiet_account

ACCOUNT = quiet_account(
    *crowd(3, READ),  # expect: S3-09 passed arn:aws:s3:::example-session-logs
    log_groups=[],
    keys=[],
)
