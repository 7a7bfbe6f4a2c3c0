"""Operators may decrypt recordings; with the session key neither they nor the node can work."""

from tests.rules.builders_readers import START, allow, quiet_account, role

NODE = role("node", allow("s3:PutObject"), kind="node")
OPERATORS = role("operators", START, allow("kms:Decrypt"), kind="operator")

ACCOUNT = quiet_account(
    NODE,
    OPERATORS,  # expect: KMS-07 failed key/11111111-2222-3333-4444-555555555555
    # expect: KMS-07 failed key/22222222-2222-3333-4444-555555555555
    # expect: KMS-07 failed key/33333333-2222-3333-4444-555555555555
)
