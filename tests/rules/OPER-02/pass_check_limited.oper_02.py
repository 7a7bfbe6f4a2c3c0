"""The statements ask for no access check, but a permissions boundary or a Deny statement does."""

from tests.rules.builders_live import OWNER
from tests.rules.builders_people import CHECKED, NODES, PREFERENCES, TAGGED, allow, deny, role, staffed

UNCHECKED = allow(["ssm:StartSession"], [*NODES, PREFERENCES])
ANYTHING = allow(["ssm:*"])
B = f"arn:aws:iam::{OWNER}:policy/limit"
BOUND = [
    allow(["ssm:StartSession"], NODES, conditions={**TAGGED, **CHECKED}),
    allow(["ssm:StartSession"], [PREFERENCES], conditions=CHECKED),
]
WITHOUT_CHECK = deny(["ssm:StartSession"], conditions={"Bool": {"ssm:SessionDocumentAccessCheck": ["false"]}})

ACCOUNT = staffed(
    role(ANYTHING, name="bounded", boundary=B, boundary_statements=BOUND),  # expect: OPER-02 passed role/bounded
    role(UNCHECKED, WITHOUT_CHECK, name="denied"),  # expect: OPER-02 passed role/denied
)
