"""No preferences, though there is a node."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],  # expect: PREF-01 failed high account
    instances=[instance()],
    sessions=[],
)
