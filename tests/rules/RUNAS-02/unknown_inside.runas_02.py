"""The node was not asked for the default user of Run As."""

from tests.rules.builders_hosts import host, identity
from tests.rules.builders_live import instance, live_preferences
from tests.rules.builders_snapshot import mentioned

ACCOUNT = mentioned(
    session_documents=[live_preferences()],
    instances=[instance()],
    hosts=[host(identities=[identity()])],  # expect: RUNAS-02 undecided document/SSM-SessionManagerRunShell
)
