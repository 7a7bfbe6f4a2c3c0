"""Three roles read the recordings; no key is handed on."""

from tests.rules.builders_readers import READ, crowd, quiet_account

ACCOUNT = quiet_account(
    *crowd(3, READ),  # expect: KMS-06 passed key/11111111-2222-3333-4444-555555555555
    # expect: KMS-06 passed key/22222222-2222-3333-4444-555555555555
    # expect: KMS-06 passed key/33333333-2222-3333-4444-555555555555
)
