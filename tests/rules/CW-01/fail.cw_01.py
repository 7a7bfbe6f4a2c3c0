"""The preferences name a log group, and the account has none."""

from tests.rules.builders import preferences_document
from tests.rules.builders_live import PREFERENCES
from tests.rules.builders_snapshot import early, unmentioned

GONE = preferences_document(
    address=PREFERENCES,
    s3_bucket=None,
    cloudwatch_log_group="/example/gone",
    kms_key=None,
    versions_agree=unmentioned(),
    changed=unmentioned(),
)

ACCOUNT = early(
    session_documents=[GONE],
    log_groups=[],  # expect: CW-01 failed high document/SSM-SessionManagerRunShell
)
