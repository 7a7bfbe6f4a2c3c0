"""Not all roles are known."""

from tests.rules.builders import gap
from tests.rules.builders_readers import quiet_account
from tests.rules.builders_snapshot import incomplete

ACCOUNT = quiet_account(
    roles=incomplete(gap()),  # expect: S3-09 undecided arn:aws:s3:::example-session-logs
    log_groups=[],
    keys=[],
)
