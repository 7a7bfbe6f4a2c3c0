"""The key that the preferences name does not exist."""

from tests.rules.builders import key
from tests.rules.builders_live import KEYS, PREFERENCES, live_preferences
from tests.rules.builders_snapshot import partly_read

SESSION_KEY = key(address=KEYS["session"], used_by=[PREFERENCES], exists=False)

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    keys=[SESSION_KEY],  # expect: KMS-01 failed high document/SSM-SessionManagerRunShell
)
