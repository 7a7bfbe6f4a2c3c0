"""There is no way out but endpoints, and they let everything through."""

from tests.rules.builders import statement
from tests.rules.builders_paths import endpoints, path, subnet

EVERYTHING = statement(actions=["*"], resources=["*"], principals={"*": ["*"]})

ACCOUNT = path(
    subnets=[subnet(None)],
    vpc_endpoints=endpoints(ssm=[EVERYTHING]),  # expect: PATH-01 passed instance/i-00000000000000001
)
