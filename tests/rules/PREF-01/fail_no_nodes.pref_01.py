"""No preferences, and nobody to use them: no node, no session."""

from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],  # expect: PREF-01 failed low account
    instances=[],
    sessions=[],
)
