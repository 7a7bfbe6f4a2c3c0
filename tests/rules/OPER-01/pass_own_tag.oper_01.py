"""Sessions are bounded by values of tags: by a pattern, or by the tag of the caller, with or without its presence."""

from tests.rules.builders_people import NODES, allow, role, staffed

TAG = "aws:ResourceTag/team"
OWN = {"StringEquals": {TAG: ["${aws:PrincipalTag/team}"]}}
PATTERN = allow(["ssm:StartSession"], NODES, conditions={"StringLike": {TAG: ["web-*"]}})
LITERAL = allow(["ssm:StartSession"], NODES, conditions={"StringEquals": {TAG: ["*"]}})
MINE = allow(["ssm:StartSession"], NODES, conditions=OWN)
THERE = allow(["ssm:StartSession"], NODES, conditions={**OWN, "Null": {TAG: ["false"]}})

ACCOUNT = staffed(
    role(PATTERN, name="pattern"),  # expect: OPER-01 passed role/pattern
    role(MINE, name="own", tags={"team": "web"}),  # expect: OPER-01 passed role/own
    role(MINE, name="session-tag"),  # expect: OPER-01 passed role/session-tag
    role(THERE, name="there"),  # expect: OPER-01 passed role/there
    role(LITERAL, name="literal"),  # expect: OPER-01 passed role/literal
)
