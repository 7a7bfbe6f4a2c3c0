"""Public sharing of documents is blocked."""

from tests.rules.builders_live import SHARING, setting
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    settings=[setting(SHARING, "Disable")],  # expect: ACCT-01 passed account
)
