"""Five roles may read the bucket; a sixth may under a condition that is not known."""

from tests.rules.builders import unknown
from tests.rules.builders_readers import READ, allow, crowd, quiet_account, role

PERHAPS = role("other", allow("s3:*", conditions=unknown()))

ACCOUNT = quiet_account(
    *crowd(5, READ),
    PERHAPS,  # expect: S3-09 undecided arn:aws:s3:::example-session-logs
    log_groups=[],
    keys=[],
)
