"""A node, and no preferences: AWS's defaults end no session."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],  # expect: PREF-08 failed low document/SSM-SessionManagerRunShell
    instances=[instance()],
    sessions=[],
)
