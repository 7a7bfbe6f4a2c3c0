"""Not all roles are known."""

from tests.rules.builders import gap
from tests.rules.builders_readers import quiet_account
from tests.rules.builders_snapshot import incomplete

ACCOUNT = quiet_account(
    roles=incomplete(gap()),  # expect: CW-04 undecided log-group:/example/sessions
    log_buckets=[],
    keys=[],
)
