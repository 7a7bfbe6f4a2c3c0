"""Operators are bounded by tags: by an Allow, by Denies, or by a boundary."""

from tests.rules.builders_live import OWNER
from tests.rules.builders_people import NODES, TAGGED, allow, deny, role, staffed

ANY = allow(["ssm:StartSession"])
GUARDED = role(
    ANY,
    deny(["ssm:StartSession"], ["arn:aws:ssm:*:*:managed-instance/*"]),
    deny(
        ["ssm:StartSession"],
        ["arn:aws:ec2:*:*:instance/*"],
        conditions={"StringNotEquals": {"ssm:resourceTag/env": ["dev"]}},
    ),
    name="guarded",
)
BOUNDED = role(
    ANY,
    name="bounded",
    boundary=f"arn:aws:iam::{OWNER}:policy/b",
    boundary_statements=[allow(["ssm:StartSession"], NODES, conditions=TAGGED)],
)

ACCOUNT = staffed(
    role(),  # expect: OPER-01 passed role/operators
    GUARDED,  # expect: OPER-01 passed role/guarded
    BOUNDED,  # expect: OPER-01 passed role/bounded
)
