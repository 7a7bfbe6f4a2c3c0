"""Nobody may look up who wrote the preferences."""

from tests.rules.builders_live import live_preferences, ownership
from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    owners=[ownership()],
    document_events=refused("cloudtrail:LookupEvents"),  # expect: ACCT-07 undecided document/SSM-SessionManagerRunShell
)
