"""The log group that the preferences name was looked for, and does not exist."""

from tests.rules.builders_live import live_group, live_preferences
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    log_groups=[live_group(exists=False)],  # expect: CW-01 failed high document/SSM-SessionManagerRunShell
)
