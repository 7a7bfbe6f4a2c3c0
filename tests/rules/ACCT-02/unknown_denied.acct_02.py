"""Nobody may see whether the trail is logging."""

from tests.rules.builders_live import trail
from tests.rules.builders_snapshot import denied, partly_read

ACCOUNT = partly_read(
    trails=[trail(logging=denied("cloudtrail:GetTrailStatus"))],  # expect: ACCT-02 undecided account
)
