"""Two short sessions, both recorded."""

from tests.rules.builders_live import live_preferences, session
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    sessions=[session(1), session(2)],  # expect: ACCT-05 passed account
)
