"""Nodes decrypt, and operators do no more than start sessions under the key."""

from tests.rules.builders_readers import START, allow, quiet_account, role

NODE = role("node", allow("kms:Decrypt", "s3:PutObject"), kind="node")
OPERATORS = role("operators", START, allow("kms:GenerateDataKey"), kind="operator")

ACCOUNT = quiet_account(
    NODE,
    OPERATORS,  # expect: KMS-07 passed key/11111111-2222-3333-4444-555555555555
    # expect: KMS-07 passed key/22222222-2222-3333-4444-555555555555
    # expect: KMS-07 passed key/33333333-2222-3333-4444-555555555555
)
