"""The preferences alone are allowed, and nothing asks for the access check on nodes."""

from tests.rules.builders_people import CHECKED, NODES, PREFERENCES, TAGGED, allow, role, staffed

ON_NODES = allow(["ssm:StartSession"], NODES, conditions=TAGGED)
UNDER_PREFERENCES = allow(["ssm:StartSession"], [PREFERENCES], conditions=CHECKED)

ACCOUNT = staffed(
    role(ON_NODES, UNDER_PREFERENCES),  # expect: OPER-02 failed low role/operators
)
