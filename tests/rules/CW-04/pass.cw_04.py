"""Three roles may read the log group, nobody may erase it, and nothing copies it."""

from tests.rules.builders_readers import READ, crowd, quiet_account

ACCOUNT = quiet_account(
    *crowd(3, READ),  # expect: CW-04 passed log-group:/example/sessions
    log_buckets=[],
    keys=[],
)
