"""A node only needs to have the tag, whatever its value: a condition on all tagged nodes limits nothing."""

from tests.rules.builders_people import NODES, allow, deny, role, staffed

TAG = "ssm:resourceTag/env"


TAGGED = deny(["ssm:StartSession"], conditions={"Null": {"ssm:resourceTag/locked": ["false"]}})
REFUSED = deny(["ssm:StartSession"], conditions={"StringNotLike": {TAG: ["*"]}})
NULL = allow(["ssm:StartSession"], NODES, conditions={"Null": {"aws:ResourceTag/env": ["false"]}})
STAR = allow(["ssm:StartSession"], NODES, conditions={"StringLike": {TAG: ["*"]}})
SIGN = allow(["ssm:StartSession"], NODES, conditions={"StringLike": {TAG: ["?*"]}})
NOT = {"Null": {TAG: ["false"]}, "StringNotEquals": {TAG: ["prod"]}}

ACCOUNT = staffed(
    role(NULL, name="null"),  # expect: OPER-01 failed high role/null
    role(STAR, name="star"),  # expect: OPER-01 failed high role/star
    role(SIGN, name="sign"),  # expect: OPER-01 failed high role/sign
    role(allow(["ssm:StartSession"], conditions=NOT), name="not"),  # expect: OPER-01 failed high role/not
    role(NULL, TAGGED, name="some"),  # expect: OPER-01 failed high role/some
    role(allow(["ssm:StartSession"]), REFUSED, name="refused"),  # expect: OPER-01 failed high role/refused
)
