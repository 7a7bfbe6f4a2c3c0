"""Operators may decrypt recordings by a grant that no policy shows."""

from tests.rules.builders_readers import START, allow, grant, quiet_account, quiet_keys, role

NODE = role("node", allow("kms:Decrypt", "s3:PutObject"), kind="node")
OPERATORS = role("operators", START, allow("kms:GenerateDataKey"), kind="operator")

ACCOUNT = quiet_account(
    NODE,
    OPERATORS,  # expect: KMS-07 failed key/22222222-2222-3333-4444-555555555555
    keys=quiet_keys(grants=[grant("role/operators")])[1:2],
)
