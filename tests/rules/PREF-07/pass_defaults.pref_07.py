"""A node, and no preferences: AWS's default ends idle sessions."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],  # expect: PREF-07 passed document/SSM-SessionManagerRunShell
    instances=[instance()],
    sessions=[],
)
