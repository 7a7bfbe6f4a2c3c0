"""Sessions, preferences, settings and keys are watched."""

from tests.rules.builders_live import alerting
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    event_rules=alerting(),  # expect: ACCT-03 passed account
)
