"""An organization's trail, whose key is the organization's business."""

from tests.rules.builders_live import trail
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    trails=[trail(organization=True, kms_key=None)],  # expect: ACCT-02 passed account
)
