"""Nobody may read the service settings."""

from tests.rules.builders_snapshot import partly_read, refused

ACCOUNT = partly_read(
    settings=refused("ssm:GetServiceSetting"),  # expect: ACCT-01 undecided account
)
