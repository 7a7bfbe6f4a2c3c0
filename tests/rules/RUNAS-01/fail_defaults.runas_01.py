"""A Linux node, and no preferences: by AWS's defaults every session is ssm-user's."""

from tests.rules.builders_live import instance
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[],  # expect: RUNAS-01 failed medium document/SSM-SessionManagerRunShell
    instances=[instance()],
    sessions=[],
)
