"""Deny statements, networks, a deleted principal, and one certificate keep outsiders away."""

from tests.rules.builders import statement
from tests.rules.builders_live import OWNER
from tests.rules.builders_people import staffed, trusting

OTHER, ALL = "arn:aws:iam::444455556666:root", {"AWS": ["*"]}
SUBJECT = {"aws:PrincipalTag/x509Subject/CN": ["example"]}
OFFICE = {"aws:SourceIp": ["198.51.100.0/24"]}
ORGANIZATION = {"StringNotEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}}
OUTSIDE = statement(effect="Deny", actions=["sts:*"], principals=ALL, conditions=ORGANIZATION)
NEVER = statement(effect="Deny", actions=["sts:AssumeRole"], principals={"AWS": [OTHER]})

ACCOUNT = staffed(
    trusting("members", "AWS", "*", OUTSIDE),  # expect: OPER-12 passed role/members
    trusting("denied", "AWS", OTHER, NEVER),  # expect: OPER-12 passed role/denied
    trusting("office", "AWS", OTHER, IpAddress=OFFICE),  # expect: OPER-12 passed role/office
    trusting("deleted", "AWS", "AROAEXAMPLEEXAMPLE123"),  # expect: OPER-12 passed role/deleted
    trusting(
        "certificate", "Service", "rolesanywhere.amazonaws.com", StringEquals=SUBJECT
    ),  # expect: OPER-12 passed role/certificate
    trusting(
        "saml", "Federated", f"arn:aws:iam::{OWNER}:saml-provider/own", action="sts:AssumeRoleWithSAML"
    ),  # expect: OPER-12 passed role/saml
)
