"""One session was a tunnel, another stayed open for a day."""

from tests.rules.builders_live import live_preferences, session
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    sessions=[
        session(1),
        session(2, document="AWS-StartPortForwardingSession", recording_object=None, recording_stream=None),
        session(3, ended="2025-04-02T08:00:00+00:00"),  # expect: ACCT-05 failed medium account
    ],
)
