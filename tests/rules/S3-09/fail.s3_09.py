"""Six roles may read the recordings in the bucket."""

from tests.rules.builders_readers import ERASE, READ, crowd, quiet_account

ACCOUNT = quiet_account(
    *crowd(6, READ, ERASE),  # expect: S3-09 failed high arn:aws:s3:::example-session-logs
    log_groups=[],
    keys=[],
)
