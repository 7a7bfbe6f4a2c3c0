"""The log group that the preferences name is there."""

from tests.rules.builders_live import live_group, live_preferences
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    log_groups=[live_group()],  # expect: CW-01 passed document/SSM-SessionManagerRunShell
)
