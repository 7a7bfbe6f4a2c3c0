"""A stack and the Landing Zone Accelerator both claim the preferences."""

from tests.rules.builders_live import live_preferences, ownership
from tests.rules.builders_snapshot import partly_read

ACCELERATOR = ownership("landing_zone_accelerator", "AWSAccelerator-Logging")

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    owners=[ownership(), ACCELERATOR],  # expect: ACCT-07 failed medium document/SSM-SessionManagerRunShell
    document_events=[],
)
