"""The only way out is an endpoint whose policy lets no data channel be made."""

from tests.rules.builders import statement
from tests.rules.builders_paths import endpoints, path, subnet

OPENING = statement(actions=["ssmmessages:Open*"], resources=["*"], principals={"*": ["*"]})

ACCOUNT = path(
    subnets=[subnet(None)],
    vpc_endpoints=endpoints(ssmmessages=[OPENING]),  # expect: PATH-01 failed high instance/i-00000000000000001
)
