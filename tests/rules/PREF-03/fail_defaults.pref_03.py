"""A node, and no preferences: AWS's defaults record nothing."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],  # expect: PREF-03 failed high document/SSM-SessionManagerRunShell
    instances=[instance()],
    sessions=[],
)
