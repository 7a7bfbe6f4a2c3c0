"""Operators may start sessions on every node; a condition that holds where there is no tag bounds nothing."""

from tests.rules.builders_people import NODES, allow, role, staffed

ANY = allow(["ssm:StartSession"])
IF_TAGGED = allow(["ssm:StartSession"], NODES, conditions={"StringEqualsIfExists": {"ssm:resourceTag/env": ["dev"]}})
SSO = "AWSReservedSSO_Operators_0123456789abcdef"

ACCOUNT = staffed(
    role(ANY),  # expect: OPER-01 failed high role/operators
    role(IF_TAGGED, name="if-exists"),  # expect: OPER-01 failed high role/if-exists
    role(allow(["*"]), name="admin"),  # expect: OPER-01 not_applicable role/admin
    role(ANY, name=SSO),  # expect: OPER-01 failed high role/AWSReservedSSO_Operators_0123456789abcdef
)
