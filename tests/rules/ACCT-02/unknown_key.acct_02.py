"""Everything is as expected but the trail's key, which nobody may see."""

from tests.rules.builders_live import trail
from tests.rules.builders_snapshot import denied, partly_read

ACCOUNT = partly_read(
    trails=[trail(kms_key=denied("cloudtrail:GetTrail"))],  # expect: ACCT-02 undecided account
)
