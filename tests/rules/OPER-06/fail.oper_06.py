"""Operators may rewrite the preferences that record them; one action is no worse than all of an administrator's."""

from tests.rules.builders_people import PREFERENCES, allow, good, role, staffed

REWRITE = allow(["ssm:UpdateDocument", "ssm:UpdateServiceSetting"])

ACCOUNT = staffed(
    role(*good(), REWRITE),  # expect: OPER-06 failed medium role/operators
    role(allow(["ssm:ResetServiceSetting"]), name="settings"),  # expect: OPER-06 failed medium role/settings
    role(
        allow(["ssm:*Document*"], [PREFERENCES]), name="preferences"
    ),  # expect: OPER-06 failed medium role/preferences
)
