"""Operators may run commands past their sessions, under any document or under one of their own."""

from tests.rules.builders_live import arn
from tests.rules.builders_people import NODES, allow, good, role, staffed

PAST = allow(["ssm:SendCommand", "ssm:StartAutomationExecution"])
OWN = role(
    allow(["ssm:SendCommand"], NODES),
    allow(["ssm:SendCommand"], [arn("ssm", "document/Own-Command")]),
    name="own",
)

ACCOUNT = staffed(
    role(*good(), PAST),  # expect: OPER-05 failed high role/operators
    OWN,  # expect: OPER-05 failed high role/own
)
