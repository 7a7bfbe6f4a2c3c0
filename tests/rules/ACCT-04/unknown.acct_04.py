"""Nobody may list the hybrid activations, while roles and tier are as expected."""

from tests.rules.builders_live import HOST_ROLE, TIER, setting
from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    settings=[setting(HOST_ROLE, "$None"), setting(TIER, "standard")],
    activations=refused("ssm:DescribeActivations"),  # expect: ACCT-04 undecided account
)
