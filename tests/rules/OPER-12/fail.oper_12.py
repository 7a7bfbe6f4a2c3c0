"""Trust policies that admit everybody, another account as a whole, and every repository at GitHub."""

from tests.rules.builders_people import GITHUB, admitting, staffed

OTHER = "arn:aws:iam::444455556666"
ALONE = {f"{GITHUB}:aud": ["sts.amazonaws.com"]}

ACCOUNT = staffed(
    admitting("anyone", "AWS", "*"),  # expect: OPER-12 failed critical role/anyone
    admitting("account", "AWS", f"{OTHER}:root"),  # expect: OPER-12 failed high role/account
    admitting("partner", "AWS", f"{OTHER}:role/deploy"),  # expect: OPER-12 failed low role/partner
    admitting("github", "OIDC", GITHUB, StringEquals=ALONE),  # expect: OPER-12 failed critical role/github
    admitting(
        "organization", "OIDC", GITHUB, StringLike={f"{GITHUB}:sub": ["repo:example/*"]}
    ),  # expect: OPER-12 failed low role/organization
    admitting("staff", "OIDC", "id.example.com"),  # expect: OPER-12 failed high role/staff
)
