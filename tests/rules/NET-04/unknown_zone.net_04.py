"""Private DNS is off, and which private hosted zones lead to the endpoint, the account does not tell."""

from tests.rules.builders_paths import endpoint, path

ACCOUNT = path(
    vpc_endpoints=[endpoint("ssm", private_dns=False)],  # expect: NET-04 undecided vpc-endpoint/vpce-ssm
)
