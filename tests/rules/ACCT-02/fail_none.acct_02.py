"""The account has no trail."""

from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    trails=[],  # expect: ACCT-02 failed high account
)
