"""Six roles may read the log group, and erase it."""

from tests.rules.builders_readers import ERASE, READ, crowd, quiet_account

ACCOUNT = quiet_account(
    *crowd(6, READ, ERASE),  # expect: CW-04 failed high log-group:/example/sessions
    log_buckets=[],
    keys=[],
)
