"""Operators may ask for access just in time; one of their policies may not be read."""

from tests.rules.builders_people import allow, good, partly, role, staffed

ASK = allow(["ssm:StartAccessRequest"])

ACCOUNT = staffed(
    role(statements=partly(*good(), ASK)),  # expect: OPER-11 undecided role/operators
)
