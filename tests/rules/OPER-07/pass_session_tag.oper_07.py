"""Session tags that name one OS user, or leave it out, and an account of which nobody may tag sessions."""

from tests.rules.builders import statement
from tests.rules.builders_live import OWNER
from tests.rules.builders_people import admitting, staffed

TAG = "sts:TagSession"
ALEX = f"arn:aws:iam::{OWNER}:user/alex"
RUN_AS = "aws:RequestTag/SSMSessionRunAs"
OWN_NAME = {RUN_AS: ["${aws:username}"]}
TEAM = {"aws:TagKeys": ["Team"]}
KEYS = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["SSMSessionRunAs"]}}
NEVER = statement(effect="Deny", actions=[TAG], principals={"AWS": ["*"]}, conditions=KEYS)

ACCOUNT = staffed(
    admitting("one", "AWS", ALEX, also=TAG, StringEquals={RUN_AS: ["ops"]}),  # expect: OPER-07 passed role/one
    admitting("own", "AWS", ALEX, also=TAG, StringEquals=OWN_NAME),  # expect: OPER-07 passed role/own
    admitting("source", "AWS", ALEX, also="sts:SetSourceIdentity"),  # expect: OPER-07 passed role/source
    admitting("none", "AWS", ALEX, also=TAG, Null={RUN_AS: ["true"]}),  # expect: OPER-07 passed role/none
    admitting("denied", "AWS", ALEX, NEVER, also=TAG),  # expect: OPER-07 passed role/denied
    admitting("team", "AWS", ALEX, also=TAG, **{"ForAllValues:StringEquals": TEAM}),  # expect: OPER-07 passed role/team
    admitting("account", "AWS", f"arn:aws:iam::{OWNER}:root", also=TAG),  # expect: OPER-07 passed role/account
)
