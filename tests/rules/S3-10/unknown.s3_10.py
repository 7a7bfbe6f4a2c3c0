"""Not all roles are known."""

from tests.rules.builders import gap
from tests.rules.builders_readers import allow, quiet_account, role
from tests.rules.builders_snapshot import incomplete

NODE = role("node", allow("kms:Decrypt", "s3:PutObject"), kind="node")

ACCOUNT = quiet_account(
    roles=incomplete(gap(), NODE),  # expect: S3-10 undecided arn:aws:s3:::example-session-logs
)
