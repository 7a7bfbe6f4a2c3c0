"""Operators may update the agent, and run nothing else past their sessions."""

from tests.rules.builders_people import NODES, allow, good, role, staffed

UPDATE = allow(["ssm:SendCommand"], ["arn:aws:ssm:*::document/AWS-UpdateSSMAgent"])

ACCOUNT = staffed(
    role(*good(), allow(["ssm:SendCommand"], NODES), UPDATE),  # expect: OPER-05 passed role/operators
)
