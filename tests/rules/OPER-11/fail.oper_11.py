"""Operators may ask for access just in time, and need not."""

from tests.rules.builders_people import allow, good, role, staffed

ASK = allow(["ssm:StartAccessRequest"])

ACCOUNT = staffed(
    role(*good(), ASK),  # expect: OPER-11 failed medium role/operators
)
