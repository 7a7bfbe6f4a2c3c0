"""Operators may end and resume other people's sessions."""

from tests.rules.builders_people import allow, good, role, staffed

OTHERS = allow(["ssm:TerminateSession", "ssm:ResumeSession"])

ACCOUNT = staffed(
    role(*good(), OTHERS),  # expect: OPER-03 failed medium role/operators
)
