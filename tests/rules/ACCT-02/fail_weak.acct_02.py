"""The trail of management events does not validate its files; the other trail records none."""

from tests.rules.builders_live import arn, trail
from tests.rules.builders_snapshot import partly_read

DATA = trail(address=arn("cloudtrail", "trail/data"), name="data", management_events="None")

ACCOUNT = partly_read(
    trails=[trail(validation=False), DATA],  # expect: ACCT-02 failed medium account
)
