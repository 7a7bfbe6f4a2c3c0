"""A session from before the preferences changed, one under a document that is gone, and a history read in part."""

from tests.rules.builders_live import NOWHERE, live_preferences, session
from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    session_documents=[live_preferences(changed="2025-04-10T00:00:00+00:00")],
    sessions=refused(
        "ssm:DescribeSessions",  # expect: REC-01 undecided account
        session(1, **NOWHERE),  # expect: REC-01 undecided alex-00000000000000001
        session(2, document="Example-Gone", **NOWHERE),  # expect: REC-01 undecided alex-00000000000000002
    ),
)
