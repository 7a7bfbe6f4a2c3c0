"""Own people, another account with an external ID, an organization, one branch at GitHub, and a SAML provider."""

from tests.rules.builders_people import GITHUB, admitting, role, staffed

OTHER = "arn:aws:iam::444455556666:root"
EXTERNAL = {"sts:ExternalId": ["example"]}
ORGANIZATION = {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}
MAIN = {f"{GITHUB}:sub": ["repo:example/nodes:ref:refs/heads/main"]}
SIGN_IN = {"SAML:aud": ["https://signin.aws.amazon.com/saml"]}

ACCOUNT = staffed(
    role(),  # expect: OPER-12 passed role/operators
    admitting("partner", "AWS", OTHER, StringEquals=EXTERNAL),  # expect: OPER-12 passed role/partner
    admitting("members", "AWS", "*", StringEquals=ORGANIZATION),  # expect: OPER-12 passed role/members
    admitting("pipeline", "OIDC", GITHUB, StringLike=MAIN),  # expect: OPER-12 passed role/pipeline
    admitting("staff", "SAML", "example", StringEquals=SIGN_IN),  # expect: OPER-12 passed role/staff
)
