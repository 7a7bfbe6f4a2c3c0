"""Every instance gets a role of administrators by default."""

from tests.rules.builders_live import HOST_ROLE, TIER, setting
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    settings=[
        setting(HOST_ROLE, "Administrator"),  # expect: ACCT-04 failed medium account
        setting(TIER, "advanced"),
    ],
    activations=[],
)
