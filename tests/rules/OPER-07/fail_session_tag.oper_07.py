"""Trust policies that let whoever assumes the role set the session tag that names the OS user."""

from tests.rules.builders_live import OWNER
from tests.rules.builders_people import admitting, allow, staffed, user

TAG = "sts:TagSession"
ALEX = f"arn:aws:iam::{OWNER}:user/alex"
OTHER_TAGS = {"aws:RequestTag/Team": ["nodes"]}

ACCOUNT = staffed(
    admitting("web", "OIDC", "id.example.com", also=TAG),  # expect: OPER-07 failed medium role/web
    admitting("named", "AWS", ALEX, also=TAG, StringEquals=OTHER_TAGS),  # expect: OPER-07 failed high role/named
    admitting("account", "AWS", f"arn:aws:iam::{OWNER}:root", also=TAG),  # expect: OPER-07 failed high role/account
    users=[user(allow(["sts:AssumeRole", TAG], ["arn:aws:iam::*:role/account"]))],
    # expect: OPER-07 passed user/alex
)
