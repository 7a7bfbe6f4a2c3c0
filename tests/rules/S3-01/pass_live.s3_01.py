"""The bucket that the preferences name is there."""

from tests.rules.builders_live import live_bucket, live_preferences
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    log_buckets=[live_bucket()],  # expect: S3-01 passed document/SSM-SessionManagerRunShell
)
