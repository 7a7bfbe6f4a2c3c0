"""A trust policy that nobody may read, and a condition on a claim that nobody here knows."""

from tests.rules.builders_people import admitting, role, staffed, unread_trust

CLAIM = {"id.example.com:department": ["operations"]}

ACCOUNT = staffed(
    role(trust=unread_trust()),  # expect: OPER-12 undecided role/operators
    admitting("claims", "OIDC", "id.example.com", StringEquals=CLAIM),  # expect: OPER-12 undecided role/claims
)
