"""Six roles may rewrite the policies of the keys."""

from tests.rules.builders_readers import ERASE, READ, crowd, quiet_account

ACCOUNT = quiet_account(
    *crowd(6, READ, ERASE),  # expect: KMS-06 failed high key/11111111-2222-3333-4444-555555555555
    # expect: KMS-06 failed high key/22222222-2222-3333-4444-555555555555
    # expect: KMS-06 failed high key/33333333-2222-3333-4444-555555555555
)
