"""One stack owns the preferences, and only its deployer writes them."""

from tests.rules.builders_live import live_preferences, ownership, written
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    owners=[ownership()],  # expect: ACCT-07 passed document/SSM-SessionManagerRunShell
    document_events=[written(1), written(2)],
)
