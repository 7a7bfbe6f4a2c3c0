"""Operators may start sessions under every document, or under one beside the preferences."""

from tests.rules.builders_live import arn
from tests.rules.builders_people import CHECKED, NODES, TAGGED, allow, role, staffed

SHELL = arn("ssm", "document/Own-Shell")
OWN = role(
    allow(["ssm:StartSession"], [*NODES, SHELL], conditions={**TAGGED, **CHECKED}),
    allow(["ssm:StartSession"], [SHELL], conditions=CHECKED),
    name="own",
)

ACCOUNT = staffed(
    role(allow(["ssm:StartSession"])),  # expect: OPER-02 failed high role/operators
    OWN,  # expect: OPER-02 failed high role/own
)
