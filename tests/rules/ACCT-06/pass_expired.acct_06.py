"""One activation has expired, the other is for a few machines."""

from tests.rules.builders_live import activation
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    activations=[
        activation(expired=True, limit=100),  # expect: ACCT-06 not_applicable 11111111-aaaa-bbbb-cccc-222222222222
        activation(
            address="22222222-aaaa-bbbb-cccc-222222222222",
            limit=5,  # expect: ACCT-06 passed 22222222-aaaa-bbbb-cccc-222222222222
        ),
    ],
)
