"""The policy of the gateway endpoint of S3 in the subnet's route table lets nothing be uploaded."""

from tests.rules.builders import statement
from tests.rules.builders_paths import endpoint, path

READING = statement(actions=["s3:GetObject"], resources=["*"], principals={"*": ["*"]})
TABLES = ["rtb-00000000000000001"]

SERVED = [endpoint("s3", kind="Gateway", route_tables=TABLES, statements=[READING])]

ACCOUNT = path(vpc_endpoints=SERVED)  # expect: PATH-01 failed high instance/i-00000000000000001
