"""A permissions boundary or a Deny statement asks for the access check on documents alone, or on some of the nodes."""

from tests.rules.builders_live import OWNER
from tests.rules.builders_people import CHECKED, NODES, PREFERENCES, TAGGED, allow, deny, role, staffed

UNCHECKED = allow(["ssm:StartSession"], [*NODES, PREFERENCES])
B = f"arn:aws:iam::{OWNER}:policy/limit"
BOUND = [
    allow(["ssm:StartSession"], [PREFERENCES], conditions=CHECKED),
    allow(["ssm:StartSession"], NODES, conditions=TAGGED),
]
FALSE = {"ssm:SessionDocumentAccessCheck": ["false"]}
ON_DOCUMENTS = deny(["ssm:StartSession"], [PREFERENCES], conditions={"Bool": FALSE})
ON_TAGGED = deny(["ssm:StartSession"], conditions={**TAGGED, "Bool": FALSE})

ACCOUNT = staffed(
    role(UNCHECKED, name="bounded", boundary=B, boundary_statements=BOUND),  # expect: OPER-02 failed low role/bounded
    role(UNCHECKED, ON_DOCUMENTS, name="documents"),  # expect: OPER-02 failed low role/documents
    role(UNCHECKED, ON_TAGGED, name="tagged"),  # expect: OPER-02 failed low role/tagged
)
