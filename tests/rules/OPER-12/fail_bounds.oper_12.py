"""Conditions that seem to keep outsiders away: MFA, session names, wide networks, wildcards in subjects."""

from tests.rules.builders_people import GITHUB, MFA, admitting, staffed

OTHER = "arn:aws:iam::444455556666:root"
SUB = f"{GITHUB}:sub"
WIDE = {"aws:SourceIp": ["0.0.0.0/0"]}
EXTERNAL = {"sts:ExternalId": ["example"]}
NAMED = {"sts:RoleSessionName": ["example"]}
ALL_ROLES = {"aws:PrincipalArn": ["arn:aws:iam::444455556666:role/*"]}

ACCOUNT = staffed(
    admitting("mfa", "AWS", "*", Bool=MFA["Bool"]),  # expect: OPER-12 failed critical role/mfa
    admitting("network", "AWS", "*", IpAddress=WIDE),  # expect: OPER-12 failed critical role/network
    admitting("session", "AWS", "*", StringEquals=NAMED),  # expect: OPER-12 failed critical role/session
    admitting("external", "AWS", "*", StringEquals=EXTERNAL),  # expect: OPER-12 failed high role/external
    admitting("if-exists", "AWS", OTHER, BoolIfExists=MFA["Bool"]),  # expect: OPER-12 failed high role/if-exists
    admitting("roles", "AWS", OTHER, ArnLike=ALL_ROLES),  # expect: OPER-12 failed high role/roles
    admitting("begin", "OIDC", GITHUB, StringLike={SUB: ["repo:exam*"]}),  # expect: OPER-12 failed critical role/begin
    admitting("end", "OIDC", GITHUB, StringLike={SUB: ["*:ref:main"]}),  # expect: OPER-12 failed critical role/end
)
