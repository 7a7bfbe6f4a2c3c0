"""A hybrid activation is open for 97 more machines."""

from tests.rules.builders_live import activation
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    activations=[
        activation(used=3, limit=100),  # expect: ACCT-06 failed high 11111111-aaaa-bbbb-cccc-222222222222
    ],
)
