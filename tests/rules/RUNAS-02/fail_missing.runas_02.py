"""One of two Linux nodes does not know the default user of Run As."""

from tests.rules.builders_hosts import host, identity, missing
from tests.rules.builders_live import instance, live_preferences
from tests.rules.builders_snapshot import mentioned

WITHOUT = host(2, identities=[identity(), missing("session")])

ACCOUNT = mentioned(
    session_documents=[live_preferences()],
    instances=[instance(1), instance(2)],
    hosts=[host(1), WITHOUT],  # expect: RUNAS-02 failed high document/SSM-SessionManagerRunShell
)
