"""Operators may not rewrite the preferences: nothing allows it, or a Deny forbids it."""

from tests.rules.builders_people import allow, deny, role, staffed

WRITES = ["CreateDocument", "UpdateDocument*", "DeleteDocument", "ModifyDocumentPermission", "*ServiceSetting"]
GUARDED = role(allow(["ssm:*"]), deny([f"ssm:{each}" for each in WRITES]), name="guarded")

ACCOUNT = staffed(
    role(),  # expect: OPER-06 passed role/operators
    GUARDED,  # expect: OPER-06 passed role/guarded
)
