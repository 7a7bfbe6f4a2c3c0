"""A node, and no preferences: AWS's defaults name no key."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],  # expect: KMS-01 failed low document/SSM-SessionManagerRunShell
    instances=[instance()],
    sessions=[],
)
