"""No rule of EventBridge watches Session Manager."""

from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    event_rules=[],  # expect: ACCT-03 failed medium account
)
