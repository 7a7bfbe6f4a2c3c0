"""AWS's own role for all instances; the tier is the default, and the only activation has expired."""

from tests.rules.builders import known
from tests.rules.builders_live import HOST_ROLE, TIER, activation, setting
from tests.rules.builders_snapshot import partly_read

ACCOUNT = partly_read(
    settings=[
        setting(HOST_ROLE, "AWSSystemsManagerDefaultEC2InstanceManagementRole"),  # expect: ACCT-04 passed account
        setting(TIER, known("standard", defaulted=True)),
    ],
    activations=[activation(expired=True)],
)
