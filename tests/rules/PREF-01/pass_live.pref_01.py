"""The preferences are there."""

from tests.rules.builders_live import live_preferences
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],  # expect: PREF-01 passed account
)
