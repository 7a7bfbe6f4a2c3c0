"""A session was recorded in the bucket, the only store that the preferences name."""

from tests.rules.builders_live import live_preferences, session
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences(cloudwatch_log_group=None)],
    sessions=[session(recording_stream=None)],  # expect: REC-01 passed alex-00000000000000001
)
