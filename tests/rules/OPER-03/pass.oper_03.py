"""Operators may end and resume their own sessions alone."""

from tests.rules.builders_live import OWNER
from tests.rules.builders_people import allow, group, role, staffed

NAMED = allow(["ssm:TerminateSession", "ssm:ResumeSession"], [f"arn:aws:ssm:*:{OWNER}:session/${{aws:username}}-*"])
ACCOUNT = staffed(
    role(),  # expect: OPER-03 passed role/operators
    groups=[group(allow(["ssm:StartSession"]), NAMED)],  # expect: OPER-03 passed group/staff
)
