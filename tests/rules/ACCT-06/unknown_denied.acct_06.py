"""Nobody may list the hybrid activations."""

from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    activations=refused("ssm:DescribeActivations"),  # expect: ACCT-06 undecided account
)
