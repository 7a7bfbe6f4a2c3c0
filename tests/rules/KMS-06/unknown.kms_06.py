"""Not all roles are known."""

from tests.rules.builders import gap
from tests.rules.builders_readers import quiet_account
from tests.rules.builders_snapshot import incomplete

ACCOUNT = quiet_account(
    roles=incomplete(gap()),  # expect: KMS-06 undecided key/11111111-2222-3333-4444-555555555555
    # expect: KMS-06 undecided key/22222222-2222-3333-4444-555555555555
    # expect: KMS-06 undecided key/33333333-2222-3333-4444-555555555555
)
