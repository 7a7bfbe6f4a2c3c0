"""Outsiders by other ways: providers of other accounts, certificates, and bounds that another account fills itself."""

from tests.rules.builders_live import OWNER
from tests.rules.builders_people import admitting, staffed, trusting

OTHER, EXTERNAL = "arn:aws:iam::444455556666", "sts:ExternalId"
WEB, SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
WIDE = {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}
CERTIFICATES, COGNITO = "rolesanywhere.amazonaws.com", "cognito-identity.amazonaws.com"
ANCHOR = {"aws:SourceArn": [f"arn:aws:rolesanywhere:eu-west-1:{OWNER}:trust-anchor/example"]}
ORGANIZATION = {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}

ACCOUNT = staffed(
    admitting(
        "external", "AWS", f"{OTHER}:root", StringLike={EXTERNAL: ["*"]}
    ),  # expect: OPER-12 failed high role/external
    admitting("given", "AWS", f"{OTHER}:root", Null={EXTERNAL: ["false"]}),  # expect: OPER-12 failed high role/given
    admitting(
        "member", "AWS", f"{OTHER}:root", StringEqualsIfExists=ORGANIZATION
    ),  # expect: OPER-12 failed high role/member
    admitting("network", "AWS", f"{OTHER}:root", IpAddress=WIDE),  # expect: OPER-12 failed high role/network
    admitting(
        "tagged", "AWS", f"{OTHER}:root", StringEquals={"aws:PrincipalTag/team": ["x"]}
    ),  # expect: OPER-12 failed high role/tagged
    trusting("all", "AWS", f"{OTHER}:root", action="sts:*"),  # expect: OPER-12 failed high role/all
    trusting("any", "AWS", "*", action="*"),  # expect: OPER-12 failed critical role/any
    trusting("provider", "Federated", "*", action=WEB),  # expect: OPER-12 failed critical role/provider
    trusting(
        "saml", "Federated", f"{OTHER}:saml-provider/example", action=SAML
    ),  # expect: OPER-12 failed high role/saml
    trusting("some-saml", "Federated", "*", action=SAML),  # expect: OPER-12 failed high role/some-saml
    trusting("certificates", "Service", CERTIFICATES),  # expect: OPER-12 failed high role/certificates
    trusting("anchor", "Service", CERTIFICATES, ArnEquals=ANCHOR),  # expect: OPER-12 failed low role/anchor
    trusting(
        "pool", "Federated", COGNITO, action=WEB, StringLike={f"{COGNITO}:aud": ["eu-west-1:*"]}
    ),  # expect: OPER-12 failed critical role/pool
)
