"""The Linux node knows the default user of Run As; the other node is a Windows machine."""

from tests.rules.builders_hosts import host, windows
from tests.rules.builders_live import instance, live_preferences
from tests.rules.builders_snapshot import mentioned

ACCOUNT = mentioned(
    session_documents=[live_preferences()],
    instances=[instance(1), instance(2)],
    hosts=[host(1), windows(2)],  # expect: RUNAS-02 passed document/SSM-SessionManagerRunShell
)
