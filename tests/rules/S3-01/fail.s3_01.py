"""The preferences name a bucket, and the account has none."""

from tests.rules.builders import preferences_document
from tests.rules.builders_live import PREFERENCES
from tests.rules.builders_snapshot import early, unmentioned

GONE = preferences_document(
    address=PREFERENCES,
    s3_bucket="example-gone",
    cloudwatch_log_group=None,
    kms_key=None,
    versions_agree=unmentioned(),
    changed=unmentioned(),
)

ACCOUNT = early(
    session_documents=[GONE],
    log_buckets=[],  # expect: S3-01 failed high document/SSM-SessionManagerRunShell
)
