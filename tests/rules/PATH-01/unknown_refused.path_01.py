"""Private DNS leads the name of ssm to an endpoint whose security group nobody could read."""

from tests.rules.builders_paths import endpoint, path

ACCOUNT = path(
    vpc_endpoints=[endpoint("ssm")],
    security_groups=[],  # expect: PATH-01 undecided instance/i-00000000000000001
)
