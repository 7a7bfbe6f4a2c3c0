"""The bucket that the preferences name was looked for, and does not exist."""

from tests.rules.builders_live import live_bucket, live_preferences
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    log_buckets=[live_bucket(exists=False)],  # expect: S3-01 failed high document/SSM-SessionManagerRunShell
)
