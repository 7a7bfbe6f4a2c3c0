"""A function of another account gets a copy of everything in the log group."""

from tests.rules.builders_live import live_group
from tests.rules.builders_readers import quiet_account

COPY = "arn:aws:lambda:ap-southeast-2:444455556666:function:copy"

ACCOUNT = quiet_account(
    log_buckets=[],
    log_groups=[live_group(copied_to=[COPY])],  # expect: CW-04 failed high log-group:/example/sessions
    keys=[],
)
