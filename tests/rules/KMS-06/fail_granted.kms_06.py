"""A role may decrypt by grants, and the material of the keys was imported."""

from tests.rules.builders_readers import grant, quiet_account, quiet_keys

GRANTED = quiet_keys(grants=[grant("role/other")], material="EXTERNAL")

ACCOUNT = quiet_account(
    keys=GRANTED,  # expect: KMS-06 failed high key/11111111-2222-3333-4444-555555555555
    # expect: KMS-06 failed high key/22222222-2222-3333-4444-555555555555
    # expect: KMS-06 failed high key/33333333-2222-3333-4444-555555555555
)
