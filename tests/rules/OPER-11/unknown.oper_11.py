"""Operators may ask for access just in time; one of their policies may not be read."""

from tests.rules.builders_people import allow, partly, role, staffed

ASK = allow(["ssm:StartAccessRequest"])
GRANTED = allow(["ssm:StartSession"], conditions={"StringLike": {"ssm:AccessRequestId": "*"}})

ACCOUNT = staffed(
    role(statements=partly(GRANTED, ASK)),  # expect: OPER-11 undecided role/operators
)
