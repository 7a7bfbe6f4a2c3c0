"""Operators may rewrite the preferences that record them, and the service settings."""

from tests.rules.builders_people import allow, good, role, staffed

REWRITE = allow(["ssm:UpdateDocument", "ssm:UpdateServiceSetting"])

ACCOUNT = staffed(
    role(*good(), REWRITE),  # expect: OPER-06 failed critical role/operators
)
