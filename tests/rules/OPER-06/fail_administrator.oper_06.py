"""Administrators may rewrite the preferences that record them."""

from tests.rules.builders_people import allow, role, staffed

EVERYTHING = allow(["*"])
SSO = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"

ACCOUNT = staffed(
    role(EVERYTHING, name="admin"),  # expect: OPER-06 failed medium role/admin
    role(
        EVERYTHING,
        name=SSO,  # expect: OPER-06 failed medium role/AWSReservedSSO_AdministratorAccess_0123456789abcdef
    ),
)
