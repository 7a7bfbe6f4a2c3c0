"""No tag and no event says who owns the preferences."""

from tests.rules.builders_live import live_preferences, ownership
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    owners=[ownership(None, None)],  # expect: ACCT-07 undecided document/SSM-SessionManagerRunShell
    document_events=[],
)
