"""The default user of Run As may do everything by sudo."""

from tests.rules.builders_hosts import host, identity
from tests.rules.builders_live import instance, live_preferences
from tests.rules.builders_snapshot import mentioned

SESSION = identity("session", sudo=["(ALL) NOPASSWD: ALL"])

ACCOUNT = mentioned(
    session_documents=[live_preferences()],
    instances=[instance()],
    hosts=[host(identities=[SESSION])],  # expect: RUNAS-02 failed high document/SSM-SessionManagerRunShell
)
