"""A stack owns the preferences, and a person changed them by hand."""

from tests.rules.builders_live import OWNER, live_preferences, ownership, written
from tests.rules.builders_snapshot import partly_read

BY_HAND = written(2, principal=f"arn:aws:iam::{OWNER}:user/sam")

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    owners=[ownership()],
    document_events=[written(1), BY_HAND],  # expect: ACCT-07 failed medium document/SSM-SessionManagerRunShell
)
