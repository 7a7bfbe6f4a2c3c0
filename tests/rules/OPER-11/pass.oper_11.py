"""Operators must ask for access just in time: nothing else lets them in."""

from tests.rules.builders_people import allow, role, staffed

ASK = ["ssm:StartAccessRequest"]
WITH_TOKEN = allow(["ssm:StartSession"], conditions={"Null": {"ssm:AccessRequestId": ["false"]}})

ACCOUNT = staffed(
    role(allow([*ASK, "ssm:GetAccessToken"]), kind="other"),  # expect: OPER-11 passed role/operators
    role(allow(ASK), WITH_TOKEN, name="bound"),  # expect: OPER-11 passed role/bound
)
