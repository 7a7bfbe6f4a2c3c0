"""The rule that watches the keys has no target."""

from tests.rules.builders_live import event_rule
from tests.rules.builders_snapshot import partly_read

SESSIONS = event_rule("StartSession", "UpdateDocument", "DeleteDocument", "UpdateServiceSetting")
KEYS = event_rule("DisableKey", "ScheduleKeyDeletion", service="kms", targets=[])

ACCOUNT = partly_read(
    event_rules=[SESSIONS, KEYS],  # expect: ACCT-03 failed low account
)
