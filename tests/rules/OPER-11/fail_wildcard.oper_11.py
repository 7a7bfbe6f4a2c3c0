"""Somebody asks for access just in time, and a wildcard lets others in without asking."""

from tests.rules.builders_people import allow, good, role, staffed

ASK = allow(["ssm:StartAccessRequest"])
WILDCARD = allow(["ssm:*"])

ACCOUNT = staffed(
    role(*good(), ASK, name="asks"),  # expect: OPER-11 failed role/asks
    role(WILDCARD, name="builders"),  # expect: OPER-11 failed role/builders
)
