"""Operators may start sessions on every node from certain networks: that bounds no node for one's own people."""

from tests.rules.builders_people import allow, deny, role, staffed

START = ["ssm:StartSession"]
NETWORK = {"aws:SourceVpce": ["vpce-0123456789abcdef0"]}

ACCOUNT = staffed(
    role(allow(START, conditions={"StringEquals": NETWORK})),  # expect: OPER-01 failed high role/operators
    role(  # expect: OPER-01 failed high role/denied
        allow(START), deny(START, conditions={"StringNotEquals": NETWORK}), name="denied"
    ),
)
