"""Operators may use the preferences alone, or no document of AWS's that starts sessions."""

from tests.rules.builders_people import allow, deny, role, staffed

GUARDED = role(
    allow(["ssm:StartSession"]),
    deny(["ssm:StartSession"], ["arn:aws:ssm:*:*:document/AWS-Start*"]),
    name="guarded",
)

ACCOUNT = staffed(
    role(),  # expect: OPER-04 passed role/operators
    GUARDED,  # expect: OPER-04 passed role/guarded
)
