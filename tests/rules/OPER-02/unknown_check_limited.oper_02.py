"""Whether a permissions boundary or a Deny statement asks for the access check is not known."""

from tests.rules.builders_live import OWNER
from tests.rules.builders_people import NODES, PREFERENCES, allow, deny, partly, role, staffed, withheld

UNCHECKED = allow(["ssm:StartSession"], [*NODES, PREFERENCES])
B = f"arn:aws:iam::{OWNER}:policy/limit"
BOUND = [allow(["ssm:StartSession"], [*NODES, PREFERENCES], conditions=withheld())]
DENIAL = deny(["ssm:StartSession"], conditions=withheld())

ACCOUNT = staffed(
    role(UNCHECKED, name="bounded", boundary=B, boundary_statements=BOUND),  # expect: OPER-02 undecided role/bounded
    role(UNCHECKED, name="unread", boundary=B, boundary_statements=partly()),  # expect: OPER-02 undecided role/unread
    role(UNCHECKED, DENIAL, name="denied"),  # expect: OPER-02 undecided role/denied
)
