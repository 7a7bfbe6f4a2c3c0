"""Nobody may see whether the log group is there."""

from tests.rules.builders_live import live_group, live_preferences
from tests.rules.builders_snapshot import denied, partly_read

THERE = denied("logs:DescribeLogGroups")

ACCOUNT = partly_read(
    session_documents=[live_preferences()],
    log_groups=[live_group(exists=THERE)],  # expect: CW-01 undecided document/SSM-SessionManagerRunShell
)
