"""Operators may ask for access just in time, and need not: a policy that may not be read could only deny it."""

from tests.rules.builders_people import allow, good, partly, role, staffed

ASK = allow(["ssm:StartAccessRequest"])

ACCOUNT = staffed(
    role(statements=partly(*good(), ASK)),  # expect: OPER-11 failed role/operators
)
