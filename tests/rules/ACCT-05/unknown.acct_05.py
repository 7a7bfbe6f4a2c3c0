"""The history of sessions could be read in part only."""

from tests.rules.builders_live import live_preferences, session
from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    sessions=refused("ssm:DescribeSessions", session()),  # expect: ACCT-05 undecided account
)
