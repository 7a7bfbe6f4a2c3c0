"""A service control policy protects the preferences but for one role; a condition that nobody knows leaves it open."""

from tests.rules.builders_people import allow, control, deny, role, staffed

REWRITE = allow(["ssm:UpdateDocument"])
BREAK_GLASS = {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/break-glass"]}}
UNKNOWN = {"StringEquals": {"aws:PrincipalTag/team": ["nodes"]}, "ArnLike": {"aws:PrincipalArn": ["*/break-glass"]}}

ACCOUNT = staffed(
    role(REWRITE),  # expect: OPER-06 passed role/operators
    role(REWRITE, name="break-glass"),  # expect: OPER-06 undecided role/break-glass
    guardrails=[
        control("Protect", deny(["ssm:UpdateDocument"], conditions=BREAK_GLASS)),
        control("ByTag", deny(["ssm:*"], conditions=UNKNOWN)),
    ],
)
