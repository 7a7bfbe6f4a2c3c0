"""Operators may open tunnels, which leave no recording."""

from tests.rules.builders_people import allow, good, role, staffed

TUNNELS = [f"arn:aws:ssm:*::document/AWS-Start{kind}Session" for kind in ("PortForwarding", "SSH")]

ACCOUNT = staffed(
    role(*good(), allow(["ssm:StartSession"], TUNNELS)),  # expect: OPER-04 failed medium role/operators
)
