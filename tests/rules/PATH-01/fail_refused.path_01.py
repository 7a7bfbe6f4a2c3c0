"""Private DNS leads the name of ssm to an endpoint that admits nobody; the NAT gateway is of no use then."""

from tests.rules.builders_paths import endpoint, endpoint_group, path

ACCOUNT = path(
    vpc_endpoints=[endpoint("ssm")],
    security_groups=[endpoint_group(cidrs=[])],  # expect: PATH-01 failed high instance/i-00000000000000001
)
