"""Not all statements of the operators' role are known."""

from tests.rules.builders import gap
from tests.rules.builders_readers import START, allow, quiet_account, role
from tests.rules.builders_snapshot import incomplete

NODE = role("node", allow("kms:Decrypt", "s3:PutObject"), kind="node")
OPERATORS = role("operators", statements=incomplete(gap(), START), kind="operator")

ACCOUNT = quiet_account(
    NODE,
    OPERATORS,  # expect: KMS-07 undecided key/11111111-2222-3333-4444-555555555555
    # expect: KMS-07 undecided key/22222222-2222-3333-4444-555555555555
    # expect: KMS-07 undecided key/33333333-2222-3333-4444-555555555555
)
