"""The only activation has let in as many machines as it may."""

from tests.rules.builders_live import HOST_ROLE, TIER, activation, setting
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    settings=[setting(HOST_ROLE, "$None"), setting(TIER, "standard")],  # expect: ACCT-04 passed account
    activations=[activation(used=2, limit=2)],
)
