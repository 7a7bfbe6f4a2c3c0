"""No preferences, and the only node is a Windows machine, which knows no Run As."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],
    instances=[
        instance(platform="Windows"),  # expect: RUNAS-01 not_applicable document/SSM-SessionManagerRunShell
    ],
    sessions=[],
)
