"""Which values of the tag are meant was not read: `*` may be among them."""

from tests.rules.builders import unknown
from tests.rules.builders_people import NODES, allow, role, staffed

LIKE = allow(["ssm:StartSession"], NODES, conditions={"StringLike": {"ssm:resourceTag/env": unknown()}})
EQUALS = allow(["ssm:StartSession"], NODES, conditions={"StringEquals": {"ssm:resourceTag/env": unknown()}})

ACCOUNT = staffed(
    role(LIKE),  # expect: OPER-01 undecided role/operators
    role(EQUALS, name="equals"),  # expect: OPER-01 passed role/equals
)
