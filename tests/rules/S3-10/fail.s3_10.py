"""Seven more roles than the node's may write into the bucket."""

from tests.rules.builders_readers import allow, crowd, quiet_account, role

NODE = role("node", allow("kms:Decrypt", "s3:PutObject"), kind="node")

ACCOUNT = quiet_account(
    NODE,
    *crowd(7, allow("s3:PutObject")),  # expect: S3-10 failed arn:aws:s3:::example-session-logs
)
