"""Operators have more than a session needs, or may be assumed without MFA."""

from tests.rules.builders_people import allow, good, role, staffed, trust

MORE = allow(["s3:*", "logs:*", "kms:*"])

ACCOUNT = staffed(
    role(*good(), MORE),  # expect: OPER-08 failed medium role/operators
    role(name="weak", trust=[trust(conditions=None)]),  # expect: OPER-08 failed medium role/weak
)
