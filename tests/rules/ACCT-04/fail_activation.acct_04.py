"""A hybrid activation is open, and the standard expects none."""

from tests.rules.builders_live import HOST_ROLE, TIER, activation, setting
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    settings=[setting(HOST_ROLE, "$None"), setting(TIER, "standard")],
    activations=[activation()],  # expect: ACCT-04 failed low account
)
