"""Nobody may see whether the bucket is there."""

from tests.rules.builders_live import live_bucket, live_preferences
from tests.rules.builders_snapshot import denied, partly_read

THERE = denied("s3:HeadBucket")

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    log_buckets=[live_bucket(exists=THERE)],  # expect: S3-01 undecided document/SSM-SessionManagerRunShell
)
